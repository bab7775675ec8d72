"""The papers, and the forms among them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from actions.cases import Case, facts, tailor
from actions.cases.facts import read_condition
from actions.compose.parts import Part, budgeted, section
from actions.compose.text import clause, room_for_each, shorten, tidy
from actions.wording import say
from knowledge.model import CuratedDocument, Document, Procedure, read_documents
from motcua.reply import Item, Section

_ROLES = ("submit", "present", "fill")
_NAME, _LONG_NAME = 220, 600
_MOST_FORMS = 12
_TITLE = 120
_NOTE = 180

_GENERIC = re.compile(
    r"^\W*(?:lưu ý|ghi chú|chú ý|thành phần hồ sơ|giấy tờ phải nộp|hồ sơ (?:gồm|bao gồm)|\d* *bộ hồ sơ)?\W*$",
    re.IGNORECASE,
)
_FOR_ANOTHER = re.compile(r"[uủ][ỷy] quyền", re.IGNORECASE)
_WHEN = re.compile(r"^(?:chỉ )?khi ", re.IGNORECASE)
_TELLS_COUNT = re.compile(r"\d{1,2}\)?\s*(?:\([^)\d]{1,20}\)\s*)?(?:bản|bộ|tờ)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Budget:
    """How much of a list is shown.

    papers, cases, groups, notes: how many of each at most.
    characters: of names and notes together, about.
    """

    papers: int
    cases: int
    groups: int
    notes: int
    characters: int


TELEPHONE = Budget(papers=12, cases=10, groups=6, notes=3, characters=1150)
"""A list of more is no help on a telephone: the rest is counted, and stands at the source."""

PAPER = Budget(papers=200, cases=200, groups=60, notes=30, characters=60_000)
"""A sheet to print holds everything."""


def documents(procedure: Procedure, case: Case | None = None, budget: Budget = TELEPHONE) -> Part:
    """Lists the papers: everybody's first, then those of particular cases; a long list is cut and counted.

    Args:
        procedure: what they are for.
        case: what is known of the person's case: papers of other cases are left out.
        budget: how much is shown.
    """
    if procedure.curated:
        return _curated(procedure.curated.documents, clause(procedure.curated.documents_note), case or Case(), budget)
    if procedure.portal:
        return _portal(read_documents(procedure.portal.documents), budget)
    return Part(lines=(say("answer.documents.none"),))


def _curated(papers: tuple[CuratedDocument, ...], note: str, case: Case, budget: Budget) -> Part:
    tailored = tailor(papers, case)
    sections = [
        section(say(f"answer.documents.{role}"), [_item(p) for p in tailored.needed if p.role == role])
        for role in _ROLES
    ]
    by_case = tailored.open
    said = sum(len(item.text + item.note) for one in sections for item in one.items)
    said += sum(len(p.name + p.when + p.note) for p in by_case)
    # On a long list a paper that most people do not need is named with its case, and no more.
    brief = said > budget.characters
    cases = [_item(p, noted=not brief, sourced=False) for p in by_case]
    shown = cases[: budget.cases] if brief else cases
    sections.append(section(say("answer.documents.cases"), shown))
    kept = tuple(s for s in sections if s.items)
    told = (*_counted_on(papers, case), *((_sentence(note),) if note else ()))
    if len(shown) < len(cases):
        told = (say("answer.documents.more", n=len(cases) - len(shown)), *told)
    if not kept:
        return Part(lines=told or (say("answer.documents.none"),))
    return Part(kept, told)


def _counted_on(papers: tuple[CuratedDocument, ...], case: Case) -> tuple[str, ...]:
    """Says which facts the list counts on; and, to who acts for another, that nothing is said of it."""
    asked = {fact for paper in papers for fact in read_condition(paper.when).needs}
    names = [facts()[fact].values[value].name for fact, value in case.known.items() if fact in asked]
    lines: list[str] = []
    if names:
        lines.append(say("answer.documents.counted_on", facts="; ".join(n[:1].lower() + n[1:] for n in names)))
    if case.known.get("doer") == "other" and not any(_FOR_ANOTHER.search(f"{p.name} {p.when}") for p in papers):
        lines.append(say("answer.documents.doer_unsaid"))
    return tuple(lines)


def _item(paper: CuratedDocument, *, noted: bool = True, sourced: bool = True) -> Item:
    where = clause(paper.where_to_get) if sourced else ""
    notes = [
        say("answer.documents.when", when=_WHEN.sub("", clause(paper.when))) if paper.when else "",
        say("answer.documents.where_to_get", where=where) if where else "",
        paper.note if noted else "",
    ]
    return Item(
        text=clause(paper.name),
        originals=paper.originals,
        copies=paper.copies,
        note=" ".join(_sentence(n) for n in notes if n),
    )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def papers_of(procedure: Procedure) -> list[str]:
    """Names the papers that everybody brings, as far as the record tells."""
    if procedure.curated:
        return [clause(d.name) for d in procedure.curated.documents if not d.when]
    if not procedure.portal:
        return []
    rows = [d for d in _in_order(read_documents(procedure.portal.documents)) if not d.is_note]
    return [name for name in dict.fromkeys(tidy(d.name) for d in rows) if any(c.isalpha() for c in name)]


def _portal(rows: tuple[Document, ...], budget: Budget) -> Part:
    rows = _in_order(rows)
    papers = [row for row in rows if not row.is_note and any(c.isalpha() for c in row.name)]
    if not papers:
        return Part(lines=(say("answer.documents.none"),))
    longest = room_for_each(len(papers), _NAME, _LONG_NAME, budget.characters)
    groups: dict[str, list[Item]] = {}
    for row in papers:
        groups.setdefault(_title(row.group), []).append(_paper(row, longest))
    # What somebody acting for another adds comes after what everybody brings.
    in_turn = sorted(groups, key=lambda title: bool(_FOR_ANOTHER.search(title)))
    groups = {title: list(dict.fromkeys(groups[title])) for title in in_turn}
    total = sum(map(len, groups.values()))
    sections: list[Section] = []
    unshown: list[str] = []
    room, characters = budget.papers, budget.characters
    for title, items in groups.items():
        # After the first group only whole ones: half a case misleads.
        kept = budgeted(items, room, characters)
        length = sum(len(item.text) for item in kept)
        if sections and (unshown or not room or len(kept) < len(items) or length > characters):
            unshown.append(title)
            continue
        sections.append(section(title or say("answer.documents.portal"), kept))
        room, characters = room - len(kept), characters - length
    lines: list[str] = []
    shown = sum(len(s.items) for s in sections)
    named = [title for title in unshown if title]
    if named:
        titles = budgeted([Item(text=title) for title in named], budget.groups, max(characters, _TITLE * 3))
        sections.append(section(say("answer.documents.other_cases"), titles))
    if shown < total:
        lines.append(say("answer.documents.more", n=total - shown))
    notes = [shorten(note, _NOTE) for note in (tidy(row.name) for row in rows if row.is_note) if len(note) > 20]
    if notes and shown == total and characters > 0:
        fitting = budgeted([Item(text=note) for note in dict.fromkeys(notes)], budget.notes, characters)
        sections.append(section(say("answer.documents.notes"), fitting))
    return Part(tuple(sections), tuple(lines))


def _title(group: str) -> str:
    title = tidy(group)
    return "" if _GENERIC.match(title) else shorten(title, _TITLE)


def _paper(row: Document, longest: int) -> Item:
    name = tidy(row.name) or row.name
    # Where the words tell how many, the columns would say it twice, or otherwise.
    told = bool(_TELLS_COUNT.search(name))
    return Item(
        text=shorten(name, longest),
        originals=None if told else row.originals,
        copies=None if told else row.copies,
    )


_LETTERED = re.compile(r"^\W*(\d{1,2}|[a-zđ])\s*[).]\s", re.IGNORECASE)
_ALPHABET = "abcdđefghijklmnopqrstuvwxyz"


def _in_order(rows: tuple[Document, ...]) -> tuple[Document, ...]:
    """Puts "b), c), a)" into order, where a whole group is enumerated without a gap or a repeat."""
    groups: dict[str, list[Document]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    ordered: list[Document] = []
    for group in groups.values():
        marks = [m.group(1).lower() if (m := _LETTERED.match(row.name)) else "" for row in group]
        places = [int(m) if m.isdigit() else _ALPHABET.find(m) + 1 if m else 0 for m in marks]
        whole = len(group) > 1 and sorted(places) == list(range(1, len(group) + 1))
        if whole and len({m.isdigit() for m in marks}) == 1:
            group = [row for _, row in sorted(zip(places, group, strict=True), key=lambda pair: pair[0])]
        ordered.extend(group)
    return tuple(ordered)


def forms(procedure: Procedure) -> Part:
    """Lists the forms by name; the portal publishes names, not files."""
    names: list[str] = list(procedure.curated.forms) if procedure.curated else []
    if not names and procedure.portal:
        files = [file for d in procedure.portal.documents for file in d.forms]
        names = [_form_name(one) for file in files for one in _SPLICED.split(file)]
    if not names and procedure.curated:
        names = [d.name for d in procedure.curated.documents if d.role == "fill"]
    names = list(dict.fromkeys(n for n in names if n))
    if not names:
        return Part(lines=(say("answer.form.none"),))
    lines = [say("answer.form.get")]
    if len(names) > _MOST_FORMS:
        lines.insert(0, say("answer.form.more", n=len(names) - _MOST_FORMS))
    return Part((section(say("answer.form.title"), names[:_MOST_FORMS]),), tuple(lines))


_TYPES = r"\.(?:docx?|pdf|xlsx?|rar|zip|odt|rtf|jpe?g|png)"
_FILE = re.compile(rf"{_TYPES}$", re.IGNORECASE)
_SPLICED = re.compile(rf"{_TYPES}(?=[^\W\d_x])", re.IGNORECASE)


def _form_name(file: str) -> str:
    return shorten(tidy(" ".join(_FILE.sub("", file.strip()).replace("_", " ").split())), _TITLE)
