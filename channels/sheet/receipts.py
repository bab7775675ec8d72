"""What was told under a receipt.

The actions server writes the table; the gateway reads the columns named here and no others.
"""

from __future__ import annotations

import itertools
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import Connection, DateTime, String, Text, column, select, table

from channels.errors import NotFound
from channels.storage import Storage, in_utc
from motcua.reply import Reply

_RECEIPT = table("receipt", column("code", String), column("shown", Text), column("made_at", DateTime(timezone=True)))
_ALPHABET = frozenset("23456789ABCDEFGHJKMNPQRSTUVWXYZ")
_LENGTH = 8
# No code holds these; whoever typed one misread a letter that looks like it.
_MISREAD = {"0": "DQ", "O": "DQ", "1": "7J", "I": "7J", "L": "7J"}
_MOST_MISREAD = 3


@dataclass(frozen=True)
class Kept:
    """An answer under its receipt."""

    receipt: str
    made_at: datetime
    reply: Reply


def read_codes(typed: str) -> tuple[str, ...]:
    """Gives the codes that somebody can have meant, however they typed one; none when it cannot be a code.

    Capitals, blanks and dashes do not count; a letter that no code holds stands for those it is read for.
    """
    letters = [c for c in unicodedata.normalize("NFKC", typed[:200]).upper() if c.isalnum()]
    if len(letters) != _LENGTH or sum(c in _MISREAD for c in letters) > _MOST_MISREAD:
        return ()
    if not all(c in _ALPHABET or c in _MISREAD for c in letters):
        return ()
    meant = itertools.product(*(_MISREAD.get(c, c) for c in letters))
    half = _LENGTH // 2
    return tuple(f"{code[:half]}-{code[half:]}" for code in map("".join, meant))


class KeptAnswers:
    """Finds answers by their receipts."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def find(self, typed: str) -> Kept:
        """Gives the answer under a receipt.

        Raises:
            NotFound: no answer to print has this receipt.
            StorageUnavailable: the database cannot be read.
        """
        codes = read_codes(typed)
        if not codes:
            raise NotFound

        def look(connection: Connection) -> Kept:
            rows = connection.execute(select(_RECEIPT).where(_RECEIPT.c.code.in_(codes))).all()
            if len(rows) != 1:
                raise NotFound
            row = rows[0]
            try:
                reply = Reply.model_validate_json(row.shown)
            except ValidationError:
                raise NotFound from None  # of a version whose answers read otherwise
            if reply.kind != "answer":
                raise NotFound
            return Kept(row.code, in_utc(row.made_at), reply)

        return await self._storage.run(look)
