"""What happens, step by step."""

from __future__ import annotations

import re

from actions.compose.parts import Part, budgeted, section
from actions.compose.text import MARK, clause, lines_of, room_for_each, shorten, tidy
from actions.wording import say
from knowledge.model import PortalRecord, Procedure
from knowledge.model.portal import PortalStep
from motcua.reply import Item

_MOST = 7
_STEP, _LONG_STEP = 190, 450
_CHARACTERS = 1150
_CASE = 120
_MARKED = re.compile(r"(?:^|\n|(?<=[.;:])\s)[\s\-–+*•(]*Bước\s*\d{1,2}\s*[).:\-–]*\s*", re.IGNORECASE)
_HEADING = re.compile(
    r"^(?:mặc định|trình tự(?: thực hiện)?|cách thức(?: thực hiện)?|các bước(?: thực hiện)?|bước \d+|nội dung)\W*$",
    re.IGNORECASE,
)


def steps(procedure: Procedure) -> Part:
    """Lists the steps: the curated short ones, or the beginnings of the official ones."""
    if procedure.curated:
        return Part((section(say("answer.steps.title"), [clause(s) for s in procedure.curated.steps]),))
    title, rows, others = _official(procedure.portal) if procedure.portal else ("", [], [])
    if not rows:
        return Part(lines=(say("answer.steps.unstated"),))
    longest = room_for_each(len(rows), _STEP, _LONG_STEP, _CHARACTERS)
    kept = budgeted([Item(text=shorten(row, longest)) for row in rows], _MOST, _CHARACTERS)
    sections = [section(title or say("answer.steps.title"), kept)]
    if others:
        sections.append(section(say("answer.steps.other_cases"), others))
    more = len(kept) < len(rows) and not kept[-1].text.endswith(MARK)
    return Part(tuple(sections), (say("answer.steps.more"),) if more else ())


def _official(record: PortalRecord) -> tuple[str, list[str], list[str]]:
    """Gives the case's title if there are cases, its steps, and the titles of the other cases."""
    by_case = [step for step in record.steps if len(_MARKED.findall(step.text)) > 1]
    if len(by_case) > 1 and all(tidy(step.name) for step in by_case):
        others = [shorten(tidy(step.name), _CASE) for step in by_case[1:]]
        return shorten(tidy(by_case[0].name), _CASE), _rows(by_case[0].text), others[:_MOST]
    if len(record.steps) > 1 and not by_case:
        return "", [row for row in map(_named, record.steps) if row], []
    return "", [row for step in record.steps for row in _rows(step.text)], []


def _named(step: PortalStep) -> str:
    name, text = tidy(step.name), tidy(step.text)
    if not name or _HEADING.match(name):
        return text
    return f"{name}: {text}" if text else name


def _rows(text: str) -> list[str]:
    parts = _MARKED.split(text)
    if len(parts) > 2:
        return [row for row in map(tidy, parts) if row and not _HEADING.match(row)]
    return [line for line in lines_of(text) if not _HEADING.match(line)]
