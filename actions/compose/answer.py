"""A procedure and an aspect → the whole answer, but for its receipt."""

from __future__ import annotations

from collections.abc import Iterator

from actions.cases import Case, Fact
from actions.compose.aspects import compose_aspect
from actions.compose.documents import TELEPHONE, Budget
from actions.compose.names import short_name, spoken_name, without_kind
from actions.compose.old_units import names_district
from actions.compose.parts import Part, render, source_line, source_of
from actions.compose.text import MARK, shorten
from actions.wording import say, sentences
from knowledge.model import PortalRecord, Procedure
from knowledge.search.provinces import province_key
from motcua.reply import Aspect, Choice, Reply
from nlu.text import fold

_NEXT: tuple[Aspect, ...] = ("documents", "fee", "duration", "where", "online", "steps")
_LONG_NAME = 200
_MOST_CHOICES = 5
_PAPERLESS: tuple[Aspect, ...] = ("overview", "where", "online", "steps")


def answer_about(
    procedure: Procedure,
    aspect: Aspect,
    *,
    province: str = "",
    case: Case | None = None,
    asks: Fact | None = None,
    budget: Budget = TELEPHONE,
) -> Reply:
    """Answers one aspect of a procedure from its record.

    Args:
        procedure: what is asked about.
        aspect: what is asked.
        province: the own province's name, or empty.
        case: what is known of the person's case; their papers follow it.
        asks: what is asked for in turn, to know the case better.
        budget: how much of a list of papers is shown.
    """
    if not procedure.is_detailed:
        name = spoken_name(procedure)
        return Reply(
            kind="answer",
            text=say("answer.only_name", name=name, code=procedure.code, url=procedure.url),
            procedure=procedure.code,
            aspect=aspect,
            source=source_of(procedure),
        )
    part = compose_aspect(procedure, aspect, case or Case(), budget)
    name = spoken_name(procedure) if aspect == "overview" else short_name(procedure)
    lead = say(f"answer.lead.{aspect}", name=name)
    if aspect == "overview" and procedure.curated:
        lead = "\n".join(filter(None, (lead, _official(procedure), procedure.curated.summary)))
    question = asks.question if asks else ""
    tail = [*_remarks(procedure, aspect, part, province), source_line(procedure), question]
    return Reply(
        kind="answer",
        text=render(lead, part, tail, implied=sentences().get(f"answer.{aspect}.title", "")),
        procedure=procedure.code,
        aspect=aspect,
        sections=part.sections,
        choices=(*_values(procedure, aspect, asks), *_next(procedure, aspect))[:_MOST_CHOICES],
        source=source_of(procedure),
    )


def _values(procedure: Procedure, aspect: Aspect, asks: Fact | None) -> Iterator[Choice]:
    if asks is None:
        return
    for value in asks.values.values():
        yield Choice(title=value.name, payload=f"case:{asks.key}={value.key}:{aspect}:{procedure.code}")


def _next(procedure: Procedure, aspect: Aspect) -> Iterator[Choice]:
    for other in _NEXT:
        if other != aspect:
            yield Choice(title=say(f"answer.choice.{other}"), payload=f"ask:{other}:{procedure.code}")


def _official(procedure: Procedure) -> str:
    """The name to look for at the portal and the counter, where people call it otherwise."""
    official = procedure.curated.official_name if procedure.curated else ""
    if not official or fold(without_kind(official)) == fold(spoken_name(procedure)):
        return ""
    return say("answer.official", name=shorten(without_kind(official), _LONG_NAME))


def _remarks(procedure: Procedure, aspect: Aspect, part: Part, province: str) -> list[str]:
    curated, portal = procedure.curated, procedure.portal
    items = [item for one in part.sections for item in one.items]
    remarks: list[str] = []
    if not curated and any(MARK in item.text for item in items):
        remarks.append(say("answer.cut"))
    if any(names_district(f"{item.text} {item.note}") for item in items):
        remarks.append(say("answer.old_units"))
    elif portal and not curated and aspect in ("where", "overview") and _left_out_district(portal):
        remarks.append(say("answer.old_office"))
    if curated and curated.provider:
        remarks.append(say("answer.provider", provider=curated.provider))
    if curated and curated.paperless and aspect in _PAPERLESS:
        remarks.append(say("answer.paperless"))
    if portal and portal.is_provincial:
        remarks.append(_own_province(portal.agency, province))
    if curated and aspect == "overview":
        remarks.extend(curated.notes)
    return remarks


def _left_out_district(portal: PortalRecord) -> bool:
    return names_district(f"{portal.executing_agency}; {portal.receiving_address}")


def _own_province(agency: str, province: str) -> str:
    where = agency.removeprefix("UBND ").replace("Thành phố", "thành phố")
    if province and province_key(agency) != province_key(province):
        return say("answer.other_province", agency=where, province=province)
    return say("answer.own_province", agency=where)
