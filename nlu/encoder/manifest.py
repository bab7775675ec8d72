"""What an encoder folder must contain, and whether it does.

`manifest.json` lists every file with size and checksum, and what the run time needs to know about the model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nlu.errors import EncoderCorrupt, EncoderMissing

MANIFEST = "manifest.json"
RUNTIME_MODEL = "runtime/model.onnx"
TOKENIZER = "tokenizer.json"
PROMPTS = "config_sentence_transformers.json"

# Raised whenever the same source would give another folder, so that old folders are built anew.
RECIPE = 1
REMEDY = "run `motcua encoder build`"


@dataclass(frozen=True)
class FileRecord:
    """Size in bytes and SHA-256 of one file."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The contents of `manifest.json`.

    Attributes:
        source_sha256: checksum of the model file the folder was built from.
        dtype: how the sentence-transformers weights are stored; the run-time model is always in 4 bits.
        dimension: length of a vector.
        max_tokens: the longest text the model can read.
        files: by path relative to the folder, with forward slashes.
    """

    recipe: int
    source: str
    source_sha256: str
    dtype: str
    all_scripts: bool
    dimension: int
    max_tokens: int
    files: dict[str, FileRecord]

    def write(self, folder: Path) -> None:
        """Write it into the folder, byte-identical for equal contents."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=2, sort_keys=True)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def is_encoder_folder(folder: Path) -> bool:
    """Whether the folder was made by this package (says nothing of its health)."""
    return (folder / MANIFEST).is_file()


def read_manifest(folder: Path) -> Manifest:
    """Read `manifest.json`.

    Raises:
        EncoderMissing: there is no such folder, or no manifest in it.
        EncoderCorrupt: the manifest cannot be understood.
    """
    try:
        values: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = {path: FileRecord(**record) for path, record in values.pop("files").items()}
        return Manifest(**values, files=files)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise EncoderMissing(f"no encoder in {folder}: {REMEDY}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EncoderCorrupt(f"encoder in {folder}: {MANIFEST} cannot be read: {REMEDY}") from error


def verify(folder: Path, *, full: bool = True) -> Manifest:
    """Check the folder against its manifest.

    Args:
        full: compare checksums (about a second); otherwise only presence and sizes.

    Raises:
        EncoderMissing: there is no encoder folder.
        EncoderCorrupt: a file is missing or differs, or the folder is of an older recipe.
    """
    manifest = read_manifest(folder)
    if manifest.recipe != RECIPE:
        raise EncoderCorrupt(f"encoder in {folder} was built by another version: {REMEDY}")
    for path, record in manifest.files.items():
        fault = _fault(folder / path, record, full)
        if fault:
            raise EncoderCorrupt(f"encoder in {folder}: {path} {fault}: {REMEDY}")
    return manifest


def record_files(folder: Path, paths: Iterable[Path]) -> dict[str, FileRecord]:
    """Size and checksum of each file, by its path relative to the folder."""
    return {
        path.relative_to(folder).as_posix(): FileRecord(path.stat().st_size, file_sha256(path))
        for path in sorted(paths)
    }


def file_sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _fault(path: Path, record: FileRecord, full: bool) -> str | None:
    try:
        size = path.stat().st_size
        if size != record.size:
            return f"has {size} bytes instead of {record.size}"
        if full and file_sha256(path) != record.sha256:
            return "has the wrong checksum"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return None
