"""A case from state to state: waiting → taken → handed back or closed; taken → waiting when nobody answers.

Every function works on the caller's transaction. A step is one statement that names the state it starts from, so that
of two who come at once one changes the row and the other is told. What the person is to be told is written beside it
and given to the channel later (`channels.handover.keeper`): a crash in between loses neither.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from channels.handover.errors import CaseMoved, CaseUnknown, UnreadMessage
from channels.handover.tables import Handover, HandoverMessage, HandoverNote, HandoverNotice
from channels.rows import insert_unless_there
from channels.storage import in_utc
from motcua.reply import Reply

State = Literal["waiting", "taken", "handed_back", "closed"]
Reason = Literal["asked", "failed", "complaint"]
Contact = Literal["", "asked", "given", "declined"]

_OPEN = Handover.ended_at.is_(None)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where a person talks to us.

    Attributes:
        channel: name of the channel, such as "web".
        person: account in the channel, as its `NoticeChannel` knows it.
        id: of the conversation; on the web person and conversation are the session.
    """

    channel: str
    person: str = field(repr=False)
    id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stands; the telephone number is sealed."""

    id: str
    conversation: Conversation
    reason: str
    state: str
    waiting_since: datetime
    officer: str
    answer_due: datetime | None
    ended_at: datetime | None
    contact: str
    contact_sealed: str = field(repr=False)
    contact_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is neither handed back nor closed."""
        return self.ended_at is None


def open_case_of(connection: Connection, conversation: Conversation) -> Case | None:
    """Gives the open case of a conversation, or None."""
    row = connection.execute(_cases().where(_of(conversation), _OPEN)).one_or_none()
    return _case(row) if row else None


def case_of(connection: Connection, case_id: str) -> Case:
    """Gives a case.

    Raises:
        CaseUnknown: there is none of that id.
    """
    row = connection.execute(_cases().where(Handover.id == case_id)).one_or_none()
    if row is None:
        raise CaseUnknown
    return _case(row)


def listed(connection: Connection, *which: ColumnElement[bool]) -> list[Case]:
    """Lists cases, those that have waited longest first."""
    asked = _cases().where(*which).order_by(Handover.waiting_since, Handover.id)
    return [_case(row) for row in connection.execute(asked)]


def begin(
    connection: Connection, conversation: Conversation, reason: Reason, now: datetime, *, ask_contact: bool
) -> tuple[Case, bool]:
    """Puts a conversation into the queue, unless it has an open case.

    Args:
        connection: the caller's transaction.
        conversation: whose.
        reason: why.
        now: the time.
        ask_contact: whether the person is being asked for a telephone number with the same answer.

    Returns:
        The open case, and whether it is new.
    """
    new = {
        "id": secrets.token_hex(16),
        "channel": conversation.channel,
        "person": conversation.person,
        "conversation": conversation.id,
        "reason": reason,
        "state": "waiting",
        "waiting_since": now,
        "officer": "",
        "contact": "asked" if ask_contact else "",
        "contact_sealed": "",
    }
    is_new = insert_unless_there(connection, Handover, new)
    case = open_case_of(connection, conversation)
    while case is None:  # the one that was there ended between the two statements
        is_new = insert_unless_there(connection, Handover, new)
        case = open_case_of(connection, conversation)
    if ask_contact and case.state == "waiting":
        _ask_contact(connection, case.id)
    return case, is_new


def ahead_of(connection: Connection, case: Case) -> int:
    """Counts the cases that wait since before this one."""
    earlier = or_(
        Handover.waiting_since < case.waiting_since,
        and_(Handover.waiting_since == case.waiting_since, Handover.id < case.id),
    )
    return connection.scalar(select(func.count()).where(Handover.state == "waiting", earlier)) or 0


def settle_contact(connection: Connection, case: Case, contact: Contact, now: datetime, sealed: str = "") -> None:
    """Notes how the person answered the question for a number, if it is still being asked."""
    asked = (Handover.id == case.id) & (Handover.contact == "asked") & _OPEN
    values = {"contact": contact, "contact_sealed": sealed, "contact_at": now if sealed else None}
    connection.execute(update(Handover).where(asked).values(values))


