"""The actions that Rasa calls. Each reads a turn, lets the dossier desk, the pipeline or the wording answer, and
sets slots."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import read_turn, slots_after
from actions.dossiers.asking import (
    WORTH_HIDING,
    Answer,
    DossierDesk,
    Step,
    even_time,
    interrupted,
    read_step,
)
from actions.dossiers.inquiry import Asker
from actions.dossiers.telling import tell_unavailable
from actions.offices import asks_for_office, asks_for_unit
from actions.pipeline import answer, steps
from actions.signals import Signal, erase, hand_over, report_wrong
from actions.steps.around import AskPrivacy, AskSheet, FindGuide
from actions.steps.danger import find_danger
from actions.steps.phrases import Phrases, Said
from actions.steps.read_context import content_words
from actions.talk import hand_over_choice, in_danger, talk
from actions.turn import Turn
from actions.wording import say
from actions.world import World
from motcua.reply import Reply

log = logging.getLogger(__name__)

Events = list[dict[str, Any]]

# Talk that people often put a question to: "chào bạn, cho hỏi…", "không phải, ý tôi là…".
_MAY_ASK = frozenset({"greet", "thank", "affirm", "deny"})
_A_QUESTION = 2
_SURELY_RELEVANT = 0.8
_RESUMED_AFTER = frozenset({"answer", "clarify"})
_STEP = "dossier_step"
_FAILURES = 2
_CALLS_WRONG = frozenset({"feedback", "complaint", "deny"})
# A place that was asked for is named in few words.
_A_PLACE = 10
_WRONG = Phrases(yaml.safe_load(Path(__file__).with_name("wrong.yaml").read_text(encoding="utf-8")))


@dataclass
class _Said:
    """What an action makes of a message: the replies, the slots it sets, what it tells the gateway."""

    replies: tuple[Reply, ...]
    slots: dict[str, Any] = field(default_factory=dict)
    signals: tuple[Signal, ...] = ()


class _Listening(Action):  # type: ignore[misc]
    """Shared by all actions: what belongs to a dossier that is being looked up goes to its desk first.

    Rasa names the intent of a message by itself; whether four digits or a "thôi" belong to the look-up, only the
    conversation tells.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._steps = steps(world)

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        """Answers the latest message."""
        turn, (step, between) = _turn_of(tracker), read_step(tracker.slots.get(_STEP))
        desk, slots = self._world.dossiers, dict[str, Any]()
        danger = find_danger(turn.text)
        if desk and not (danger and danger.is_now) and not turn.named and desk.takes(turn.text, turn.intent, step):
            told = await self._at_desk(desk, turn, step, _asker_of(tracker))
            if told.reply is not None:
                return _say(dispatcher, _Said((told.reply,), {_STEP: told.step or None}))
            turn.text, step, slots = told.rest, "", {_STEP: None}
        said = self._of_places(turn) or self._respond(turn)
        if step:
            slots[_STEP], reminder = interrupted(step, between)
            if reminder and said.replies and said.replies[-1].kind in _RESUMED_AFTER:
                *before, last = said.replies
                said.replies = (*before, last.model_copy(update={"text": f"{last.text}\n\n{reminder}"}))
        passed = {"pending": None} if turn.pending else {}
        said.slots = {**passed, **said.slots, **slots}
        return _say(dispatcher, said)

    def _of_places(self, turn: Turn) -> _Said | None:
        """Answers a question about offices and units, and the place named after we asked for it."""
        offices = self._world.offices
        if offices is None or turn.named or find_danger(turn.text):
            return None
        # Where a procedure is filed its record says; a place then only tells whose offices are meant.
        asked = turn.intent == "office_info" or asks_for_office(turn.text) or asks_for_unit(turn.text)
        given = turn.pending == "place" and len(content_words(turn.text)) <= _A_PLACE and offices.names_place(turn.text)
        if not (asked or given):
            return None
        reply, asks = offices.answer(turn.text)
        return _Said((reply,), {"pending": "place"} if asks else {})

    def _respond(self, turn: Turn) -> _Said:
        """Takes the message through the pipeline."""
        answer(turn, self._steps)
        assert turn.reply is not None
        replies, slots = (turn.reply, *turn.more), slots_after(turn)
        if turn.status == "erase":
            slots["pending"] = "erase"
        failed = turn.failures + 1 if _failed(turn) else 0
        if failed != turn.failures:
            slots["failures"] = failed
        if failed >= _FAILURES:
            slots |= {"pending": "handover", "failures": 0}
            *before, last = replies
            replies = (*before, last.model_copy(update={"text": f"{last.text}\n\n{say('talk.failed_again')}"}))
        return _Said(replies, slots)

    async def _at_desk(self, desk: DossierDesk, turn: Turn, step: Step, asker: Asker) -> Answer:
        """Lets the desk answer, off the event loop, in a time that Rasa waits for."""
        began = time.monotonic()
        text = "" if turn.text.startswith("/") else turn.text
        asked = asyncio.to_thread(desk.answer, text, turn.intent, step, asker, datetime.now(UTC))
        try:
            told = await asyncio.wait_for(asked, self._world.dossier_patience_s)
        except TimeoutError:
            log.warning("an answer about a dossier was not ready in time")
            return Answer(tell_unavailable(), step)
        if told.reply and told.reply.kind in WORTH_HIDING:
            left = self._world.dossier_patience_s - (time.monotonic() - began)
            await asyncio.sleep(max(0.0, min(left, even_time(time.monotonic() - began))))
        return told


