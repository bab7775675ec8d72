"""Where it is handed in, and whether online."""

from __future__ import annotations

from actions.compose.offices import addresses, agencies, centre
from actions.compose.parts import Part, section
from actions.compose.text import clause, shorten
from actions.wording import say
from knowledge.model import Procedure
from knowledge.model.portal import PortalMethod
from knowledge.model.values import CHANNELS

_BRIEF = 120


def ways(procedure: Procedure) -> list[str]:
    """The ways of filing that the portal record names, in its words' plain form."""
    named = (CHANNELS[method.channel] for method in _methods(procedure) if method.channel in CHANNELS)
    return [say(f"answer.way.{channel}") for channel in dict.fromkeys(named)]


def files_online(procedure: Procedure) -> bool:
    """Whether the record names filing online."""
    if procedure.curated:
        return procedure.curated.online.available
    return any(method.channel == "Trực tuyến" for method in _methods(procedure))


def _methods(procedure: Procedure) -> tuple[PortalMethod, ...]:
    return procedure.portal.methods if procedure.portal else ()


def where(procedure: Procedure) -> Part:
    """Names the office; none of the abolished district level."""
    lines = _lines(procedure)
    if not lines:
        return Part(lines=(say("answer.where.unstated"),))
    return Part((section(say("answer.where.title"), lines),), numbered=False)


def where_brief(procedure: Procedure) -> str:
    """The place in one short line, or empty."""
    if procedure.curated:
        return clause(procedure.curated.office.name)
    if not procedure.portal:
        return ""
    if found := addresses(procedure.portal):
        return shorten(found[0], _BRIEF)
    if level := centre(procedure.portal):
        return say(f"answer.centre.{level}")
    named, _ = agencies(procedure.portal)
    return shorten(named[0], _BRIEF) if named else ""


def _lines(procedure: Procedure) -> list[str]:
    curated, portal = procedure.curated, procedure.portal
    lines: list[str] = []
    if curated:
        lines.append(clause(curated.office.name))
        if curated.office.anywhere_in_province:
            lines.append(say("answer.where.anywhere"))
        if curated.office.note:
            lines.append(curated.office.note)
    elif portal:
        found, level = addresses(portal), centre(portal)
        named, more = agencies(portal)
        if found:
            lines.append(say("answer.where.address", address="; ".join(map(clause, found))))
        elif level:
            lines.append(say("answer.where.centre", centre=say(f"answer.centre.{level}")))
        if named:
            listed = "; ".join(map(clause, named))
            lines.append(say("answer.where.executing", agency=listed))
            if more:
                lines.append(say("answer.where.more", n=more))
        if lines and not found and not level:
            lines.append(say("answer.where.ask"))
    if lines and (named_ways := ways(procedure)):
        lines.append(say("answer.where.ways", ways=", ".join(named_ways)))
    return lines


def online(procedure: Procedure) -> Part:
    """Says whether and where it is filed online."""
    if not files_online(procedure):
        named = ways(procedure)
        told = say("answer.online.other", ways=", ".join(named)) if named else say("answer.online.none")
        note = procedure.curated.online.note if procedure.curated else ""
        return Part(lines=(told, note) if note else (told,))
    curated = procedure.curated
    full = bool(curated and curated.online.full)
    lines = [say("answer.online.full" if full else "answer.online.part")]
    lines.append(say("answer.online.where", url=procedure.url))
    if not procedure.code.startswith("x."):
        lines.append(say("answer.online.login", code=procedure.code))
    if curated and curated.online.note:
        lines.append(curated.online.note)
    return Part((section(say("answer.online.title"), lines),), numbered=False)
