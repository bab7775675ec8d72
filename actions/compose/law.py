"""Legal basis, result and conditions."""

from __future__ import annotations

import re

from actions.compose.parts import Part, budgeted, section
from actions.compose.text import clause, lines_of, room_for_each, shorten, tidy
from actions.wording import say
from knowledge.curation.figures import figures
from knowledge.model import Procedure
from motcua.reply import Item

_MOST_LAWS = 8
_MOST_CONDITIONS = 7
_MOST_RESULTS = 6
_LAW = 140
_LINE, _LONG_LINE = 200, 600
_CHARACTERS = 1100
_MOST_LIMITS = 3
_SENTENCE = re.compile(r"(?<=[.;])\s+")
_TIME_LIMIT = re.compile(r"\d\s*(?:\([^)\d]{1,40}\)\s*)?(?:ngày|giờ|tháng|tuần)(?!\s+\d)", re.IGNORECASE)
_NOTHING = re.compile(
    r"^(?:không|không có|không quy định|không yêu cầu|không có yêu cầu(?:, điều kiện)?)\W*$", re.IGNORECASE
)


def legal(procedure: Procedure) -> Part:
    """Lists the legal basis by number and title."""
    basis: list[tuple[str, str]] = []
    if procedure.curated and procedure.curated.legal_basis:
        basis = [(law.number, law.title) for law in procedure.curated.legal_basis]
    elif procedure.portal:
        basis = [(law.number, law.title) for law in procedure.portal.legal_basis]
    lines = list(
        dict.fromkeys(filter(None, (_law(clause(number.strip()), title) for number, title in basis)))
    )
    if not lines:
        return Part(lines=(say("answer.legal.unstated"),))
    more = len(lines) - _MOST_LAWS
    return Part(
        (section(say("answer.legal.title"), lines[:_MOST_LAWS]),),
        (say("answer.legal.more", n=more),) if more > 0 else (),
    )


def _law(number: str, title: str) -> str:
    title = shorten(tidy(title), _LAW)
    if number and title and number not in title:
        return say("answer.legal.line", number=number, title=title)
    return title or number


def result(procedure: Procedure) -> Part:
    """Says what the person gets in the end."""
    if procedure.curated and procedure.curated.result:
        lines = [clause(procedure.curated.result)]
    else:
        lines = lines_of(procedure.portal.result) if procedure.portal else []
    lines = list(dict.fromkeys(line for line in lines if not _NOTHING.match(line)))
    if not lines:
        return Part(lines=(say("answer.result.unstated"),))
    return Part((section(say("answer.result.title"), _fitting(lines, _MOST_RESULTS)),))


def condition(procedure: Procedure) -> Part:
    """Lists conditions and time limits."""
    lines = [clause(c) for c in procedure.curated.conditions] if procedure.curated else []
    if not lines and procedure.portal:
        lines = lines_of(procedure.portal.conditions)
    lines = list(dict.fromkeys(line for line in lines if not _NOTHING.match(line)))
    kept = _fitting(lines, _MOST_CONDITIONS)
    known = "\n".join(item.text for item in kept)
    limits = [limit for limit in time_limits(procedure) if limit not in known][:_MOST_LIMITS]
    sections = [
        section(say(f"answer.condition.{title}"), items)
        for title, items in (("title", kept), ("limits", limits))
        if items
    ]
    if not sections:
        return Part(lines=(say("answer.condition.unstated"),))
    more = (say("answer.condition.more"),) if len(kept) < len(lines) else ()
    return Part(tuple(sections), more)


def time_limits(procedure: Procedure) -> list[str]:
    """Sentences of the record that say by when or how long something is done, wherever they stand."""
    curated, portal = procedure.curated, procedure.portal
    if curated:
        told = [*curated.steps, *(d.text for d in curated.durations), curated.documents_note, *curated.notes]
    else:
        texts = [*(step.text for step in portal.steps), portal.conditions] if portal else []
        told = [row for text in texts for row in lines_of(text)]
    sentences = ((clause(one), text) for text in told for one in _SENTENCE.split(text))
    # A stop inside a date or a number parts no sentences: what comes out must say no other figure.
    limits = [
        tidy(one) for one, text in sentences if _TIME_LIMIT.search(one) and figures(one) <= figures(text)
    ]
    return list(dict.fromkeys(shorten(limit, _LINE) for limit in limits))


def _fitting(lines: list[str], most: int) -> list[Item]:
    longest = room_for_each(len(lines), _LINE, _LONG_LINE, _CHARACTERS)
    return budgeted([Item(text=shorten(line, longest)) for line in lines], most, _CHARACTERS)
