"""Typed values out of portal text: fees, durations and documents, each with its text beside it.

The portal's own traps are dealt with in the modules named here and nowhere else.
"""

from __future__ import annotations

from knowledge.model.channels import CHANNELS, Channel
from knowledge.model.documents import Document, read_documents
from knowledge.model.durations import Duration, Unit, read_duration
from knowledge.model.fees import Fee, read_fee, read_fees

__all__ = [
    "CHANNELS",
    "Channel",
    "Document",
    "Duration",
    "Fee",
    "Unit",
    "read_documents",
    "read_duration",
    "read_fee",
    "read_fees",
]
