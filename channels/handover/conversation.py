"""The gateway's side of a case: what a message means while one is open, and what the bot's signals set going.

Everything works in the transaction in which the message or its answer is kept, so that a message is either kept with
what it set going, or was never taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels.handover import cases, telling
from channels.handover.cases import Case, Conversation, Reason
from channels.handover.contact import read_contact
from channels.handover.hours import read_timetable
from channels.handover.reports import report_last_answer
from channels.handover.seal import Seal
from channels.rasa_client import Answer, EraseSignal, HandoverSignal, ReportSignal
from motcua.reply import Reply
from motcua.working_days import WorkingDays

DECLINED = "say:deny"
"""The payload of the choice by which no number is left."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person wrote or tapped.

    Attributes:
        message_id: of the message as it is kept.
        text: as written, unmasked.
        payload: of a tapped choice, or empty.
    """

    message_id: str
    text: str
    payload: str


@dataclass(frozen=True, slots=True)
class Heeded:
    """What is answered in the end.

    Attributes:
        replies: for the person; never none.
        erases: whether everything of the conversation is to be deleted.
    """

    replies: list[Reply]
    erases: bool = False


class Handovers:
    """Stands between the inbox and the cases."""

    def __init__(
        self,
        seal: Seal,
        calendar: WorkingDays,
        patience: timedelta,
        keep_days: int,
        has_officers: Callable[[Connection], bool],
    ) -> None:
        """Takes what it works with.

        Args:
            seal: hides what only an officer may read.
            calendar: days off and make-up working days.
            patience: how long an officer may let a person wait.
            keep_days: days after which what is kept of a case is deleted at the latest.
            has_officers: says whether anybody could take a case; where nobody can, none is made.
        """
        self._seal, self._calendar, self._patience, self._keep_days = seal, calendar, patience, keep_days
        self._has_officers = has_officers

    def hear(self, connection: Connection, conversation: Conversation, said: Said, now: datetime) -> list[Reply] | None:
        """Takes a message that is not for the bot.

        Returns:
            What is answered: nothing where an officer has the case and will answer. None: the bot is to be asked.
        """
        case = cases.open_case_of(connection, conversation)
        if case is None:
            return None
        if case.state == "taken":
            sealed = self._seal.close(said.text)
            if cases.hear(connection, case, said.message_id, sealed, now, self._patience):
                return []
            return None  # handed back in this very moment
        return self._hear_contact(connection, case, said, now) if case.contact == "asked" else None

    def heed(
        self, connection: Connection, conversation: Conversation, message_id: str, answer: Answer, now: datetime
    ) -> Heeded:
        """Does what the bot's signals ask for, and gives what is answered.

        A hand-over replaces the bot's own plain sentence about it. Whatever else is asked for is dropped where
        everything is to be deleted.
        """
        replies = list(answer.replies)
        if any(isinstance(signal, EraseSignal) for signal in answer.signals):
            return Heeded(replies or [telling.erased()], erases=True)
        for signal in answer.signals:
            if isinstance(signal, HandoverSignal):
                if not self._has_officers(connection):
                    # The bot's own sentence says where people are met in person.
                    replies = replies or [telling.nobody()]
                    continue
                replies = [reply for reply in replies if reply.kind != "handoff"]
                replies.append(self._begin(connection, conversation, signal.reason, now))
            elif isinstance(signal, ReportSignal):
                report_last_answer(connection, conversation.id, message_id, now)
                replies = replies or [telling.reported()]
        return Heeded(replies)

    def _begin(self, connection: Connection, conversation: Conversation, reason: Reason, now: datetime) -> Reply:
        table = read_timetable(connection, self._calendar)
        is_open = table.is_open(now)
        case, is_new = cases.begin(connection, conversation, reason, now, ask_contact=not is_open)
        if case.state == "taken":
            return telling.taken()
        if is_open:
            return telling.opened(reason, cases.ahead_of(connection, case), is_new=is_new)
        has_number = case.contact == "given"
        return telling.opened_out_of_hours(reason, table, now, self._keep_days, is_new=is_new, has_number=has_number)

    def _hear_contact(self, connection: Connection, case: Case, said: Said, now: datetime) -> list[Reply] | None:
        answer = read_contact(said.text)
        if said.payload == DECLINED or answer.declines:
            cases.settle_contact(connection, case, "declined", now)
            return [telling.number_declined()]
        if answer.number:
            cases.settle_contact(connection, case, "given", now, self._seal.close(answer.number))
            return [telling.number_taken(answer.number)]
        if answer.is_broken:
            return [telling.number_broken()]
        if answer.agrees:
            return [telling.number_agreed()]
        # Something else: a number in a later message is no consent any more.
        cases.settle_contact(connection, case, "", now)
        return None
