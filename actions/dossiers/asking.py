"""The conversation about a dossier: its code, then its second key; anything else may come in between.

Rasa keeps which of them is awaited (slot `dossier_step`); what was given is kept by `sought`, for minutes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import yaml
from sqlalchemy.exc import SQLAlchemyError

from actions.dossiers.codes import DossierCode, Tail, find_codes, find_tails
from actions.dossiers.errors import BadKey, SourceError
from actions.dossiers.following import Followers
from actions.dossiers.inquiry import Asker, End, Inquiry, Outcome
from actions.dossiers.keys import SecondKey
from actions.dossiers.model import Dossier
from actions.dossiers.sought import Sought, SoughtBook
from actions.dossiers.telling import VIETNAM, tell, tell_unavailable
from actions.steps.phrases import Phrases, Said
from actions.wording import say
from motcua.reply import Choice, Kind, Reply
from motcua.working_days import WorkingDays
from nlu.text import expand, fold

Step = Literal["", "code", "narrow", "key", "offer", "back"]
"""What is awaited: a code, what narrows a tail, the second key; or a yes to being told of news, or of the system's
return."""

MOST_CODES: Final = 3

_WORDS = Path(__file__).with_name("asking_words.yaml")
_ELSEWHERE = frozenset({"complaint", "handoff", "feedback", "bot_challenge"})
_MAY_NAME = frozenset({"ask_overview", "nlu_fallback", "out_of_scope", "check_status", "affirm"})
_A_QUESTION = 2
_INTERRUPTED: Final = 2
_DATE = re.compile(r"(?<![\d/.\-])(\d{1,2})\s*[/.\-]\s*(\d{1,2})(?:\s*[/.\-]\s*(\d{4}|\d{2}))?(?![\d/])")
_SPOKEN_DATE = re.compile(r"\b(?:ngay|mung|mong|hom)\s+(\d{1,2})\s+thang\s+(\d{1,2})(?:\s+nam\s+(\d{4}))?")
_NUMBER = re.compile(r"(?<![\w.,/])\+?\d(?:[ .\-]?\d){8,13}(?!\w)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes of a message.

    Attributes:
        reply: what is said; None where the message goes on to be answered as any other.
        step: what is awaited from here on.
        rest: with no reply, what is left of the message to answer.
    """

    reply: Reply | None
    step: Step = ""
    rest: str = ""


