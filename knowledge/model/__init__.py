"""The procedure: portal record, curated record, and the typed values read out of them. Imports no room."""

from knowledge.model.curated import (
    CuratedDocument,
    CuratedDuration,
    CuratedFee,
    CuratedRecord,
    Neighbour,
    Words,
)
from knowledge.model.portal import PortalRecord
from knowledge.model.procedure import Procedure
from knowledge.model.values import Document, Duration, Fee, read_documents, read_duration, read_fee

__all__ = [
    "CuratedDocument",
    "CuratedDuration",
    "CuratedFee",
    "CuratedRecord",
    "Document",
    "Duration",
    "Fee",
    "Neighbour",
    "PortalRecord",
    "Procedure",
    "Words",
    "read_documents",
    "read_duration",
    "read_fee",
]
