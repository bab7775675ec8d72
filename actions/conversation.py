"""From what Rasa tracks to a turn, and from a finished turn back to Rasa's slots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from actions.cases import Case, facts
from actions.turn import Offered, Turn
from motcua.reply import PAYLOAD, Aspect
from nlu.asking import aspects_of

_LEAVE_ALL = frozenset({"danger", "improper", "off_topic", "no_such_choice", "privacy", "erase", "guide"})
_MOST_ASPECTS = 3
_ASPECTS = frozenset(get_args(Aspect))


def read_turn(text: str, message: Mapping[str, Any], slots: Mapping[str, Any]) -> Turn:
    """Reads a turn.

    Args:
        text: the person's message.
        message: Rasa's `latest_message`: intent and entities.
        slots: the conversation's slots `procedure`, `aspect`, `offered`, `question`.
    """
    intent = str((message.get("intent") or {}).get("name") or "")
    entities: dict[str, Any] = {}
    for entity in message.get("entities") or []:
        entities.setdefault(entity.get("entity", ""), entity.get("value"))
    asked = intent.removeprefix("ask_")
    last_aspect = str(slots.get("aspect") or "")
    # What was tapped is said by Rasa's payload syntax, which is no sentence to search.
    named = str(entities.get("procedure") or "")
    aspect: Aspect = asked if asked in _ASPECTS else "overview"  # type: ignore[assignment]
    if intent == "choose" and last_aspect in _ASPECTS:
        aspect = last_aspect  # type: ignore[assignment]
    aspects = () if named else _asked(text, intent, aspect)
    return Turn(
        text="" if named else text,
        intent=intent,
        aspect=aspects[0] if aspects else aspect,
        aspects=aspects,
        named=named,
        ordinal=_ordinal(entities) if intent == "choose" else None,
        procedure=str(slots.get("procedure") or ""),
        last_aspect=last_aspect,
        offered=_offered(slots.get("offered")),
        question=str(slots.get("question") or ""),
        pending=str(slots.get("pending") or ""),
        failures=_count(slots.get("failures")),
        case=Case.read(slots.get("case")),
        tapped=_tapped(str(entities.get("case") or "")),
    )


def _asked(text: str, intent: str, aspect: Aspect) -> tuple[Aspect, ...]:
    """What a message asks for in words: several aspects, or one that Rasa's label does not tell; else nothing."""
    found: tuple[Aspect, ...] = aspects_of(text)[:_MOST_ASPECTS]
    if len(found) > 1:
        # What Rasa heard first is answered first.
        return tuple(sorted(found, key=lambda one: one != aspect))
    return () if intent.startswith("ask_") or intent == "choose" else found


def _tapped(case: str) -> dict[str, str]:
    fact, given, value = case.partition("=")
    return {fact: value} if given and fact in facts() and value in facts()[fact].values else {}


def _count(slot: object) -> int:
    return int(slot) if isinstance(slot, int | float) else 0


def _ordinal(entities: Mapping[str, Any]) -> int | None:
    for name in ("ordinal", "number"):
        try:
            return int(entities[name])
        except (KeyError, TypeError, ValueError):
            continue
    return None


def _offered(slot: object) -> tuple[Offered, ...]:
    if not isinstance(slot, list):
        return ()
    return tuple(
        Offered(str(entry["title"]), str(entry["code"]))
        for entry in slot
        if isinstance(entry, dict) and "title" in entry and "code" in entry
    )


def slots_after(turn: Turn) -> dict[str, Any]:
    """Gives the slots that the conversation goes on with.

    A list that was offered stays until another is offered or a procedure outside it is answered, so that a
    number typed later still means the same thing; an aspect asked before choosing is answered after it.
    """
    reply = turn.reply
    if reply is None or turn.status in _LEAVE_ALL:
        # Nothing was said of a procedure: the conversation stands where it stood.
        return {}
    after: dict[str, Any] = {
        "aspect": turn.aspect,
        "question": turn.text if turn.result else turn.question,
        "case": turn.case.slot(),
    }
    if turn.status in ("answered", "named_only") and turn.target:
        after["procedure"] = turn.target.code
        both = [turn.target, turn.besides] if turn.besides else []
        listed = turn.offered if turn.follows else tuple(Offered(p.name, p.code) for p in both)
        after["offered"] = [{"title": o.title, "code": o.code} for o in listed] or None
    elif reply.choices:
        offered = [
            {"title": choice.title, "code": found["code"]}
            for choice in reply.choices
            if (found := PAYLOAD.fullmatch(choice.payload)) and found["code"]
        ]
        if offered:
            after["offered"] = offered
    return after
