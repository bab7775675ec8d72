"""Proof that answers say nothing that their record does not: every procedure, every aspect, figure by figure."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, get_args

from actions.cases import Case, facts, question_for
from actions.cases.facts import read_condition
from actions.compose import answer_about
from actions.compose.text import MARK
from actions.wording import say, sentences
from knowledge.curation.check import UNIT_NAMES, portal_figures
from knowledge.curation.figures import Figure, figures
from knowledge.model import Procedure
from knowledge.store import Catalogue
from motcua.reply import Aspect, Reply
from nlu.text import fold, words

Progress = Callable[[str, int, int], None]

ASPECTS: tuple[Aspect, ...] = get_args(Aspect)
_CHUNK = 100
_FREE = re.compile(
    r"mien (?:thu )?(?:phi|le phi)|khong (?:thu|mat|phai nop|phai tra) (?:phi|le phi|tien)|khong thu\b|mien thu\b"
)
_FILE_TYPE = re.compile(r"\.(?:docx?|pdf|xlsx?|rar|zip|odt|rtf|jpe?g|png)", re.IGNORECASE)
# Aspects whose items are names of papers, and nothing else.
_NAMED: tuple[Aspect, ...] = ("documents", "form")
_ARTEFACT = re.compile(
    r"\bNone\b|\{|\}|;\s*[.;]|,\s*[.;]|:\s*[.;]|\.\s*;|…\.|\(\s*\)|(?<!\.)\.\.(?!\.)|^\d+\. *$", re.MULTILINE
)


@dataclass(frozen=True)
class Offence:
    """One thing an answer says that its record does not bear out."""

    code: str
    aspect: str
    reason: str
    what: str

    def __str__(self) -> str:
        return f"{self.code} {self.aspect}: {self.reason}: {self.what}"


def check_grounding(
    catalogue: Catalogue, progress: Progress | None = None, *, processes: int | None = None
) -> dict[str, Any]:
    """Composes and checks every answer of the catalogue, lists of papers also for every case that changes them.

    Checked are, against the portal record or, for a curated procedure, the curated record beside it: every sum,
    length of time, percentage and number of a legal text; every name and count of a paper and a form; every
    saying that nothing is charged. No answer may be empty, or show a seam of its making.

    Args:
        catalogue: all procedures are read from it.
        progress: told a title, procedures done and procedures in all.
        processes: how many work side by side; as many as there are processors when None.

    Returns:
        `procedures`, `answers`, `offences` (count), `by_reason`, `longest` (characters), `median` (characters)
        and `offenders`: a list of code, aspect, reason, what.
    """
    procedures = [p for p in catalogue.procedures() if p.is_detailed]
    chunks = [procedures[start : start + _CHUNK] for start in range(0, len(procedures), _CHUNK)]
    offences: list[Offence] = []
    lengths: list[int] = []
    for done, (found, measured) in enumerate(_spread(chunks, processes or os.cpu_count() or 1), 1):
        offences += found
        lengths += measured
        if progress:
            progress("Checking answers", min(done * _CHUNK, len(procedures)), len(procedures))
    by_reason: dict[str, int] = {}
    for offence in offences:
        by_reason[offence.reason] = by_reason.get(offence.reason, 0) + 1
    lengths.sort()
    return {
        "procedures": len(procedures),
        "answers": len(lengths),
        "offences": len(offences),
        "by_reason": by_reason,
        "median": lengths[len(lengths) // 2] if lengths else 0,
        "p95": lengths[len(lengths) * 95 // 100] if lengths else 0,
        "longest": lengths[-1] if lengths else 0,
        "offenders": [asdict(offence) for offence in offences],
    }


def _spread(chunks: Sequence[list[Procedure]], processes: int) -> Iterator[tuple[list[Offence], list[int]]]:
    if processes == 1 or len(chunks) < 2:
        yield from map(_check_chunk, chunks)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(_check_chunk, chunks)


def _check_chunk(procedures: list[Procedure]) -> tuple[list[Offence], list[int]]:
    offences: list[Offence] = []
    lengths: list[int] = []
    for procedure in procedures:
        record = _Record(procedure)
        for aspect in ASPECTS:
            reply = answer_about(procedure, aspect)
            lengths.append(len(reply.text))
            offences += (Offence(procedure.code, aspect, *fault) for fault in faults(record, reply, aspect))
        for reply in _tailored(procedure):
            lengths.append(len(reply.text))
            offences += (Offence(procedure.code, "documents", *fault) for fault in faults(record, reply, "documents"))
    return offences, lengths


def _tailored(procedure: Procedure) -> Iterator[Reply]:
    """The lists of papers that a person's case may lead to: one for each value of each fact they depend on."""
    papers = procedure.curated.documents if procedure.curated else ()
    asks = question_for(papers, Case())
    if asks:
        yield answer_about(procedure, "documents", asks=asks)
    for fact in sorted({fact for paper in papers for fact in read_condition(paper.when).needs}):
        for value in facts()[fact].values:
            yield answer_about(procedure, "documents", case=Case({fact: value}))


