"""Conversational replies: one sentence an intent, from the wording."""

from __future__ import annotations

from collections.abc import Mapping

from actions.wording import say, say_with_places, sentences
from motcua.reply import Choice, Kind, Reply

_KINDS: Mapping[str, Kind] = {
    "greet": "greet",
    "goodbye": "other",
    "thank": "thanks",
    "affirm": "other",
    "deny": "other",
    "bot_challenge": "other",
    "help": "menu",
    "feedback": "feedback",
    "complaint": "handoff",
    "handoff": "handoff",
    "office_info": "office_info",
    "check_status": "other",
}


def talk(intent: str) -> Reply:
    """Gives the reply to a conversational intent; an unknown one gets the fallback, never silence."""
    kind = _KINDS.get(intent, "other")
    key = {"check_status": "status"}.get(intent, intent)
    if f"talk.{key}" not in sentences():
        key = "fallback"
    choices: tuple[Choice, ...] = ()
    if key in ("greet", "help", "fallback", "feedback"):
        choices = (
            Choice(title=say("talk.choice.help"), payload="say:help"),
            hand_over_choice(),
        )
    return Reply(kind=kind, text=say_with_places(f"talk.{key}"), choices=choices)


def hand_over_choice() -> Choice:
    """Gives the choice that leads to a person."""
    return Choice(title=say("talk.choice.handoff"), payload="say:handoff")


def in_danger(danger: str) -> Reply:
    """Gives the reply that says whom to call."""
    return Reply(
        kind="handoff", text=f"{say_with_places(f'danger.{danger}')}\n\n{say_with_places('danger.numbers')}"
    )
