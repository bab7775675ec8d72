"""Question sets: one JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evaluation.errors import BadQuestionSet


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Question(_Line):
    """A question and the procedures that answer it.

    gold: any of them is right; also_ok: acceptable, not counted as a hit.
    """

    id: str
    question: str
    gold: tuple[str, ...] = ()
    also_ok: tuple[str, ...] = ()
    register_: str = Field("", alias="register")


class Letter(_Line):
    """A long message as people write to an office; `question` is the part of `text` that asks."""

    text: str
    gold: tuple[str, ...]
    question: str


class Expected(_Line):
    """What one turn of a conversation must bring."""

    kind: str = ""
    procedure: tuple[str, ...] = ()
    aspect: str = ""
    must_contain_any: tuple[str, ...] = ()
    must_not_contain: tuple[str, ...] = ()


class TurnLine(_Line):
    """One turn: what is typed, what is expected."""

    user: str
    expect: Expected


class Dialogue(_Line):
    """A conversation."""

    id: str
    title: str = ""
    turns: tuple[TurnLine, ...]


class Odd(_Line):
    """An off-topic or odd-looking message; expect: refuse, chitchat, handoff or answer."""

    id: str
    question: str
    expect: str
    gold: tuple[str, ...] = ()


L = TypeVar("L", bound=_Line)


def read_lines(path: Path, kind: type[L]) -> list[L]:
    """Reads a file of one kind of lines.

    Raises:
        BadQuestionSet: the file cannot be read, or a line is not of that kind.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise BadQuestionSet(f"{path.name} cannot be read: {cause}") from cause
    lines: list[L] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            lines.append(kind.model_validate(json.loads(line)))
        except ValidationError as cause:
            first = cause.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise BadQuestionSet(f"{path.name} line {number}: {place}: {first['msg']}") from cause
        except ValueError as cause:
            raise BadQuestionSet(f"{path.name} line {number} is not JSON") from cause
    if not lines:
        raise BadQuestionSet(f"{path.name} holds no question")
    return lines