def check_reply(procedure: Procedure, reply: Reply, aspect: Aspect) -> list[Offence]:
    """Lists what one answer says beyond its procedure's record."""
    return [Offence(procedure.code, aspect, *fault) for fault in faults(_Record(procedure), reply, aspect)]


class _Record:
    """What a procedure's record says, ready to compare with."""

    def __init__(self, procedure: Procedure) -> None:
        self.figures: set[Figure] = set()
        self.counts: set[tuple[int | None, int | None]] = {(None, None)}
        texts: list[str] = []
        portal, curated = procedure.portal, procedure.curated
        if portal:
            self.figures |= portal_figures(portal)
            texts += strings(portal.interchange())
            self.counts |= {(d.originals or 0, d.copies or 0) for d in portal.documents}
        if curated:
            own = list(strings(curated.model_dump(mode="json")))
            texts += own
            self.figures |= figures("\n".join(own))
            self.figures |= {Figure("money", str(f.amount)) for f in curated.fees if f.amount}
            for length in curated.durations:
                if length.number is not None:
                    value = f"{length.number:g} {UNIT_NAMES[length.unit]}"
                    self.figures.add(Figure("time", value))
            self.counts |= {(d.originals or 0, d.copies or 0) for d in curated.documents}
        self.text = f" {_plain(' '.join(texts))} "
        told_free = bool(curated) and any(f.state == "free" for f in curated.fees) if curated else False
        self.free = told_free or bool(_FREE.search(self.text))

    def says(self, text: str) -> bool:
        """Whether the words of a text stand in the record, one after the other."""
        return f" {_plain(text)} " in self.text

    def counts_so(self, originals: int | None, copies: int | None) -> bool:
        """Whether some paper of the record has these counts, in its columns or in its words."""
        if (originals, copies) in self.counts or (originals or 0, copies or 0) in self.counts:
            return True
        told = [n for n in (originals, copies) if n]
        return all(re.search(rf"\b0?{n} (?:\w+ ){{0,4}}ban ", self.text) for n in told)


def _plain(text: str) -> str:
    # U+01A3 is the portal's slip for ư, which answers put right; names of forms come without their type.
    text = _FILE_TYPE.sub(" ", text.replace("ƣ", "ư").replace("Ƣ", "Ư")).replace("_", " ")
    return " ".join(words(fold(text)))


def strings(value: object) -> Iterator[str]:
    """Every text inside a structure of mappings and lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from strings(part)


@lru_cache(maxsize=1)
def _own_sentences() -> list[str]:
    """Sentences of the wording that speak of money or time by themselves, such as "not stated is not free"."""
    return [
        text
        for key, text in sentences().items()
        if key.startswith("answer.") and "{" not in text and len(text) > 40
    ]


def faults(record: _Record, reply: Reply, aspect: Aspect) -> Iterator[tuple[str, str]]:
    """Gives reason and wording of everything an answer says without ground."""
    body = reply.text
    if not body.strip():
        yield "empty", ""
        return
    if reply.source and not reply.source.url:
        yield "no source", ""
    for sentence in _own_sentences():
        body = body.replace(sentence, " ")
    for figure in sorted(figures(body) - record.figures):
        yield "figure", str(figure)
    if not record.free:
        for line in body.splitlines():
            if claim := _FREE.search(_plain(line)):
                yield "free", claim.group(0)
    if found := _ARTEFACT.search(reply.text):
        start = max(0, found.start() - 30)
        yield "seam", reply.text[start : found.end() + 10].replace("\n", "⏎")
    if aspect in _NAMED:
        titles = {say("answer.documents.notes"), say("answer.documents.other_cases")}
        for section in reply.sections:
            for item in section.items:
                if not record.says(item.text.removesuffix(MARK)):
                    yield "name", item.text
                if section.title not in titles and not record.counts_so(item.originals, item.copies):
                    yield "count", f"{item.text[:60]} ({item.originals}/{item.copies})"
    if aspect == "overview":
        yield from _papers(record, reply)


def _papers(record: _Record, reply: Reply) -> Iterator[tuple[str, str]]:
    before, after = sentences()["answer.overview.documents"].split("{papers}")
    more = sentences()["answer.overview.documents_more"].removeprefix("{papers}")
    tail = re.compile(re.escape(more).replace(re.escape("{n}"), r"\d+") + "$")
    for line in (item.text for section in reply.sections for item in section.items):
        if not line.startswith(before):
            continue
        named = tail.sub("", line.removeprefix(before).removesuffix(after))
        for paper in named.split("; "):
            if not record.says(paper.removesuffix(MARK)):
                yield "name", paper
