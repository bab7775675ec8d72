"""A list of papers for one person's case, and the question that would shorten it most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from actions.cases.facts import Case, Fact, facts, read_condition
from knowledge.model import CuratedDocument


@dataclass(frozen=True)
class Tailored:
    """Papers of a record, parted by what is known of the case; each keeps the record's order.

    needed: everybody's, and those whose case the person said to be theirs.
    open: needed in cases of which nothing is known.
    left_out: those of other cases.
    """

    needed: tuple[CuratedDocument, ...]
    open: tuple[CuratedDocument, ...]
    left_out: tuple[CuratedDocument, ...]


def tailor(papers: Sequence[CuratedDocument], case: Case) -> Tailored:
    """Parts a record's papers by a person's case. Nothing is added, and what is not known rules nothing out."""
    needed: list[CuratedDocument] = []
    open_: list[CuratedDocument] = []
    left_out: list[CuratedDocument] = []
    for paper in papers:
        condition = read_condition(paper.when)
        known = {fact: case.known[fact] for fact in condition.needs if fact in case.known}
        if not paper.when:
            needed.append(paper)
        elif any(condition.needs[fact] != value for fact, value in known.items()):
            left_out.append(paper)
        elif condition.whole and len(known) == len(condition.needs):
            needed.append(paper)
        else:
            open_.append(paper)
    return Tailored(tuple(needed), tuple(open_), tuple(left_out))


def question_for(papers: Sequence[CuratedDocument], case: Case) -> Fact | None:
    """Gives the fact to ask for: of those that papers in question depend on, the one that settles most of them.

    None where nothing in question depends on a fact, or every such fact was asked for before.
    """
    settles: Counter[str] = Counter()
    for paper in tailor(papers, case).open:
        for fact in read_condition(paper.when).needs:
            if facts()[fact].question and fact not in case.known and fact not in case.asked:
                settles[fact] += 1
    order = list(facts())
    best = min(settles, key=lambda fact: (-settles[fact], order.index(fact)), default="")
    return facts()[best] if best else None
