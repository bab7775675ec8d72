"""The actions that Rasa calls. Each reads a turn, lets the pipeline or the wording answer, and sets slots."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import read_turn, slots_after
from actions.pipeline import answer, steps
from actions.steps.danger import find_danger
from actions.steps.read_context import content_words
from actions.talk import in_danger, talk
from actions.turn import Turn
from actions.world import World
from motcua.reply import Reply

log = logging.getLogger(__name__)

Events = list[dict[str, Any]]

# Talk that people often put a question to: "chào bạn, cho hỏi…", "không phải, ý tôi là…".
_MAY_ASK = frozenset({"greet", "thank", "affirm", "deny"})
_A_QUESTION = 2
_SURELY_RELEVANT = 0.8


class _Answering(Action):  # type: ignore[misc]
    """Shared by the actions that take the message through the pipeline."""

    def __init__(self, world: World) -> None:
        self._steps = steps(world)

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        """Answers the latest message."""
        turn = answer(_turn_of(tracker), self._steps)
        return _say(dispatcher, turn.reply, slots_after(turn))


class ActionAnswer(_Answering):
    """A question about a procedure."""

    def name(self) -> str:
        """The name Rasa knows it by."""
        return "action_answer"


class ActionOutOfScope(_Answering):
    """A message that Rasa takes for no procedure: the search may know better, and says so if it is sure."""

    def name(self) -> str:
        """The name Rasa knows it by."""
        return "action_out_of_scope"


class ActionChoose(_Answering):
    """A number or ordinal that chooses from what was offered last."""

    def name(self) -> str:
        """The name Rasa knows it by."""
        return "action_choose"


class ActionConverse(_Answering):
    """Greeting, thanks, help, hand-over and the like; a question said in the same breath is answered."""

    def name(self) -> str:
        """The name Rasa knows it by."""
        return "action_converse"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        """Says the sentence of the intent, or answers the question beside it."""
        turn = _turn_of(tracker)
        if turn.intent in _MAY_ASK and len(content_words(turn.text)) >= _A_QUESTION:
            answer(turn, self._steps)
            if _is_about_something(turn):
                return _say(dispatcher, turn.reply, slots_after(turn))
        return _say(dispatcher, _talk_or_warn(turn, turn.intent), {})


class ActionStatus(Action):  # type: ignore[misc]
    """Where a dossier stands."""

    def name(self) -> str:
        """The name Rasa knows it by."""
        return "action_status"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        """Says where to look it up."""
        return _say(dispatcher, _talk_or_warn(_turn_of(tracker), "check_status"), {})


def _is_about_something(turn: Turn) -> bool:
    """Whether the search is sure that a message meant as talk asks about a procedure."""
    if turn.status not in ("answered", "asked_back") or turn.result is None:
        return False
    return turn.trace.get("course") == "switch" or turn.result.relevance >= _SURELY_RELEVANT


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
        ActionStatus(),
    ]


def _turn_of(tracker: Tracker) -> Turn:
    message = tracker.latest_message
    return read_turn(str(message.get("text") or ""), message, tracker.slots)


def _say(dispatcher: CollectingDispatcher, reply: Reply | None, slots: Mapping[str, Any]) -> Events:
    if reply is not None:
        dispatcher.utter_message(json_message=reply.model_dump(mode="json"))
    return [SlotSet(name, value) for name, value in slots.items()]
