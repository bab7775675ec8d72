"""The conversation about queue numbers and appointments: at most one short question at a time.

Rasa keeps what is awaited (slot `queue_step`); the rest is in the database.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from actions.dossiers.inquiry import Asker
from actions.queueing.naming import AtHand, centres_in, centres_of, counters_for, counters_in
from actions.queueing.pending import Pending, Want, read_pending
from actions.queueing.telling import (
    at_time,
    clock,
    listed,
    place,
    reply_of,
    sample_of,
    slot_name,
    spoken_day,
    tell_booked,
    tell_standing,
    tell_taken,
)
from actions.queueing.when import When, names_a_time, read_when
from actions.queueing.words import heard, phrases
from actions.steps.phrases import Said
from actions.wording import say
from knowledge.counters.appointments import Appointments
from knowledge.counters.book import CounterBook
from knowledge.counters.errors import Closed, CountersError, Full, HasOne, NotOpen, SlotTaken, TooMany
from knowledge.counters.hours import Timetable
from knowledge.counters.limits import Limits
from knowledge.counters.model import VIETNAM, Appointment, Counter, Person, Slot, Standing
from knowledge.counters.tickets import EARLY_MINUTES, LATE_MINUTES, Queues
from motcua.reply import Choice, Reply
from nlu.text import clean, fold, words

MOST_CHOICES: Final = 5

_WANTS = ("cancel_appointment", "cancel_ticket", "move", "ask", "came", "book", "take")
_CHOSEN = re.compile(r"(?:(?:chon|lua|so|muc|cai|dong)\s+)*(?:so\s+)?(\d{1,2})(?:\s+(?:nha|nhe|a|di|ha))*")
_SLOT = re.compile(r"\d{12}")
_HELD = re.compile(r"[ta]\d{1,9}")
_A_NAME = 8
_LONGEST = 40
_CAME_WORDS = 9
_ELSEWHERE = frozenset({"handoff", "complaint", "feedback", "bot_challenge"})
_MENTIONED = frozenset({"take", "ask", "came"})
_MAY_NAME = frozenset({"ask_overview", "ask_where"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes of a message.

    Attributes:
        reply: what is said; None where the message goes on to be answered as any other.
        step: what is awaited from here on, for the slot; "" for nothing.
        rest: with no reply, what is left of the message to answer.
    """

    reply: Reply | None
    step: str = ""
    rest: str = ""


@dataclass(frozen=True, slots=True)
class _Turn:
    """One message: what was said, by whom, when, and the procedure it is about."""

    text: str
    person: Person
    now: datetime
    at_hand: AtHand | None
    counters: Sequence[Counter]
    everyone: Sequence[Counter]

    @property
    def when(self) -> When:
        return read_when(self.text, self.now.astimezone(VIETNAM).date())

    def counter(self, number: int) -> Counter | None:
        """A counter in use."""
        return next((one for one in self.counters if one.id == number), None)

    def known(self, number: int) -> Counter:
        """A counter, in use or not; whoever holds a number of it wants it by its name."""
        return next(one for one in self.everyone if one.id == number)