def hear(connection: Connection, case: Case, message_id: str, sealed: str, now: datetime, patience: timedelta) -> bool:
    """Keeps a message for the officer who has the case; False when nobody has it any more."""
    taken = update(Handover).where(Handover.id == case.id, Handover.state == "taken")
    due = func.coalesce(Handover.answer_due, now + patience)
    if not connection.execute(taken.values(answer_due=due)).rowcount:
        return False
    values = {"handover": case.id, "message_id": message_id, "sealed": sealed, "heard_at": now}
    insert_unless_there(connection, HandoverMessage, values)
    return True


def take(connection: Connection, case_id: str, officer: str, now: datetime, patience: timedelta, told: Reply) -> None:
    """Gives a waiting case to an officer; done again by the same officer it changes nothing.

    Raises:
        CaseMoved: another officer has it, or it is over.
        CaseUnknown: there is none.
    """
    waiting = update(Handover).where(Handover.id == case_id, Handover.state == "waiting")
    values = {"state": "taken", "officer": officer, "taken_at": now, "answer_due": now + patience}
    if connection.execute(waiting.values(values)).rowcount:
        # Whoever was being asked for a number talks to a person now.
        connection.execute(
            update(Handover).where(Handover.id == case_id, Handover.contact == "asked").values(contact="")
        )
        tell(connection, case_id, told, now)
        return
    case = case_of(connection, case_id)
    if case.state != "taken" or case.officer != officer:
        raise CaseMoved(case.state, case.officer)


def answer(connection: Connection, case_id: str, officer: str, reply: Reply, token: str, now: datetime) -> None:
    """Puts an officer's answer on its way; the same token again puts nothing.

    Raises:
        CaseMoved: the officer does not have the case (any more).
        CaseUnknown: there is none.
    """
    theirs = update(Handover).where(Handover.id == case_id, Handover.state == "taken", Handover.officer == officer)
    if not connection.execute(theirs.values(answer_due=None)).rowcount:
        case = case_of(connection, case_id)
        raise CaseMoved(case.state, case.officer)
    tell(connection, case_id, reply, now, token)


def note(connection: Connection, case_id: str, officer: str, sealed: str, now: datetime) -> None:
    """Keeps a note for the colleagues.

    Raises:
        CaseUnknown: there is no such case.
    """
    case_of(connection, case_id)
    values = {"handover": case_id, "officer": officer, "sealed": sealed, "written_at": now}
    connection.execute(insert(HandoverNote).values(values))


def finish(
    connection: Connection,
    case_id: str,
    officer: str,
    into: Literal["handed_back", "closed"],
    now: datetime,
    told: Reply,
    seen: int | None = None,
) -> None:
    """Ends a case that the officer has, or closes one that waits; deletes what was sealed for it.

    Args:
        connection: the caller's transaction.
        case_id: which.
        officer: who ends it.
        into: how.
        now: the time.
        told: what the person is told.
        seen: number of the newest message that the officer has seen; None leaves it unchecked.

    Raises:
        UnreadMessage: the person has written since.
        CaseMoved: another officer has it, or it is over.
        CaseUnknown: there is none.
    """
    theirs: ColumnElement[bool] = and_(Handover.state == "taken", Handover.officer == officer)
    if into == "closed":
        theirs = or_(theirs, Handover.state == "waiting")
    ended = update(Handover).where(Handover.id == case_id, theirs)
    values = {"state": into, "ended_at": now, "answer_due": None, "officer": officer}
    if not connection.execute(ended.values(values)).rowcount:
        case = case_of(connection, case_id)
        raise CaseMoved(case.state, case.officer)
    # Read only now that the row is ours: a message that comes later finds the case over and goes to the bot.
    if seen is not None and newest_message(connection, case_id) > seen:
        raise UnreadMessage
    _unseal(connection, Handover.id == case_id)
    tell(connection, case_id, told, now)


def newest_message(connection: Connection, case_id: str) -> int:
    """Gives the number of the newest message kept for the officer, 0 when there is none."""
    newest = select(func.max(HandoverMessage.number)).where(HandoverMessage.handover == case_id)
    return connection.scalar(newest) or 0


def overdue(connection: Connection, now: datetime) -> list[str]:
    """Lists the cases whose officer did not write in time."""
    late = select(Handover.id).where(Handover.state == "taken", Handover.answer_due <= now)
    return list(connection.scalars(late))


