"""The whole in a few lines, for a question that asks of no aspect in particular."""

from __future__ import annotations

from actions.compose.costs import duration_brief, fee_brief
from actions.compose.documents import papers_of
from actions.compose.parts import Part, section
from actions.compose.place import files_online, where_brief
from actions.compose.text import shorten
from actions.wording import say
from knowledge.model import Procedure

_PAPERS = 3
_PAPER = 110


def overview(procedure: Procedure) -> Part:
    """The first papers, fee, time, place; whatever the record does not state is left to its aspect."""
    lines: list[str] = []
    if papers := papers_of(procedure):
        named = "; ".join(shorten(paper, _PAPER) for paper in papers[:_PAPERS])
        more = len(papers) - _PAPERS
        said = say("answer.overview.documents_more", papers=named, n=more) if more > 0 else named
        lines.append(say("answer.overview.documents", papers=said))
    briefs = {"fee": fee_brief, "duration": duration_brief, "where": where_brief}
    lines += [
        say(f"answer.overview.{name}", text=text)
        for name, brief in briefs.items()
        if (text := brief(procedure))
    ]
    if files_online(procedure):
        full = bool(procedure.curated and procedure.curated.online.full)
        lines.append(say("answer.overview.online_full" if full else "answer.overview.online"))
    if not lines:
        return Part(lines=(say("answer.overview.nothing"),))
    return Part((section(say("answer.overview.title"), lines),), numbered=False)