class DossierDesk:
    """Answers what people say of their dossiers. `answer` blocks: keep it off an event loop."""

    def __init__(
        self, inquiry: Inquiry, book: SoughtBook, days: WorkingDays, *, followers: Followers | None = None
    ) -> None:
        """Takes the services.

        Args:
            inquiry: the guarded look-up.
            book: what people ask about at the moment.
            days: the calendar of working days.
            followers: who is told of news; None where nobody can be told.
        """
        self._inquiry, self._book, self._days, self._followers = inquiry, book, days, followers

    def takes(self, text: str, intent: str, step: Step) -> bool:
        """Says whether a message is for this desk; reads nothing but the message."""
        if intent == "check_status" or self._stops(text):
            return True
        if find_codes(text):
            return intent not in _ELSEWHERE
        if self._followers and _heard("follow", text):
            return True
        if step == "offer":
            return intent == "affirm"
        if not step:
            return False
        if step == "back" and intent == "affirm":
            return True
        if step == "code" and find_tails(text):
            return True
        if step in ("key", "back") and key_in(text):
            return True
        if step == "narrow" and (day_in(text) or (intent in _MAY_NAME and "?" not in text and procedure_in(text))):
            return True
        return _cancels(text)

    def answer(self, text: str, intent: str, step: Step, asker: Asker, now: datetime) -> Answer:
        """Answers a message that `takes` said is for this desk. Never raises.

        Args:
            text: the message; "" for a tapped choice.
            intent: Rasa's label.
            step: what was awaited.
            asker: whoever asks.
            now: the time, with its zone.
        """
        try:
            return self._answer(text, intent, step, asker, now)
        except (SourceError, SQLAlchemyError):
            return Answer(tell_unavailable(), step)

    def close(self) -> None:
        """Gives up what still waits for the live system."""
        self._inquiry.close()

    def _stops(self, text: str) -> bool:
        return self._followers is not None and _heard("stop", text)

    def _answer(self, text: str, intent: str, step: Step, asker: Asker, now: datetime) -> Answer:
        found = find_codes(text)
        rest = text
        for one in reversed(found):
            rest = f"{rest[: one.start]} ; {rest[one.end :]}"
        codes = tuple(dict.fromkeys(one.code for one in found))
        if codes:
            return self._with_codes(codes, key_in(rest), asker, now)
        if self._followers and self._stops(text):
            self._followers.stop(asker.person)
            return Answer(Reply(kind="other", text=say("status.follow.stopped")))
        if self._followers and (_heard("follow", text) or (step in ("offer", "back") and intent == "affirm")):
            return self._follow(self._followers, text, asker, back=step == "back")
        if step in ("key", "back") and (key := key_in(text)):
            return self._with_key(key, asker, now)
        if step == "narrow" and (narrowed := self._narrow(text, intent, asker)):
            return narrowed
        if (tails := find_tails(text)) and (step not in ("key", "narrow", "back") or tails[0].given_on):
            return self._with_tail(tails[0], text, asker)
        if step in ("code", "key", "narrow", "back") and _cancels(text):
            return self._cancel(text, asker)
        return self._ask_again(text, step, asker)

    def _with_codes(self, codes: tuple[DossierCode, ...], key: SecondKey | None, asker: Asker, now: datetime) -> Answer:
        sought = Sought(codes[:MOST_CODES])
        self._book.put(asker.person, sought)
        if key:
            return self._look(sought, key, asker, now)
        lines = [say("status.ask.key")]
        if len(codes) > MOST_CODES:
            lines.insert(0, say("status.ask.too_many", most=MOST_CODES))
        return Answer(_asking(*lines), "key")

    def _with_tail(self, tail: Tail, text: str, asker: Asker) -> Answer:
        if not tail.given_on and (day := day_in(text)):
            tail = Tail(tail.number, f"{day:%y%m%d}")
        self._book.put(asker.person, Sought(tail=tail))
        if tail.given_on:
            return Answer(_asking(say("status.ask.key")), "key")
        return Answer(_asking(say("status.ask.narrow")), "narrow")

    def _narrow(self, text: str, intent: str, asker: Asker) -> Answer | None:
        sought = self._book.get(asker.person)
        if sought is None or sought.tail is None:
            return None
        if day := day_in(text):
            narrowed = Sought(tail=Tail(sought.tail.number, f"{day:%y%m%d}"))
        elif intent in _MAY_NAME and (procedure := procedure_in(text)) and not _cancels(text):
            narrowed = Sought(tail=sought.tail, procedure=" ".join(procedure))
        else:
            return None
        self._book.put(asker.person, narrowed)
        return Answer(_asking(say("status.ask.key")), "key")

    def _with_key(self, key: SecondKey, asker: Asker, now: datetime) -> Answer:
        sought = self._book.get(asker.person)
        if sought is None:
            return Answer(_asking(_ask_code()), "code")
        return self._look(sought, key, asker, now)

    def _look(self, sought: Sought, key: SecondKey, asker: Asker, now: datetime) -> Answer:
        if sought.tail:
            words = frozenset(sought.procedure.split())
            outcomes = [self._inquiry.open_tail(sought.tail, key, asker, lambda one: _is_called(one, words))]
        else:
            outcomes = [self._inquiry.open(code, key, asker) for code in sought.codes]
        opened = [one.found for one in outcomes if one.end is End.OPENED and one.found]
        if not opened:
            return self._nothing(outcomes, sought)
        told = [tell(found, self._days, now) for found in opened]
        texts = [reply.text for reply in told]
        if missed := sum(one.end in (End.NOT_FOUND, End.WAIT) for one in outcomes):
            texts.append(say("status.not_found_among", count=missed))
        if silent := sum(one.end is End.UNAVAILABLE for one in outcomes):
            texts.append(say("status.unavailable_among", count=silent))
        dossiers = [found.dossier for found in opened if found.dossier]
        self._book.put(asker.person, Sought(tuple(one.code for one in dossiers), opened=True))
        lasting = self._followers is not None and any(not one.state.is_over for one in dossiers)
        if not lasting:
            return Answer(Reply(kind="status_result", text="\n\n".join(texts)))
        texts.append(say("status.follow.offer"))
        return Answer(Reply(kind="status_result", text="\n\n".join(texts), choices=(_yes(),)), "offer")

    def _nothing(self, outcomes: Sequence[Outcome], sought: Sought) -> Answer:
        ends = [one.end for one in outcomes]
        if End.UNAVAILABLE in ends:
            return self._unavailable(sought)
        if End.SEVERAL in ends:
            if sought.tail and sought.tail.given_on:
                return Answer(_asking(say("status.ask.several")), "code")
            return Answer(_asking(say("status.ask.narrow")), "narrow")
        if End.NOT_FOUND in ends:
            text = say("status.not_found", hotline=say("places.hotline"))
            return Answer(Reply(kind="status_not_found", text=text), "key")
        return Answer(Reply(kind="other", text=_wait(max(one.wait for one in outcomes))), "key")

    def _unavailable(self, sought: Sought) -> Answer:
        reply = tell_unavailable()
        if not (self._followers and sought.codes):
            return Answer(reply, "key")
        text = f"{reply.text}\n\n{say('status.follow.offer_back')}"
        return Answer(reply.model_copy(update={"text": text, "choices": (*reply.choices, _yes())}), "back")

    def _follow(self, followers: Followers, text: str, asker: Asker, *, back: bool) -> Answer:
        sought = self._book.get(asker.person)
        codes = sought.codes if sought else ()
        if back and codes:
            done = [followers.tell_when_back(asker.person, code, said=text) for code in codes]
            told = say("status.follow.done_back") if any(done) else say("status.follow.none")
            return Answer(Reply(kind="other", text=told), "key")
        known = [self._inquiry.known(code) for code in codes] if sought and sought.opened else []
        done = [followers.follow(asker.person, dossier, said=text) for dossier in known if dossier]
        told = say("status.follow.done") if any(done) else say("status.follow.none")
        return Answer(Reply(kind="other", text=told))

    def _cancel(self, text: str, asker: Asker) -> Answer:
        self._book.drop(asker.person)
        rest = " ".join(word for word in _phrases("cancels").without(Said.of(text)).words if word)
        rest = rest.removeprefix("thôi ").removeprefix("thoi ")
        if len([word for word in fold(rest).split() if word not in _fillers()]) > _A_QUESTION:
            return Answer(None, rest=rest)
        return Answer(Reply(kind="other", text=say("status.cancelled")))

    def _ask_again(self, text: str, step: Step, asker: Asker) -> Answer:
        sought = self._book.get(asker.person) if step in ("key", "narrow", "back") else None
        has_digits = any(sign.isdigit() for sign in text)
        if sought and step in ("key", "back"):
            return Answer(_asking(say("status.ask.key_again") if has_digits else say("status.ask.key")), "key")
        if sought and step == "narrow":
            return Answer(_asking(say("status.ask.narrow")), "narrow")
        if step == "code" and sum(sign.isdigit() for sign in text) >= 6:
            return Answer(_asking(say("status.ask.code_unread")), "code")
        return Answer(_asking(_ask_code()), "code")


