"""The interchange format: one portal record a line of JSON, gzipped or not."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from knowledge.errors import BadRecord
from knowledge.importers.json_text import parse_json
from knowledge.model import PortalRecord

Progress = Callable[[int, int], None]
"""Called with bytes read and bytes in all."""

_GZIP = b"\x1f\x8b"


def why_not(error: ValidationError) -> str:
    """Gives the first reason of a validation error in one line."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else str(first["msg"])


def read_interchange(path: Path, progress: Progress | None = None) -> Iterator[PortalRecord | BadRecord]:
    """Reads a file line by line; a broken line comes out as a `BadRecord` and reading goes on.

    A code that comes twice stands as it came first; the second line is broken.

    Raises:
        BadRecord: the file cannot be opened, holds no line, or the compressed stream breaks off (what came
            before is given).
    """
    try:
        size = path.stat().st_size
        raw = path.open("rb")
    except OSError as cause:
        raise BadRecord(f"{path.name} cannot be opened: {cause.strerror}") from cause
    first_line: dict[str, int] = {}
    empty = True
    with raw:
        for number, line in _lines(raw):
            if line.strip():
                empty = False
                record = _read_line(line, number)
                if isinstance(record, PortalRecord):
                    before = first_line.setdefault(record.code, number)
                    if before != number:
                        record = BadRecord(f"{record.code} stands on line {before} already", number)
                yield record
            if progress:
                progress(raw.tell(), size)
    if empty:
        raise BadRecord(f"{path.name} holds no record")


def _lines(raw: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    start = raw.read(len(_GZIP))
    raw.seek(0)
    stream: IO[bytes] | gzip.GzipFile = gzip.GzipFile(fileobj=raw) if start == _GZIP else raw
    number = 0
    while True:
        try:
            line = stream.readline()
        except (OSError, EOFError, zlib.error) as cause:
            raise BadRecord(f"the file breaks off after line {number}: {cause}") from cause
        if not line:
            return
        number += 1
        yield number, line


def _read_line(line: bytes, number: int) -> PortalRecord | BadRecord:
    try:
        content = parse_json(line)
        if not isinstance(content, dict):
            raise BadRecord("is not a JSON object")
        return PortalRecord.model_validate(content)
    except BadRecord as cause:
        return BadRecord(cause.reason, number)
    except ValidationError as cause:
        return BadRecord(why_not(cause), number)


def write_interchange(records: Iterable[PortalRecord], path: Path) -> int:
    """Writes records as interchange lines (gzipped when the name ends in .gz); gives how many.

    The file appears under its name only when it is whole; equal records give equal bytes.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as raw:
            if path.suffix == ".gz":
                with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as packed:
                    count = _write_lines(records, packed)
            else:
                count = _write_lines(records, raw)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _write_lines(records: Iterable[PortalRecord], out: IO[bytes] | gzip.GzipFile) -> int:
    count = 0
    for record in records:
        out.write(json.dumps(record.interchange(), ensure_ascii=False).encode() + b"\n")
        count += 1
    return count