def put_back(connection: Connection, case_id: str, now: datetime, told: Reply, *, ask_contact: bool) -> bool:
    """Returns an overdue case to its old place in the queue; False when the officer has written meanwhile."""
    late = (Handover.id == case_id) & (Handover.state == "taken") & (Handover.answer_due <= now)
    values = {"state": "waiting", "officer": "", "taken_at": None, "answer_due": None, "told_at": now}
    if not connection.execute(update(Handover).where(late).values(values)).rowcount:
        return False
    if ask_contact:
        _ask_contact(connection, case_id)
    tell(connection, case_id, told, now)
    return True


def not_taken_since(connection: Connection, before: datetime) -> list[str]:
    """Lists the cases that wait since before a time and whose person was not told so yet."""
    long = select(Handover.id).where(
        Handover.state == "waiting", Handover.told_at.is_(None), Handover.waiting_since <= before
    )
    return list(connection.scalars(long))


def tell_of_waiting(connection: Connection, case_id: str, now: datetime, told: Reply, *, ask_contact: bool) -> bool:
    """Tells a person once that nobody has taken the case yet; False when somebody has, or it was told."""
    waiting = (Handover.id == case_id) & (Handover.state == "waiting") & Handover.told_at.is_(None)
    if not connection.execute(update(Handover).where(waiting).values(told_at=now)).rowcount:
        return False
    if ask_contact:
        _ask_contact(connection, case_id)
    tell(connection, case_id, told, now)
    return True


def end_of_the_gone(connection: Connection, channel: str, gone: set[str], now: datetime) -> int:
    """Closes the waiting cases of people who cannot be reached any more and left no number; gives how many."""
    lost = (Handover.channel == channel) & Handover.person.in_(gone) & (Handover.state == "waiting")
    lost = lost & (Handover.contact != "given")
    ids = list(connection.scalars(select(Handover.id).where(lost)))
    closed = update(Handover).where(Handover.id.in_(ids), lost).values(state="closed", ended_at=now, contact="")
    count = connection.execute(closed).rowcount
    ended = Handover.id.in_(ids) & Handover.ended_at.is_not(None)
    _unseal(connection, ended)
    return count


def forget(connection: Connection, channel: str, persons: Any) -> int:
    """Deletes everything of people: of a collection of them, or of those that a query gives; gives how many cases."""
    theirs = delete(Handover).where(Handover.channel == channel, Handover.person.in_(persons))
    return connection.execute(theirs).rowcount


def tell(connection: Connection, case_id: str, reply: Reply, now: datetime, token: str = "") -> None:
    """Writes down what the person of a case is to be told; the same token again writes nothing."""
    key = hashlib.sha256(f"{case_id}\0{token}".encode()).hexdigest()[:32] if token else secrets.token_hex(16)
    values = {
        "id": key,
        "handover": case_id,
        "reply": reply.model_dump_json(),
        "made_at": now,
        "tries": 0,
        "next_at": now,
        "outcome": "",
    }
    insert_unless_there(connection, HandoverNotice, values)


def _ask_contact(connection: Connection, case_id: str) -> None:
    unasked = (Handover.id == case_id) & Handover.contact.not_in(("given", "asked"))
    connection.execute(update(Handover).where(unasked).values(contact="asked"))


def _unseal(connection: Connection, which: ColumnElement[bool]) -> None:
    ended = select(Handover.id).where(which)
    connection.execute(delete(HandoverMessage).where(HandoverMessage.handover.in_(ended)))
    connection.execute(update(Handover).where(which).values(contact_sealed=""))


def _of(conversation: Conversation) -> ColumnElement[bool]:
    return (Handover.channel == conversation.channel) & (Handover.conversation == conversation.id)


def _cases() -> Any:
    return select(
        Handover.id,
        Handover.channel,
        Handover.person,
        Handover.conversation,
        Handover.reason,
        Handover.state,
        Handover.waiting_since,
        Handover.officer,
        Handover.answer_due,
        Handover.ended_at,
        Handover.contact,
        Handover.contact_sealed,
        Handover.contact_at,
    )


def _case(row: Any) -> Case:
    return Case(
        id=row.id,
        conversation=Conversation(row.channel, row.person, row.conversation),
        reason=row.reason,
        state=row.state,
        waiting_since=in_utc(row.waiting_since),
        officer=row.officer,
        answer_due=in_utc(row.answer_due) if row.answer_due else None,
        ended_at=in_utc(row.ended_at) if row.ended_at else None,
        contact=row.contact,
        contact_sealed=row.contact_sealed,
        contact_at=in_utc(row.contact_at) if row.contact_at else None,
    )
