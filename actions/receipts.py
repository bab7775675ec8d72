"""Receipts: a short code under which an officer finds exactly what was shown, and from which catalogue.

The code is made from the answer itself, so the same answer always carries the same code, and nothing of the
person is stored with it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import unicodedata
from datetime import UTC, datetime

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from actions.tables import ReceiptRow
from motcua.reply import Reply

log = logging.getLogger(__name__)

# No letters or digits that are read for one another (0 O, 1 I L), since people read the code aloud.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 8
_REMEMBERED = 50_000


class ReceiptBook:
    """Issues receipts into the database; what was issued before is not written again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._issued: set[str] = set()

    def issue(self, reply: Reply, catalogue_version: int) -> str:
        """Gives the code of an answer and stores the answer under it.

        A database that cannot be written costs the receipt, not the answer: the code is empty then.
        """
        shown = reply.model_dump_json(exclude={"receipt"})
        code = _code(f"{catalogue_version}\0{shown}")
        if code in self._issued:
            return code
        row = ReceiptRow(
            code=code,
            catalogue_version=catalogue_version,
            procedure=reply.procedure,
            aspect=reply.aspect,
            shown=shown,
            made_at=datetime.now(UTC),
        )
        try:
            with Session(self._engine) as session, session.begin():
                if session.get(ReceiptRow, code) is None:
                    session.add(row)
        except IntegrityError:
            pass  # another process issued the same answer in the same moment
        except SQLAlchemyError as cause:
            log.error("a receipt could not be stored: %s", type(cause).__name__)
            return ""
        if len(self._issued) >= _REMEMBERED:
            self._issued.clear()
        self._issued.add(code)
        return code

    def find(self, code: str) -> tuple[int, Reply] | None:
        """Gives the catalogue version and the answer under a code, however it is typed, or None."""
        letters = "".join(c for c in unicodedata.normalize("NFKC", code).upper() if c.isalnum())
        key = f"{letters[: _LENGTH // 2]}-{letters[_LENGTH // 2 :]}"
        with Session(self._engine) as session:
            row = session.scalar(select(ReceiptRow).where(ReceiptRow.code == key))
        return (row.catalogue_version, Reply.model_validate(json.loads(row.shown))) if row else None


def _code(text: str) -> str:
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    letters = ""
    for _ in range(_LENGTH):
        number, rest = divmod(number, len(_ALPHABET))
        letters += _ALPHABET[rest]
    return f"{letters[: _LENGTH // 2]}-{letters[_LENGTH // 2 :]}"
