"""The demo's dossiers: what can be asked for in an assistant that no real dossiers have been imported into."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import yaml
from sqlalchemy import Engine

from actions.dossiers.importing import ImportReport, write_dossiers
from actions.dossiers.keys import KeyBook
from actions.dossiers.model import Dossier
from actions.dossiers.reading import RecordReader

_FILE = Path(__file__).with_name("sample.yaml")


def sample_dossiers(keys: KeyBook, now: datetime) -> list[Dossier]:
    """Gives the demo's dossiers as known at a time."""
    reader = RecordReader(keys)
    return [reader.read(record, as_of=now) for record in yaml.safe_load(_FILE.read_text(encoding="utf-8"))]


def load_samples(engine: Engine, keys: KeyBook) -> int:
    """Writes the demo's dossiers into the table; gives how many are new. An import of real ones takes them out again.

    Raises:
        SourceDown: the database cannot be written.
    """
    now = datetime.now(UTC)
    told = ImportReport(_FILE.name, now)
    write_dossiers(engine, enumerate(sample_dossiers(keys, now), 1), told, origin="sample")
    return told.new
