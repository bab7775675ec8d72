"""The officer's side of the counter: the queue, one case with its talk, and what an officer does.

Everything works in the caller's transaction, so that a page can write its line of the audit log with it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from channels.handover import cases, telling
from channels.handover.cases import Case
from channels.handover.seal import Seal
from channels.handover.tables import Handover, HandoverMessage, HandoverNote, HandoverNotice
from channels.storage import in_utc, now
from motcua.errors import CannotSeal
from motcua.notice import Outcome
from motcua.reply import Reply

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Note:
    """What an officer noted; without a text where it was sealed under another secret."""

    officer: str
    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case, without what only a revealed page shows.

    Attributes:
        case: as it stands.
        notes: oldest first.
        newest_message: number of the newest message kept for the officer.
        on_the_way: answers that the channel has not taken yet.
        is_unreachable: whether the person could not be reached any more with the last answer.
    """

    case: Case
    notes: tuple[Note, ...]
    newest_message: int
    on_the_way: int
    is_unreachable: bool


@dataclass(frozen=True, slots=True)
class Revealed:
    """What was sealed.

    Attributes:
        messages: what the person wrote to the officer, by message id.
        number: the telephone number, or "".
    """

    messages: dict[str, str]
    number: str


class Counter:
    """Where officers work."""

    def __init__(self, seal: Seal, patience: timedelta) -> None:
        """Takes the seal, and how long an officer may let a person wait."""
        self._seal, self._patience = seal, patience

    def queue(self, connection: Connection) -> list[Case]:
        """Lists the cases that wait, in their order."""
        return cases.listed(connection, Handover.state == "waiting")

    def theirs(self, connection: Connection) -> list[Case]:
        """Lists the cases that officers have, the one that is due first coming first."""
        taken = cases.listed(connection, Handover.state == "taken")
        return sorted(taken, key=lambda case: (case.answer_due is None, case.answer_due or case.waiting_since))

    def to_call(self, connection: Connection) -> list[Case]:
        """Lists the open cases whose person left a number, in their order."""
        return cases.listed(connection, Handover.ended_at.is_(None), Handover.contact == "given")

    def waiting(self, connection: Connection) -> int:
        """Counts the cases that wait."""
        return connection.scalar(select(func.count()).where(Handover.state == "waiting")) or 0

    def view(self, connection: Connection, case_id: str) -> CaseView:
        """Gives one case.

        Raises:
            CaseUnknown: there is none of that id.
        """
        case = cases.case_of(connection, case_id)
        written = select(HandoverNote).where(HandoverNote.handover == case_id).order_by(HandoverNote.number)
        sent = select(HandoverNotice.outcome).where(HandoverNotice.handover == case_id).order_by(HandoverNotice.number)
        outcomes = list(connection.scalars(sent))
        return CaseView(
            case=case,
            notes=tuple(
                Note(row.officer, self._open(row.sealed), in_utc(row.written_at)) for row in connection.execute(written)
            ),
            newest_message=cases.newest_message(connection, case_id),
            on_the_way=outcomes.count(""),
            is_unreachable=bool(outcomes) and outcomes[-1] == Outcome.UNREACHABLE.value,
        )

    def reveal(self, connection: Connection, case_id: str) -> Revealed:
        """Opens what is sealed of an open case. Whoever calls writes down who and why, in the same transaction.

        What was sealed under another secret is left out.

        Raises:
            CaseUnknown: there is none of that id.
        """
        case = cases.case_of(connection, case_id)
        kept = select(HandoverMessage.message_id, HandoverMessage.sealed).where(HandoverMessage.handover == case_id)
        opened = {row.message_id: self._open(row.sealed) for row in connection.execute(kept)}
        number = self._open(case.contact_sealed) if case.contact_sealed else ""
        return Revealed({message: text for message, text in opened.items() if text}, number)

    def take(self, connection: Connection, case_id: str, officer: str) -> None:
        """Takes a waiting case; see `cases.take`."""
        cases.take(connection, case_id, officer, now(), self._patience, telling.taken())

    def say(self, connection: Connection, case_id: str, officer: str, text: str, token: str) -> None:
        """Puts the officer's words on their way; see `cases.answer`."""
        cases.answer(connection, case_id, officer, telling.from_officer(text), token, now())

    def pass_on(self, connection: Connection, case_id: str, officer: str, reply: Reply, token: str) -> None:
        """Puts an answer of the bot on its way, as the officer's; see `cases.answer`."""
        cases.answer(connection, case_id, officer, reply, token, now())

    def note(self, connection: Connection, case_id: str, officer: str, text: str) -> None:
        """Keeps a note; see `cases.note`."""
        cases.note(connection, case_id, officer, self._seal.close(text), now())

    def hand_back(self, connection: Connection, case_id: str, officer: str, seen: int | None = None) -> None:
        """Gives the conversation back to the bot; see `cases.finish`."""
        cases.finish(connection, case_id, officer, "handed_back", now(), telling.handed_back(), seen)

    def close(self, connection: Connection, case_id: str, officer: str, seen: int | None = None) -> None:
        """Closes a case; see `cases.finish`."""
        cases.finish(connection, case_id, officer, "closed", now(), telling.closed(), seen)

    def _open(self, sealed: str) -> str:
        try:
            return self._seal.open(sealed)
        except CannotSeal as cause:
            logger.error("%s", cause)
            return ""
