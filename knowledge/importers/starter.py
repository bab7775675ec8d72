"""The starter catalogue: curated records and vocabulary that come with the project."""

from __future__ import annotations

from pathlib import Path

from knowledge.curation import read_curated_folder, read_vocabulary_folder
from knowledge.curation.reading import STARTER, VOCABULARY
from knowledge.model import CuratedRecord, Words
from knowledge.store import Catalogue, Change


def load_starter(catalogue: Catalogue, records: Path = STARTER, vocabulary: Path = VOCABULARY) -> Change:
    """Writes the starter catalogue into the store; what staff changed since is left alone.

    Raises:
        BadCuratedRecord: a file breaks the rules; nothing has gone in.
        StoreUnavailable: the database cannot be written.
    """
    everything: list[CuratedRecord | Words] = [
        *read_curated_folder(records),
        *read_vocabulary_folder(vocabulary),
    ]
    return catalogue.write(everything, origin="starter", reason="starter catalogue", withdraw_missing=True)
