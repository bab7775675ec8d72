"""Proof that a curated record says nothing that its portal record does not: figure by figure.

Every sum, length of time, percentage and number of a legal text of the curated record must stand somewhere
in the portal record, every count of originals and copies on a document of like name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from knowledge.curation.figures import Figure, figures
from knowledge.model import CuratedDocument, CuratedDuration, CuratedFee, CuratedRecord, PortalRecord, Words
from knowledge.model.portal import PortalDocument
from nlu.text import clean, fold, words

# What a curated name must share with a portal document's name to be taken for it: two of five words.
_ALIKE = 0.4
# Of the portal documents of like name, only those nearly as like as the likest lend their counts.
_NEARLY = 0.7
UNIT_NAMES = {
    "working_day": "ngày làm việc",
    "day": "ngày",
    "hour": "giờ",
    "minute": "phút",
    "month": "tháng",
    "year": "năm",
}
# Fields of a portal record that speak of no figure a citizen is told.
_NO_FIGURES = {"code", "component_code", "portal_id", "portal_url", "crawled_at", "flags", "sources"}
# People's own words, and what is proved in another way.
_NOT_PROVED = {
    "code",
    "data_date",
    "sample_questions",
    "situations",
    "common_names",
    "differs",
    "neighbours",
    "paperless",
    "official_name",
    "online",
}
CODE = re.compile(r"(?<![\w.])(?:\d\.\d{6}(?:[.\-][0-9A-Za-z]+)*|x\.[a-z0-9]+(?:-[a-z0-9]+)*)")


_MISSING = "not in the portal record"
_Reason = tuple[str, str, str]


@dataclass(frozen=True)
class Difference:
    """One thing of a curated record that its portal record does not bear out."""

    code: str
    where: str
    what: str
    reason: str

    def __str__(self) -> str:
        return f"{self.code} {self.where}: {self.what}: {self.reason}"


def portal_figures(record: PortalRecord) -> set[Figure]:
    """Every figure of a portal record, the typed fee amounts included."""
    found: set[Figure] = set()
    # One by one: a number at the end of one text must not meet a unit at the start of the next.
    for text in _strings(record.interchange()):
        found |= figures(text)
    for method in record.methods:
        for fee in method.fees:
            if fee.value:
                found.add(Figure("money", str(int(fee.value))))
    return found


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            if name not in _NO_FIGURES:
                yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def check_record(curated: CuratedRecord, portal: PortalRecord) -> list[Difference]:
    """Lists what a curated record says beyond its portal record; an empty list is the proof."""
    allowed = portal_figures(portal)
    found = list(_title_reasons(curated, portal))
    for where, text in _texts(curated):
        found.extend((where, str(figure), _MISSING) for figure in sorted(figures(text) - allowed))
    for i, fee in enumerate(curated.fees):
        found.extend(_fee_reasons(i, fee, allowed, portal))
    for i, duration in enumerate(curated.durations):
        found.extend(_duration_reasons(i, duration, allowed))
    found.extend(_law_reasons(curated, portal))
    for i, document in enumerate(curated.documents):
        reason = _count_reason(document, portal.documents)
        if reason:
            counts = f"{document.originals}/{document.copies}"
            found.append((f"documents[{i}]", f"{document.name} ({counts})", reason))
    return [Difference(curated.code, *one) for one in dict.fromkeys(found)]


def check_references(records: Iterable[CuratedRecord | Words], codes: Collection[str]) -> list[Difference]:
    """Lists the codes named by curated records and vocabulary that nothing stands behind.

    Args:
        records: curated records and vocabulary; codes of our own (`x.`) exist where one of them is curated.
        codes: every code of the catalogue.
    """
    records = list(records)
    curated = {record.code for record in records if isinstance(record, CuratedRecord)}
    known = set(codes) | {code for code in curated if code.startswith("x.")}
    differences: list[Difference] = []
    for record in records:
        if record.code not in known:
            differences.append(Difference(record.code, "code", record.code, "the catalogue has no such code"))
        for where, code in _references(record):
            if code == record.code:
                differences.append(Difference(record.code, where, code, "points at itself"))
            elif code not in known:
                differences.append(Difference(record.code, where, code, "the catalogue has no such code"))
    return differences


def _references(record: CuratedRecord | Words) -> Iterator[tuple[str, str]]:
    for code in CODE.findall(record.differs):
        if code != record.code:
            yield "differs", code
    if isinstance(record, CuratedRecord):
        for i, neighbour in enumerate(record.neighbours):
            yield f"neighbours[{i}]", neighbour.code
            for code in CODE.findall(neighbour.when):
                yield f"neighbours[{i}].when", code


def _same_title(one: str, other: str) -> bool:
    return clean(one).strip(" .;").casefold() == clean(other).strip(" .;").casefold()


def _title_reasons(curated: CuratedRecord, portal: PortalRecord) -> Iterator[_Reason]:
    if curated.code != portal.code:
        yield "code", curated.code, f"compared with the portal record of {portal.code}"
    if curated.official_name and not _same_title(curated.official_name, portal.name):
        yield "official_name", curated.official_name, f"the portal calls it {' '.join(portal.name.split())!r}"


def _fee_reasons(i: int, fee: CuratedFee, allowed: set[Figure], portal: PortalRecord) -> Iterator[_Reason]:
    if fee.amount is not None and Figure("money", str(fee.amount)) not in allowed:
        yield f"fees[{i}].amount", f"{fee.amount} đồng", _MISSING
    if fee.state == "free" and not _says_free(portal):
        yield f"fees[{i}].state", "free", "the portal record nowhere says that nothing is charged"


def _duration_reasons(i: int, duration: CuratedDuration, allowed: set[Figure]) -> Iterator[_Reason]:
    if duration.number is None:
        return
    number = int(duration.number) if duration.number == int(duration.number) else duration.number
    figure = Figure("time", f"{number} {UNIT_NAMES[duration.unit]}")
    if figure not in allowed:
        yield f"durations[{i}]", str(figure), _MISSING


def _law_reasons(curated: CuratedRecord, portal: PortalRecord) -> Iterator[_Reason]:
    # Numbers of an unusual shape are no figures; they must stand in the portal's own list.
    listed = " ".join(fold(f"{law.number} {law.title}") for law in portal.legal_basis)
    for i, law in enumerate(curated.legal_basis):
        if not figures(law.number) and fold(law.number) not in listed:
            yield f"legal_basis[{i}]", law.number, _MISSING


def _texts(curated: CuratedRecord) -> Iterator[tuple[str, str]]:
    for name, value in json.loads(curated.model_dump_json(exclude=_NOT_PROVED)).items():
        parts = value if isinstance(value, list) else [value]
        for i, part in enumerate(parts):
            for text in _strings(part):
                yield (f"{name}[{i}]" if isinstance(value, list) else name), text
    yield "online", curated.online.note


_FREE = ("mien phi", "mien le phi", "mien thu", "khong thu", "khong phai nop", "khong mat phi")


def _says_free(portal: PortalRecord) -> bool:
    text = fold(json.dumps(portal.interchange(), ensure_ascii=False))
    return any(word in text for word in _FREE)


def _count_reason(document: CuratedDocument, rows: tuple[PortalDocument, ...]) -> str:
    if document.originals is None and document.copies is None:
        return ""
    counts = (document.originals or 0, document.copies or 0)
    said = {w for w in words(fold(document.name)) if len(w) > 1}
    likeness = [(len(said & set(words(fold(f"{row.name} {row.group}")))), row) for row in rows]
    best = max((score for score, _ in likeness), default=0)
    if not said or best < _ALIKE * len(said):
        return "no document of the portal record has a like name"
    alike = [row for score, row in likeness if score >= max(_ALIKE * len(said), _NEARLY * best)]
    if any((row.originals, row.copies) == counts for row in alike):
        return ""
    seen = ", ".join(sorted({f"{row.originals}/{row.copies}" for row in alike}))
    return f"the portal counts originals/copies {seen}"
