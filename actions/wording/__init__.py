"""Everything said to a person, as YAML; `say` fills the places in. Imports nothing of the other rooms."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

from actions.errors import WordingMissing

_HERE = Path(__file__).parent


@lru_cache(maxsize=1)
def sentences() -> dict[str, str]:
    """Gives every sentence by its key: file name, then the keys inside, joined by dots."""
    found: dict[str, str] = {}

    def walk(prefix: str, node: object) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if not isinstance(key, str):
                    raise WordingMissing(f"wording {prefix}: the key {key!r} must be quoted")
                walk(f"{prefix}.{key}", value)
        else:
            found[prefix] = str(node).strip()

    for path in sorted(_HERE.glob("*.yaml")):
        walk(path.stem, yaml.safe_load(path.read_text(encoding="utf-8")))
    return found


def say(key: str, **values: object) -> str:
    """Gives a sentence with its places filled.

    Raises:
        WordingMissing: no such sentence, or a place has no value.
    """
    try:
        # A value that was cut ends in "…", and needs no stop behind it.
        return sentences()[key].format(**values).replace("….", "…")
    except KeyError as cause:
        raise WordingMissing(f"wording {key}: {cause} is missing") from cause


def say_with_places(key: str) -> str:
    """Gives a sentence that names addresses and numbers of `places.yaml`, and nothing else."""
    places = {
        name.removeprefix("places."): text for name, text in sentences().items() if name.startswith("places.")
    }
    return say(key, **places)