class ActionAnswer(_Listening):
    """A question about a procedure."""

    def name(self) -> str:
        """The name Rasa knows it by."""
        return "action_answer"


class ActionOutOfScope(_Listening):
    """A message that Rasa takes for no procedure: the search may know better, and says so if it is sure."""

    def name(self) -> str:
        """The name Rasa knows it by."""
        return "action_out_of_scope"


class ActionChoose(_Listening):
    """A number or ordinal that chooses from what was offered last."""

    def name(self) -> str:
        """The name Rasa knows it by."""
        return "action_choose"


class ActionConverse(_Listening):
    """Greeting, thanks, help, hand-over and the like; a question said in the same breath is answered."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._around = (AskPrivacy(), AskSheet(world), FindGuide())

    def name(self) -> str:
        """The name Rasa knows it by."""
        return "action_converse"

    def _respond(self, turn: Turn) -> _Said:
        """Says the sentence of the intent, or answers the question beside it."""
        if turn.pending and turn.intent in ("affirm", "deny"):
            return _settled(turn)
        for step in self._around:
            if turn.status == "open":
                step.run(turn)
        if turn.status != "open" or turn.target:
            return super()._respond(turn)
        if turn.intent in _MAY_ASK and len(content_words(turn.text)) >= _A_QUESTION:
            answer(turn, self._steps)
            if _is_about_something(turn) and turn.reply:
                return _Said((turn.reply, *turn.more), slots_after(turn))
        if find_danger(turn.text):
            return _Said((_talk_or_warn(turn, turn.intent),))
        if turn.intent in _CALLS_WRONG and turn.procedure and _WRONG.found_in(Said.of(turn.text)):
            reply = Reply(kind="feedback", text=say("talk.reported"), choices=(hand_over_choice(),))
            return _Said((reply,), signals=(report_wrong(),))
        signals = {"handoff": (hand_over("asked"),), "complaint": (hand_over("complaint"),)}.get(turn.intent, ())
        return _Said((talk(turn.intent),), signals=signals)


class ActionStatus(_Listening):
    """Where a dossier stands."""

    def name(self) -> str:
        """The name Rasa knows it by."""
        return "action_status"

    def _respond(self, turn: Turn) -> _Said:
        """Without a source: where to look it up. With one: what is left of a message that drops the matter."""
        if self._world.dossiers is None or find_danger(turn.text):
            return _Said((_talk_or_warn(turn, "check_status"),))
        return super()._respond(turn)


def _is_about_something(turn: Turn) -> bool:
    """Whether the search is sure that a message meant as talk asks about a procedure."""
    if turn.status not in ("answered", "asked_back") or turn.result is None:
        return False
    return turn.trace.get("course") == "switch" or turn.result.relevance >= _SURELY_RELEVANT


def _failed(turn: Turn) -> bool:
    """Whether the person is left without what they asked for, and asked for something of ours."""
    return turn.status == "not_found" or (turn.status == "off_topic" and turn.intent != "out_of_scope")


def _settled(turn: Turn) -> _Said:
    """Does, or leaves, what the last reply asked about."""
    yes = turn.intent == "affirm"
    if turn.pending == "erase":
        reply = Reply(kind="privacy", text=say("privacy.erased" if yes else "privacy.kept_on"))
        return _Said((reply,), signals=(erase(),) if yes else ())
    return _Said((talk("handoff" if yes else "deny"),), signals=(hand_over("failed"),) if yes else ())


def _talk_or_warn(turn: Turn, intent: str) -> Reply:
    danger = find_danger(turn.text)
    return in_danger(danger.kind) if danger and danger.is_now else talk(intent)


def all_actions(world: World) -> list[Action]:
    """Every action of this server."""
    return [
        ActionAnswer(world),
        ActionOutOfScope(world),
        ActionChoose(world),
        ActionConverse(world),
        ActionStatus(world),
    ]


def _turn_of(tracker: Tracker) -> Turn:
    message = tracker.latest_message
    return read_turn(str(message.get("text") or ""), message, tracker.slots)


def _asker_of(tracker: Tracker) -> Asker:
    """Whoever asks; a channel that knows the account or address behind a conversation names it in the metadata."""
    metadata = tracker.latest_message.get("metadata") or {}
    account = metadata.get("account") if isinstance(metadata, dict) else None
    return Asker(str(tracker.sender_id), str(account or ""))


def _say(dispatcher: CollectingDispatcher, said: _Said) -> Events:
    for message in (*(reply.model_dump(mode="json") for reply in said.replies), *map(dict, said.signals)):
        dispatcher.utter_message(json_message=message)
    return [SlotSet(name, value) for name, value in said.slots.items()]