def read_step(slot: object) -> tuple[Step, int]:
    """Reads the slot `dossier_step`: what is awaited, and how many other questions came in between."""
    name, _, count = str(slot or "").partition(":")
    for step in ("code", "narrow", "key", "offer", "back"):
        if name == step:
            return step, int(count) if count.isdigit() else 0
    return "", 0


def interrupted(step: Step, before: int) -> tuple[str | None, str]:
    """What a question in between does to what is awaited: the slot's new value, and what the answer ends with.

    The first time people are reminded; after the second it is let go.
    """
    if step not in ("code", "narrow", "key") or before + 1 > _INTERRUPTED:
        return None, ""
    return f"{step}:{before + 1}", say(f"status.resume.{step}") if before == 0 else ""


def key_in(text: str) -> SecondKey | None:
    """The second key that a message gives: four digits alone or named as the last ones, or a whole number."""
    if numbers := _NUMBER.findall(text):
        return SecondKey.of_number(numbers[0]) if len(numbers) == 1 else None
    tails = [tail.number for tail in find_tails(text) if not tail.given_on]
    try:
        return SecondKey(tails[0]) if len(tails) == 1 else None
    except BadKey:
        return None


def day_in(text: str, today: date | None = None) -> date | None:
    """The day that a message names ("5/11", "ngày 5 tháng 11 năm 2026"); without a year the latest such day."""
    match = _DATE.search(text) or _SPOKEN_DATE.search(fold(text))
    if match is None:
        return None
    day, month, year = match.groups()
    today = today or datetime.now(VIETNAM).date()
    years = [int(year) if len(year) == 4 else 2000 + int(year)] if year else [today.year, today.year - 1]
    for one in years:
        try:
            found = date(one, int(month), int(day))
        except ValueError:
            continue
        if year or found <= today:
            return found
    return None


