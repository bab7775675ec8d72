"""Every sentence the gateway says, read from the YAML files beside this module."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from motcua.reply import Reply

_HERE = Path(__file__).parent


class ProblemWording(BaseModel):
    """How a problem is told: what happened, and what the person can do next."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    detail: str
    next: str


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((_HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    return content


def read_all() -> None:
    """Reads every file once, so that a broken one is found at the start and not by a citizen.

    Raises:
        OSError, ValueError, KeyError, yaml.YAMLError: a file is missing or not what it should be.
    """
    for part in (problems, field_faults, own_replies, tapped, page, terminal):
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
def terminal() -> dict[str, str]:
    """Gives the words of the terminal client."""
    return TypeAdapter(dict[str, str]).validate_python(_read("terminal"))
