"""Official prose made readable for people, without a word that the record does not have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import yaml

from knowledge.curation.figures import figures

MARK = "…"
"""Ends every text that was cut; the answer then says where the whole stands."""

_LONGEST = 300
_OPEN_END = re.compile(r"(?:ngày|tháng|năm|số|điều|khoản|điểm|mục)$", re.IGNORECASE)
# Longer than any figure with its unit.
_WINDOW = 60
_PAGE_LINE = 45
_SENTENCE_END = re.compile(r"[.;!?]\s+")
_NAMES = Path(__file__).with_name("proper_names.yaml")

# What stands before the words of a line: bullets, "a)", "1.2.", "(iv)", "Bước 3:".
_BULLETS = re.escape("-–—−+*•·●▪■◦➢➤✓=…\uf0b7\uf02d")
_BEFORE = re.compile(
    rf"^(?:[\s{_BULLETS}.,;:|]+"
    r"|\(?(?:[ivx]{1,4}|[a-zđ]\d?|\d{1,2}(?:\.\d{1,2})*)(?:\)\s*|[.:/]\s+)"
    r"|bước\s+\d{1,2}(?:\s*[:.)\-–]\s*|\s+(?=[^\W\d_])))+",
    re.IGNORECASE,
)
# A bullet inside a text is one only after a stop: "Cục Thuế - Bộ Tài chính" is a name, "-18" a number.
_INNER = re.compile(rf"([;:.,])\s*[{_BULLETS}]+(?:\s+|(?=[^\W\d_]))")
_STOPS = re.compile(r"\s*([;,:.])(?:\s*[;,:.])*\s*(?=[;,:.])")
_LOOSE = re.compile(r"\s+([;,.:!?)])")
_AFTER = " ;,.:|-–+*("


def lines_of(text: str) -> list[str]:
    """Splits an official text into its lines, bullets and enumeration off, empty ones out."""
    return [line for line in map(tidy, _joined(text.splitlines())) if _says_something(line)]


def tidy(text: str) -> str:
    """Makes one line of an official text: bullets, enumeration, doubled stops and shouting off."""
    line = ""
    for row in filter(None, (_BEFORE.sub("", raw).strip() for raw in _joined(text.splitlines()))):
        line = row if not line else f"{line}{'' if line[-1] in ';,:.' else ';'} {row}"
    # U+01A3 is a slip of old typing software for ư.
    line = " ".join(line.replace("ƣ", "ư").replace("Ƣ", "Ư").split())
    line = _LOOSE.sub(r"\1", _STOPS.sub("", _INNER.sub(r"\1 ", line)))
    line = re.sub(r"…[.…]+", MARK, line)
    if "[" not in line:
        line = line.replace("]", "").rstrip()
    line = sentence_case(line.rstrip(_AFTER))
    return line[:1].upper() + line[1:]


def _joined(rows: Sequence[str]) -> list[str]:
    """Puts lines together that were broken in the middle of a sentence, as text copied out of a page is."""
    whole: list[str] = []
    for raw in rows:
        row = raw.strip()
        if whole and row and _goes_on(whole[-1], row):
            whole[-1] += f" {row}"
        else:
            whole.append(row)
    return whole


def _goes_on(line: str, following: str) -> bool:
    if _OPEN_END.search(line) and following[0].isdigit():
        return True
    broken = len(line) >= _PAGE_LINE and line[-1] not in ".;:"
    return broken and following[0].islower() and not _BEFORE.match(following)


def _says_something(line: str) -> bool:
    return len(line) > 1 and any(c.isalpha() for c in line)


def sentence_case(text: str) -> str:
    """Writes a text in shouting capitals as a sentence; abbreviations and proper names keep theirs."""
    letters = [c for c in text if c.isalpha()]
    if len(letters) < 12 or sum(c.isupper() for c in letters) < 0.7 * len(letters):
        return text
    quiet = " ".join(word if _is_abbreviation(word) else word.lower() for word in text.split())
    for name in _proper_names():
        quiet = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", name, quiet, flags=re.IGNORECASE)
    return quiet[:1].upper() + quiet[1:]


@lru_cache(maxsize=1)
def _proper_names() -> tuple[str, ...]:
    return tuple(yaml.safe_load(_NAMES.read_text(encoding="utf-8"))["names"])


def _is_abbreviation(word: str) -> bool:
    # A syllable has a vowel; numbers of legal texts have digits.
    core = word.strip("()[],.;:“”\"'")
    return (
        bool(core)
        and (any(c.isdigit() for c in core) or not re.search(r"[aeiouyăâêôơư]", core.lower(), re.IGNORECASE))
        and not re.search(r"[À-ỹ]", core)
    )


def shorten(text: str, longest: int = _LONGEST) -> str:
    """Cuts a text after a sentence, or a word; never between a number and its unit.

    What was cut ends in `MARK`.
    """
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    head = text[:longest]
    ends = [m.start() for m in _SENTENCE_END.finditer(head)]
    kept = head[: ends[-1]] if ends and ends[-1] > longest // 2 else head.rsplit(" ", 1)[0]
    opened = kept.rfind("(")
    if opened > longest // 2 and ")" not in kept[opened:]:
        kept = kept[:opened]
    while " " in kept and _parts_a_figure(text, len(kept)):
        kept = kept.rsplit(" ", 1)[0]
    return kept.rstrip(_AFTER + '“"') + MARK


def _parts_a_figure(text: str, cut: int) -> bool:
    before, after = text[max(0, cut - _WINDOW) : cut], text[cut : cut + _WINDOW]
    if not any(c.isdigit() for c in before):
        return False
    return not figures(before) <= figures(before + after)


def room_for_each(count: int, least: int, most: int, together: int) -> int:
    """How many characters each of some texts may have so that a few may be long and many stay short."""
    return max(least, min(most, together // max(1, count)))


def clause(text: str) -> str:
    """Makes a text ready to stand in the middle of a line: no stop at its end."""
    return text.rstrip(_AFTER)