class QueueDesk:
    """Answers what people say of queue numbers and appointments. `answer` blocks: keep it off an event loop."""

    def __init__(
        self,
        book: CounterBook,
        queues: Queues,
        appointments: Appointments,
        timetable: Timetable,
        *,
        limits: Limits | None = None,
    ) -> None:
        """Takes the services.

        Args:
            book: the counters.
            queues: today's numbers.
            appointments: the slots.
            timetable: when counters are open.
            limits: what one person may hold, as the services were given it.
        """
        self._book, self._queues, self._appointments, self._timetable = book, queues, appointments, timetable
        self._limits = limits or Limits()

    def takes(self, text: str, intent: str, step: str) -> bool:
        """Says whether a message is for this desk; reads nothing but the message.

        Args:
            text: the message; "" for a tapped choice.
            intent: Rasa's label.
            step: what is awaited.
        """
        if len(words(text)) > _LONGEST:
            return False
        if (want := _want(text)) and not (intent in _ELSEWHERE and want in _MENTIONED):
            return True
        pending = read_pending(step)
        if pending is None:
            return False
        if pending.awaits == "offer":
            return intent == "affirm"
        if not text or intent in _ELSEWHERE:
            return False
        if _leaves(text) or _chosen(text, pending.options) is not None:
            return True
        if pending.awaits == "slot":
            return bool(read_when(text, datetime.now(VIETNAM).date()))
        may_name = not intent.startswith("ask_") or intent in _MAY_NAME
        names = pending.awaits in ("centre", "counter") and may_name and "?" not in text
        return names and len(words(text)) <= _A_NAME

    def answer(
        self,
        text: str,
        intent: str,
        step: str,
        asker: Asker,
        now: datetime,
        *,
        at_hand: AtHand | None = None,
        channel: str = "web",
    ) -> Answer:
        """Answers a message that `takes` said is for this desk. Never raises.

        Args:
            text: the message; "" for a tapped choice.
            intent: Rasa's label.
            step: what was awaited.
            asker: whoever asks.
            now: the time, with its zone.
            at_hand: the procedure that the conversation is about.
            channel: which channel carries messages to this person.
        """
        try:
            person = Person(asker.person, channel)
            turn = _Turn(text, person, now, at_hand, self._book.counters(), self._book.everyone())
            return self._answer(turn, intent, step)
        except (CountersError, SQLAlchemyError):
            return Answer(Reply(kind="other", text=say("queueing.unavailable", hotline=say("places.hotline"))), step)

    def _answer(self, turn: _Turn, intent: str, step: str) -> Answer:
        want, pending = _want(turn.text), read_pending(step)
        if not turn.counters:
            return _said(say("queueing.none", hotline=say("places.hotline")))
        match want:
            case "take" | "book":
                return self._place(turn, Pending(want, "centre", wish=turn.when.as_text()))
            case "move":
                return self._move(turn)
            case "cancel_ticket" | "cancel_appointment":
                return self._cancel(turn, want)
            case "ask":
                return self._look(turn)
            case "came":
                return self._came(turn)
        if pending is None:
            return Answer(None, rest=turn.text)
        return self._go_on(turn, pending, intent)

    # --- going on with what was asked

    def _go_on(self, turn: _Turn, pending: Pending, intent: str) -> Answer:
        if pending.awaits == "offer":
            return self._slots(turn, pending)
        chosen = _chosen(turn.text, pending.options)
        if chosen is None and _leaves(turn.text):
            return _said(say("queueing.stopped"))
        if pending.awaits == "slot":
            return self._with_slot(turn, pending, chosen)
        if pending.awaits == "which":
            return self._with_held(turn, pending, chosen)
        if chosen is not None:
            counter = turn.counter(int(chosen)) if chosen.isdigit() else None
            if counter is None:
                return self._place(turn, pending.asking("centre", counter=0))
            if pending.awaits == "centre":
                return self._at_centre(turn, pending, counter.centre)
            return self._at_counter(turn, pending, counter)
        if intent in _MAY_NAME and not self._names(turn, pending):
            return Answer(None, rest=turn.text)
        return self._place(turn, pending)

    # --- where

    def _names(self, turn: _Turn, pending: Pending) -> bool:
        if centres_in(turn.text, centres_of(turn.counters)):
            return True
        before = turn.counter(pending.counter)
        here = [one for one in turn.counters if before is None or one.centre == before.centre]
        return bool(counters_in(turn.text, here))

    def _place(self, turn: _Turn, pending: Pending) -> Answer:
        """Finds the centre that is meant, or asks."""
        centres = centres_of(turn.counters)
        named = centres_in(turn.text, centres)
        if len(named) == 1:
            return self._at_centre(turn, pending, named[0])
        before = turn.counter(pending.counter)
        if before is not None and not named:
            return self._at_centre(turn, pending, before.centre)
        if len(centres) == 1:
            return self._at_centre(turn, pending, centres[0])
        return _ask_centre(turn, pending, named or centres)

    def _at_centre(self, turn: _Turn, pending: Pending, centre: str) -> Answer:
        here = [one for one in turn.counters if one.centre == centre]
        # Numbers of counters are theirs, not the centre's: what named the centre is no name of a counter.
        named = counters_in(_without(turn.text, centre), here)
        if not named and turn.at_hand:
            named = counters_for(turn.at_hand, here)
        fitting = named or here
        if len(fitting) == 1:
            return self._at_counter(turn, pending, fitting[0])
        offered = fitting[:MOST_CHOICES]
        asked = pending.asking("counter", counter=fitting[0].id)
        if len(fitting) > MOST_CHOICES:
            return Answer(Reply(kind="clarify", text=say("queueing.ask.counter")), asked.as_text())
        asked = replace(asked, options=tuple(str(one.id) for one in offered))
        return Answer(listed(say("queueing.ask.counter_list"), [one.name for one in offered]), asked.as_text())

    def _at_counter(self, turn: _Turn, pending: Pending, counter: Counter) -> Answer:
        if pending.want == "take":
            return self._take(turn, counter)
        return self._slots(turn, pending.asking("slot", counter=counter.id))

    # --- numbers

    def _take(self, turn: _Turn, counter: Counter) -> Answer:
        try:
            standing = self._queues.take(turn.person, counter.id)
        except HasOne:
            held = [one for one in self._queues.held_by(turn.person) if one.ticket.counter == counter.id]
            lines = [say("queueing.has_one"), *(line for one in held for line in tell_standing(one, counter))]
            return Answer(reply_of("answer", lines, turn.at_hand))
        except TooMany:
            return _said(say("queueing.too_many.tickets", count=self._limits.tickets))
        except Full:
            return _offer(counter, [say("queueing.full", **place(counter))])
        except Closed as closed:
            return _offer(counter, self._closed(counter, closed, turn.now))
        return Answer(tell_taken(standing, counter, turn.at_hand))

    def _closed(self, counter: Counter, closed: Closed, now: datetime) -> list[str]:
        key = "queueing.closed.holiday" if closed.why else "queueing.closed.today"
        lines = [say(key, why=closed.why, **place(counter))]
        if day := self._timetable.next_open_day(counter, now.astimezone(VIETNAM).date()):
            lines.append(say("queueing.closed.next", day=spoken_day(day)))
        return lines

    def _look(self, turn: _Turn) -> Answer:
        lines: list[str] = []
        for standing in self._queues.held_by(turn.person):
            lines += tell_standing(standing, turn.known(standing.ticket.counter))
        for one in self._to_come(turn):
            lines.append(say("queueing.appointment", **at_time(one.start), **place(turn.known(one.counter))))
        if lines:
            return _said("\n".join(lines), kind="answer")
        centres = centres_of(turn.counters)
        named = centres_in(turn.text, centres) or (centres if len(centres) == 1 else [])
        if len(named) != 1:
            return _said(say("queueing.nothing_held"))
        return self._length([one for one in turn.counters if one.centre == named[0]])

    def _length(self, counters: Sequence[Counter]) -> Answer:
        lines = [say("queueing.nothing_held")]
        for counter in counters[:MOST_CHOICES]:
            current, waiting = self._queues.length(counter.id)
            key = "queueing.length.current" if current else "queueing.length.idle"
            lines.append(say(key, counter=counter.name, number=current, count=waiting))
        return _said("\n".join([*lines, *sample_of(counters[0])]), kind="answer")

    def _came(self, turn: _Turn) -> Answer:
        held = self._appointments.held_by(turn.person)
        if not held:
            return self._look(turn) if self._queues.held_by(turn.person) else _said(say("queueing.no_appointment"))
        appointment = next(iter(self._to_come(turn)), held[-1])
        counter = turn.known(appointment.counter)
        try:
            standing = self._queues.check_in(turn.person, appointment.id)
        except NotOpen:
            from_time = clock(appointment.start - timedelta(minutes=EARLY_MINUTES))
            key = "queueing.arrived.early" if turn.now < appointment.start else "queueing.arrived.late"
            return _said(say(key, from_time=from_time, **at_time(appointment.start)))
        except HasOne:
            return self._look(turn)
        except TooMany:
            return _said(say("queueing.too_many.tickets", count=self._limits.tickets))
        except Closed as closed:
            return _said(*self._closed(counter, closed, turn.now))
        return Answer(tell_taken(standing, counter, turn.at_hand))

    # --- appointments

    def _slots(self, turn: _Turn, pending: Pending, *, taken: bool = False) -> Answer:
        """Books the slot that was wished for, or offers up to five."""
        counter = turn.counter(pending.counter)
        if counter is None:
            return self._place(turn, pending.asking("centre", counter=0))
        wish = When.of(pending.wish)
        if said := turn.when:
            wish = said if said.day or not wish.day else replace(said, day=wish.day)
        days = self._appointments.days(counter.id)
        if not days:
            told = say(
                "queueing.no_slots", days=self._limits.days_ahead, hotline=say("places.hotline"), **place(counter)
            )
            return _said(told)
        day = wish.day
        if day is None and pending.options and _SLOT.fullmatch(pending.options[0]):
            # "10 giờ" after a list is a time of the day that was listed.
            day = _start(pending.options[0]).date()
        if day is not None and day not in days:
            taken = True
            day = next((one for one in days if one > day), days[-1])
        free = self._appointments.free(counter.id, day or days[0])
        if wish.minute is not None and not taken:
            exact = [slot for slot in free if _minute(slot) == wish.minute]
            if exact and day is not None:
                return self._settle(turn, pending, counter, exact[0])
            taken = not exact
        offered = _fitting(free, wish)
        options = tuple(f"{slot.start.astimezone(VIETNAM):%Y%m%d%H%M}" for slot in offered)
        asked = Pending(pending.want, "slot", counter.id, pending.appointment, options)
        lead = say("queueing.ask.slot_taken") if taken else say("queueing.ask.slot")
        return Answer(listed(lead, [slot_name(slot) for slot in offered]), asked.as_text())

    def _with_slot(self, turn: _Turn, pending: Pending, chosen: str | None) -> Answer:
        counter = turn.counter(pending.counter)
        if counter is None:
            return self._place(turn, pending.asking("centre", counter=0))
        if chosen is not None and _SLOT.fullmatch(chosen):
            start = _start(chosen)
            return self._settle(turn, pending, counter, Slot(counter.id, start, start))
        return self._slots(turn, pending)

    def _settle(self, turn: _Turn, pending: Pending, counter: Counter, slot: Slot) -> Answer:
        is_move = pending.want == "move"
        try:
            if is_move:
                made = self._appointments.move(turn.person, pending.appointment, slot.start)
            else:
                made = self._appointments.book(turn.person, counter.id, slot.start)
        except HasOne:
            return _said(say("queueing.has_appointment"))
        except TooMany:
            if is_move:
                return _said(say("queueing.too_many.moves"))
            return _said(say("queueing.too_many.appointments", count=self._limits.appointments))
        except NotOpen:
            return _said(say("queueing.gone"))
        except (SlotTaken, Closed):
            return self._slots(turn, pending, taken=True)
        return Answer(tell_booked(made, counter, turn.at_hand, moved=is_move))

    def _move(self, turn: _Turn) -> Answer:
        held = self._movable(turn)
        if not held:
            return _said(say("queueing.no_appointment"))
        if len(held) == 1:
            return self._slots(turn, _moving(held[0], turn.when.as_text()))
        return _ask_which("move", turn, [], held)

    # --- giving back

    def _cancel(self, turn: _Turn, what: str) -> Answer:
        standings = self._queues.held_by(turn.person) if what == "cancel_ticket" else []
        standings = [one for one in standings if one.ticket.state in ("waiting", "called")]
        held = self._movable(turn) if what == "cancel_appointment" else []
        if not standings and not held:
            nothing = "queueing.no_ticket" if what == "cancel_ticket" else "queueing.no_appointment"
            return _said(say(nothing))
        if numbers := {int(number) for number in re.findall(r"\d{1,4}", turn.text)}:
            standings = [one for one in standings if one.ticket.number in numbers] or standings
        if len(standings) + len(held) > 1:
            return _ask_which("cancel", turn, standings, held)
        one = f"t{standings[0].ticket.id}" if standings else f"a{held[0].id}"
        return self._give_back(turn, one)

    def _with_held(self, turn: _Turn, pending: Pending, chosen: str | None) -> Answer:
        if chosen is None or not _HELD.fullmatch(chosen):
            return Answer(None, rest=turn.text)
        if pending.want == "cancel":
            return self._give_back(turn, chosen)
        held = next((one for one in self._movable(turn) if chosen == f"a{one.id}"), None)
        if held is None:
            return _said(say("queueing.gone"))
        # The number that chose it is no time of day.
        quiet = replace(turn, text="")
        return self._slots(quiet, _moving(held, pending.wish))

    def _give_back(self, turn: _Turn, what: str) -> Answer:
        try:
            if what.startswith("t"):
                ticket = self._queues.cancel(turn.person, int(what[1:]))
                named = place(turn.known(ticket.counter))
                return _said(say("queueing.cancelled.ticket", number=ticket.number, **named))
            appointment = self._appointments.cancel(turn.person, int(what[1:]))
            named = place(turn.known(appointment.counter))
            return _said(say("queueing.cancelled.appointment", **at_time(appointment.start), **named))
        except NotOpen:
            return _said(say("queueing.gone"))

    def _to_come(self, turn: _Turn) -> list[Appointment]:
        late = timedelta(minutes=LATE_MINUTES)
        return [one for one in self._appointments.held_by(turn.person) if one.end + late >= turn.now]

    def _movable(self, turn: _Turn) -> list[Appointment]:
        return [one for one in self._appointments.held_by(turn.person) if one.start > turn.now]


