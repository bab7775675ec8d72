"""Curated records and vocabulary files from disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from pydantic import ValidationError

from knowledge.errors import BadCuratedRecord
from knowledge.model import CuratedRecord, Words

HERE = Path(__file__).resolve().parent.parent
STARTER = HERE / "procedures"
"""Curated records that come with the project."""
VOCABULARY = HERE / "vocabulary"
"""People's words that come with the project, a file per field."""


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """libyaml where there is one: ten times faster on the vocabulary."""


def _load(path: Path) -> object:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_FastLoader)
    except OSError as cause:
        raise BadCuratedRecord(f"{path.name}: cannot be read: {cause.strerror}") from cause
    except (yaml.YAMLError, UnicodeDecodeError) as cause:
        raise BadCuratedRecord(f"{path.name}: not readable YAML: {str(cause).splitlines()[0]}") from cause


def _reason(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def read_curated(path: Path) -> CuratedRecord:
    """Reads one curated file.

    Raises:
        BadCuratedRecord: unreadable, breaking the model, or named otherwise than its code.
    """
    try:
        record = CuratedRecord.model_validate(_load(path))
    except ValidationError as cause:
        raise BadCuratedRecord(f"{path.name}: {_reason(cause)}") from cause
    if record.code != path.stem:
        raise BadCuratedRecord(f"{path.name}: holds the code {record.code}")
    return record


def read_curated_folder(folder: Path = STARTER) -> Iterator[CuratedRecord]:
    """Reads every `<field>/<code>.yaml` below a folder, in order of code.

    Raises:
        BadCuratedRecord: at the first file that cannot be used, or at a code that comes twice.
    """
    seen: dict[str, Path] = {}
    for path in sorted(folder.glob("*/*.yaml"), key=lambda p: (p.stem, p.parent.name)):
        if path.stem in seen:
            raise BadCuratedRecord(f"{path.name}: stands in {seen[path.stem].parent.name} already")
        seen[path.stem] = path
        yield read_curated(path)


def read_vocabulary_folder(folder: Path = VOCABULARY) -> Iterator[Words]:
    """Reads every `<field>.yaml`: a mapping of `field` and `procedures`, a list of `Words` without the field.

    Raises:
        BadCuratedRecord: at the first file or entry that cannot be used, or at a code that comes twice.
    """
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        document = _load(path)
        if not isinstance(document, dict) or not isinstance(document.get("procedures"), list):
            raise BadCuratedRecord(f"{path.name}: needs the keys 'field' and 'procedures'")
        for entry in document["procedures"]:
            words = _words(path, document, entry)
            if words.code in seen:
                raise BadCuratedRecord(f"{path.name}: {words.code} stands in {seen[words.code]} already")
            seen[words.code] = path.name
            yield words


def _words(path: Path, document: Mapping[str, object], entry: object) -> Words:
    if not isinstance(entry, dict):
        raise BadCuratedRecord(f"{path.name}: an entry is not a mapping")
    try:
        return Words.model_validate({"field": document.get("field", ""), **entry})
    except ValidationError as cause:
        raise BadCuratedRecord(f"{path.name}: {entry.get('code', '')} {_reason(cause)}") from cause
