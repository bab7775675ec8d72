"""Curated knowledge: reading the YAML files of staff and proving their figures; counting what there is.

Imports `knowledge.model`; `stats` also `knowledge.store`.
"""

from knowledge.curation.check import Difference, check_record, check_references
from knowledge.curation.check_words import check_words
from knowledge.curation.reading import read_curated, read_curated_folder, read_vocabulary_folder

__all__ = [
    "Difference",
    "check_record",
    "check_references",
    "check_words",
    "read_curated",
    "read_curated_folder",
    "read_vocabulary_folder",
]
