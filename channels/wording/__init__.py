"""Every sentence the gateway says, read from the YAML files beside this module."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from motcua.reply import Choice, Reply

_HERE = Path(__file__).parent


class ProblemWording(BaseModel):
    """How a problem is told: what happened, and what the person can do next."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    detail: str
    next: str


class HandoverWording(BaseModel):
    """What is said around a conversation with an officer; the file says which sentence is filled with what."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    opened: dict[str, str]
    already_waiting: str
    ahead: str
    next: str
    meanwhile: str
    closed: str
    closed_holiday: str
    opens: str
    today: str
    tomorrow: str
    later: str
    weekdays: tuple[str, str, str, str, str, str, str]
    nobody: str
    number_kept: str
    offer_number: str
    decline_choice: str
    number_taken: str
    number_broken: str
    number_declined: str
    number_agreed: str
    taken: str
    officer: str
    returned: str
    still_waiting: str
    handed_back: str
    closed_case: str
    reported: str
    erased: str
    polite: frozenset[str]
    declines: frozenset[str]
    agrees: frozenset[str]


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((_HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    return content


def read_all() -> None:
    """Reads every file once, so that a broken one is found at the start and not by a citizen.

    Raises:
        OSError, ValueError, KeyError, yaml.YAMLError: a file is missing or not what it should be.
    """
    for part in (problems, field_faults, own_replies, tapped, page, widget, terminal, handover):
        part()


@cache
def problems() -> dict[str, ProblemWording]:
    """Gives the problems by key."""
    return TypeAdapter(dict[str, ProblemWording]).validate_python(_read("problems")["problems"])


@cache
def field_faults() -> dict[str, str]:
    """Gives what can be wrong with one field of a request, by key."""
    return TypeAdapter(dict[str, str]).validate_python(_read("problems")["fields"])


@cache
def own_replies() -> dict[str, Reply]:
    """Gives the replies that need no bot, by key."""
    return TypeAdapter(dict[str, Reply]).validate_python(_read("replies")["replies"])


@cache
def tapped() -> dict[str, str]:
    """Gives how a tapped choice is written in the history when its own title is not known."""
    return TypeAdapter(dict[str, str]).validate_python(_read("replies")["tapped"])


@cache
def page() -> dict[str, Any]:
    """Gives the words of the chat page."""
    return _read("page")


@cache
def widget() -> dict[str, Any]:
    """Gives the words of the chat widget: `vi` and `en` with the same keys, and what both share."""
    words = _read("widget")
    if words["vi"].keys() != words["en"].keys():
        raise ValueError("widget.yaml: vi and en differ in their keys")
    for choice in words["first"]:
        Choice.model_validate(choice)
    return words


@cache
def terminal() -> dict[str, str]:
    """Gives the words of the terminal client."""
    return TypeAdapter(dict[str, str]).validate_python(_read("terminal"))


@cache
def handover() -> HandoverWording:
    """Gives the words around a conversation with an officer."""
    return HandoverWording.model_validate(_read("handover"))
