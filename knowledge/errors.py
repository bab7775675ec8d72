"""What can go wrong with knowledge.

KnowledgeError
├── CatalogueError
│   ├── BadRecord             a line or file that is no procedure record
│   ├── StoreUnavailable      the database cannot be reached, read or written
│   └── UnknownProcedure      no procedure of that code
├── CurationError
│   └── BadCuratedRecord      a curated YAML file breaks the rules of its model
└── IndexError_
    ├── IndexMissing          nothing has been built yet
    └── IndexCorrupt          files missing, altered or of another version
"""

from __future__ import annotations


class KnowledgeError(Exception):
    """Root of the room's errors; the message is one line that an operator can act on."""


class CatalogueError(KnowledgeError):
    """The catalogue cannot do what was asked."""


class BadRecord(CatalogueError):
    """A record cannot be read as a procedure.

    Attributes:
        line: number of the line it stands on, from 1, or 0 when it is a file of its own.
        reason: what is wrong with it.
    """

    def __init__(self, reason: str, line: int = 0) -> None:
        self.line, self.reason = line, reason
        super().__init__(f"line {line}: {reason}" if line else reason)


class StoreUnavailable(CatalogueError):
    """The database cannot be reached, read or written."""


class UnknownProcedure(CatalogueError):
    """No procedure has that code."""


class CurationError(KnowledgeError):
    """Curated knowledge cannot be used."""


class BadCuratedRecord(CurationError):
    """A curated file breaks the rules of its model."""


class IndexError_(KnowledgeError):
    """The search index cannot be used."""


class IndexMissing(IndexError_):
    """No index has been built."""


class IndexCorrupt(IndexError_):
    """Index files are missing, altered or of another version."""
