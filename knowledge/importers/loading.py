"""Importing: a source of portal records into the catalogue, with a report of what happened."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.errors import BadRecord
from knowledge.importers.interchange import Progress, read_interchange
from knowledge.importers.portal_api import read_portal_json
from knowledge.model import PortalRecord
from knowledge.store import Catalogue, Change


@dataclass
class ImportReport:
    """What an import did: `broken` holds every record that stayed outside, with its line and reason."""

    change: Change = field(default_factory=lambda: Change(0))
    broken: list[BadRecord] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether everything went in."""
        return not self.broken


def read_source(path: Path, progress: Progress | None = None) -> Iterator[PortalRecord | BadRecord]:
    """Reads portal records from an interchange file, a portal JSON file, or a folder of such files.

    Raises:
        BadRecord: there is nothing at that path, or it cannot be opened.
    """
    if path.is_dir() or (path.suffix == ".json" and not _is_interchange(path)):
        yield from read_portal_json(path, progress)
    else:
        yield from read_interchange(path, progress)


def _is_interchange(path: Path) -> bool:
    try:
        with path.open("rb") as raw:
            first = json.loads(raw.readline())
    except (OSError, ValueError, RecursionError):
        return False
    # A whole portal answer may stand on one line too; only interchange records have these two.
    return isinstance(first, dict) and "methods" in first and "steps" in first


def import_portal_records(
    catalogue: Catalogue, records: Iterable[PortalRecord | BadRecord], reason: str
) -> ImportReport:
    """Writes what can be written and reports the rest.

    A code that comes twice goes in once: the first stands, the second is reported.

    Raises:
        StoreUnavailable: the database cannot be written; nothing has gone in.
    """
    report = ImportReport()
    seen: set[str] = set()

    def good() -> Iterator[PortalRecord]:
        try:
            for record in records:
                if isinstance(record, BadRecord):
                    report.broken.append(record)
                elif record.code in seen:
                    report.broken.append(BadRecord(f"{record.code} came before; the first one stands"))
                else:
                    seen.add(record.code)
                    yield record
        except BadRecord as cause:
            report.broken.append(cause)

    report.change = catalogue.write(good(), origin="portal", reason=reason)
    return report
