"""Trains the bot, unless the model of exactly these files is there already.

    bot/.venv/bin/python bot/train.py [--models var/models] [--force]

Run from the root of the project. The last line of the output is the path of the model; its name is the
hash of everything that goes into it. Exit code 0 trained or found, 1 not trained, 2 used wrongly.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (
    "bot/config.yml",
    "bot/domain.yml",
    "bot/data/*.yml",
    "bot/phrases.py",
    "bot/requirements.lock",
    "nlu/asking/*.py",
    "nlu/asking/*.yaml",
    "nlu/data/*.yml",
    "nlu/data/*.yaml",
    "nlu/rasa/*.py",
    "nlu/text/*.py",
    "nlu/text/*.yaml",
)


def sources(root: Path = ROOT) -> list[Path]:
    """Lists the files that decide what the model is, in a fixed order."""
    return sorted({path for pattern in SOURCES for path in root.glob(pattern)})


def content_hash(root: Path = ROOT) -> str:
    """Gives the hash of names and contents of all sources, 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in sources(root):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def model_path(folder: Path, root: Path = ROOT) -> Path:
    """Gives where the model of the present sources stands or will stand."""
    return folder / f"{content_hash(root)}.tar.gz"


def train(folder: Path, force: bool = False) -> Path:
    """Trains into a folder; does nothing when the model is there.

    Raises:
        OSError: when the folder cannot be written.
        RuntimeError: when Rasa trained no model.
    """
    path = model_path(folder)
    if path.exists() and not force:
        _say("model is up to date")
        return path
    folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    _say("loading Rasa")
    with _importing(), tempfile.TemporaryDirectory(prefix=".training-", dir=folder) as scratch:
        from bot.quiet import quiet

        quiet()
        import rasa.model_training

        _say("training intents and rules")
        with contextlib.redirect_stdout(sys.stderr):
            result = rasa.model_training.train(
                domain=str(ROOT / "bot/domain.yml"),
                config=str(ROOT / "bot/config.yml"),
                training_files=[str(ROOT / "nlu/data"), str(ROOT / "bot/data")],
                output=scratch,
                fixed_model_name=path.name,
                force_training=True,
            )
        if result.model is None or not Path(result.model).exists():
            raise RuntimeError("Rasa trained no model")
        # Same file system, so the model appears whole or not at all.
        os.replace(result.model, path)
    _say(f"trained in {time.monotonic() - started:.0f} s, {path.stat().st_size / 1e6:.1f} MB")
    return path


def _say(line: str) -> None:
    print(f"bot: {line}", flush=True)


@contextlib.contextmanager
def _importing() -> Iterator[None]:
    """Lets Rasa import `nlu` and `bot`, which config.yml names, and keeps its cache out of the home."""
    sys.path.insert(0, str(ROOT))
    cache = tempfile.mkdtemp(prefix="motcua-rasa-")
    os.environ["RASA_CACHE_DIRECTORY"] = cache
    try:
        yield
    finally:
        sys.path.remove(str(ROOT))
        shutil.rmtree(cache, ignore_errors=True)


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line."""
    parser = argparse.ArgumentParser(prog="bot/train.py", description="Train the bot's model, once per content.")
    parser.add_argument("--models", type=Path, default=ROOT / "var/models", help="folder of the models")
    parser.add_argument("--force", action="store_true", help="train even when the model is there")
    options = parser.parse_args(arguments)
    try:
        path = train(options.models, options.force)
    except (OSError, RuntimeError) as error:
        print(f"bot: not trained: {error}", file=sys.stderr)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