def _ask_centre(turn: _Turn, pending: Pending, centres: Sequence[str]) -> Answer:
    asked = pending.asking("centre", counter=0)
    if len(centres) > MOST_CHOICES:
        return Answer(Reply(kind="clarify", text=say("queueing.ask.place")), asked.as_text())
    first = {one: next(str(counter.id) for counter in turn.counters if counter.centre == one) for one in centres}
    asked = replace(asked, options=tuple(first.values()))
    return Answer(listed(say("queueing.ask.place_list"), list(centres)), asked.as_text())


def _ask_which(want: Want, turn: _Turn, standings: Sequence[Standing], held: Sequence[Appointment]) -> Answer:
    tickets = {
        f"t{one.ticket.id}": say(
            "queueing.held.ticket", number=one.ticket.number, counter=turn.known(one.ticket.counter).name
        )
        for one in standings
    }
    appointments = {
        f"a{one.id}": say("queueing.held.appointment", counter=turn.known(one.counter).name, **at_time(one.start))
        for one in held
    }
    both = dict(list((tickets | appointments).items())[:MOST_CHOICES])
    step = Pending(want, "which", options=tuple(both), wish=turn.when.as_text()).as_text()
    return Answer(listed(say("queueing.ask.which"), list(both.values())), step)


def _moving(held: Appointment, wish: str) -> Pending:
    """What is awaited for another time; without a wish for a day it is looked for on the day that it was."""
    wished = When.of(wish)
    wished = replace(wished, day=wished.day or held.start.astimezone(VIETNAM).date())
    return Pending("move", "slot", held.counter, held.id, wish=wished.as_text())