def procedure_in(text: str) -> list[str]:
    """The words of a message that may name a procedure, folded."""
    return [word for word in re.findall(r"[^\W\d_]+", fold(expand(text))) if word not in _fillers()]


def _is_called(dossier: Dossier, words: frozenset[str]) -> bool:
    if not words:
        return True
    name = set(re.findall(r"\w+", fold(dossier.procedure_name)))
    return len(words & name) >= math.ceil(0.6 * len(words))


@lru_cache(maxsize=1)
def _fillers() -> frozenset[str]:
    return frozenset(yaml.safe_load(_WORDS.read_text(encoding="utf-8"))["fillers"].split())


@lru_cache(maxsize=8)
def _phrases(kind: str) -> Phrases:
    return Phrases(yaml.safe_load(_WORDS.read_text(encoding="utf-8"))[kind])


def _heard(kind: str, text: str) -> bool:
    return bool(text) and _phrases(kind).found_in(Said.of(text))


def _cancels(text: str) -> bool:
    said = Said.of(text)
    if _phrases("cancels").found_in(said):
        return True
    rest = _phrases("cancels_at_start").without(said)
    return bool(said.words) and rest.words[:1] == ("",)


def _asking(*lines: str) -> Reply:
    return Reply(kind="status_ask_code", text="\n".join(lines))


def _ask_code() -> str:
    return say("status.ask.code", hotline=say("places.hotline"))


def _yes() -> Choice:
    return Choice(title=say("status.follow.choice"), payload="say:affirm")


def _wait(time: timedelta) -> str:
    seconds = max(1, math.ceil(time.total_seconds()))
    hotline = say("places.hotline")
    if seconds < 90:
        return say("status.wait.seconds", count=seconds)
    if seconds <= 5400:
        return say("status.wait.minutes", count=math.ceil(seconds / 60), hotline=hotline)
    return say("status.wait.hours", count=math.ceil(seconds / 3600), hotline=hotline)


WORTH_HIDING: Final[frozenset[Kind]] = frozenset({"status_not_found"})
"""Replies whose time must say nothing: see `even_time`."""


def even_time(took_s: float, grid_s: float = 0.25) -> float:
    """Seconds still to wait so that an answer comes at the next quarter of a second, whatever was looked up."""
    return math.ceil(took_s / grid_s) * grid_s - took_s
