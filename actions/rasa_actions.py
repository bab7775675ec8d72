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
from actions.talk import in_danger, talk
from actions.turn import Turn
from actions.world import World
from motcua.reply import Reply

log = logging.getLogger(__name__)

Events = list[dict[str, Any]]


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


class _Talking(Action):  # type: ignore[misc]
    """Shared by the actions that need no procedure."""

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        """Says the sentence of the intent, or whom to call when the message names a danger."""
        danger = find_danger(str(tracker.latest_message.get("text") or ""))
        if danger and danger.is_now:
            return _say(dispatcher, in_danger(danger.kind), {})
        intent = str((tracker.latest_message.get("intent") or {}).get("name") or "")
        return _say(dispatcher, talk(self._key(intent)), {})

    def _key(self, intent: str) -> str:
        return intent


class ActionConverse(_Talking):
    """Greeting, thanks, help, hand-over and the like."""

    def name(self) -> str:
        """The name Rasa knows it by."""
        return "action_converse"


class ActionStatus(_Talking):
    """Where a dossier stands."""

    def name(self) -> str:
        """The name Rasa knows it by."""
        return "action_status"

    def _key(self, intent: str) -> str:
        return "check_status"


def all_actions(world: World) -> list[Action]:
    """Every action of this server."""
    return [
        ActionAnswer(world),
        ActionOutOfScope(world),
        ActionChoose(world),
        ActionConverse(),
        ActionStatus(),
    ]


def _turn_of(tracker: Tracker) -> Turn:
    message = tracker.latest_message
    return read_turn(str(message.get("text") or ""), message, tracker.slots)


def _say(dispatcher: CollectingDispatcher, reply: Reply | None, slots: Mapping[str, Any]) -> Events:
    if reply is not None:
        dispatcher.utter_message(json_message=reply.model_dump(mode="json"))
    return [SlotSet(name, value) for name, value in slots.items()]