def _offer(counter: Counter, lines: Sequence[str]) -> Answer:
    if not counter.slot_places:
        return _said(*lines)
    yes = Choice(title=say("queueing.choice.appointment"), payload="say:affirm")
    text = "\n".join([*lines, say("queueing.offer"), *sample_of(counter)])
    step = Pending("book", "offer", counter.id).as_text()
    return Answer(Reply(kind="answer", text=text, choices=(yes,)), step)


def _said(*lines: str, kind: str = "other") -> Answer:
    return Answer(Reply(kind="answer" if kind == "answer" else "other", text="\n".join(lines)))


def _want(text: str) -> str:
    if not text:
        return ""
    said = phrases("unless").without(Said.of(text))
    found = next((want for want in _WANTS if heard(want, said)), "")
    if not found and heard("to_meet", said) and names_a_time(text):
        return "book"
    return "" if found == "came" and len(words(text)) > _CAME_WORDS else found


def _leaves(text: str) -> bool:
    said = Said.of(text)
    if phrases("leaves").found_in(said):
        return True
    return bool(said.words) and phrases("leaves_at_start").without(said).words[:1] == ("",)


def _chosen(text: str, options: Sequence[str]) -> str | None:
    """The option that a message chooses: by its number alone, or as the first or last one."""
    if not options or not text:
        return None
    plain = " ".join(fold(clean(text)).strip(" .!,)(").split())
    if found := _CHOSEN.fullmatch(plain):
        place_ = int(found[1])
        return options[place_ - 1] if 1 <= place_ <= len(options) else None
    if heard("first", text):
        return options[0]
    return options[-1] if heard("last", text) else None


def _without(text: str, centre: str) -> str:
    return re.sub(re.escape(centre), " ", text, flags=re.IGNORECASE)


def _start(option: str) -> datetime:
    return datetime.strptime(option, "%Y%m%d%H%M").replace(tzinfo=VIETNAM)


def _minute(slot: Slot) -> int:
    local = slot.start.astimezone(VIETNAM)
    return local.hour * 60 + local.minute


def _fitting(free: Sequence[Slot], wish: When) -> list[Slot]:
    """Up to five slots: the nearest to a wished time, else spread over the day or the wished part of it."""
    wished = wish.minute
    if wished is not None:
        nearest: Callable[[Slot], int] = lambda slot: abs(_minute(slot) - wished)  # noqa: E731
        return sorted(sorted(free, key=nearest)[:MOST_CHOICES], key=lambda slot: slot.start)
    fitting = [slot for slot in free if wish.holds(_minute(slot))] or list(free)
    if len(fitting) <= MOST_CHOICES:
        return fitting
    step = (len(fitting) - 1) / (MOST_CHOICES - 1)
    return [fitting[round(n * step)] for n in range(MOST_CHOICES)]
