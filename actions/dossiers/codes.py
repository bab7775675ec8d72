"""Dossier codes as citizens give them, in their canonical form. Pure functions, linear in the length of the text.

A code is `<unit>.<sub-unit>-<yymmdd>-<number>`, such as `H49.18-261105-0001`, older `000.00.04.H51-200221-0001`.
People type it in lower case, with blanks or other signs or nothing between its parts; a photo's text has O for 0 and
l for 1; many give its tail alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product

from actions.dossiers.errors import BadCode
from nlu.text import clean, fold

_CANONICAL = re.compile(r"(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2}(?:\.\d{1,3}){0,3}-\d{6}-\d{3,6}", re.ASCII)

# What a photo's text and hurried typing put for 0 and 1.
_LOOKALIKES = str.maketrans("OoIil|", "001111")
_D = r"[0-9OoIil|]"
_GAP = r"[\s.,:\-‐-―_/\\*·]{0,3}"
_END = r"(?![^\W_])"
_START = r"(?<![^\W_])"
_HEAD = rf"(?P<head>{_D}{{3}}{_GAP}{_D}{{2}}{_GAP}{_D}{{2}}{_GAP})?"
# Only the provinces' own letter may stand apart from its digits: other lone letters are words.
_LETTER = r"(?P<letter>[A-Za-z](?=[0-9OoIil|])|[Hh][\s.\-]{1,2}(?=[0-9]))"
# As it is printed, sub-units of one to three digits included.
_PRINTED = re.compile(
    rf"{_START}{_HEAD}{_LETTER}(?P<unit>{_D}{{2}})(?P<subs>(?:\.{_D}{{1,3}}){{0,3}})"
    rf"-(?P<date>{_D}{{6}})-(?P<number>{_D}{{3,6}}){_END}"
)
# As it is typed: digits in groups, to be cut into parts afterwards. 2 + 6 + 3 digits at least.
_TYPED = re.compile(rf"{_START}{_HEAD}{_LETTER}(?P<run>{_D}(?:{_GAP}{_D}){{10,19}})")
_ANY_GAP = re.compile(_GAP.replace("{0,3}", "+"))

_YMD_NUMBER = re.compile(
    rf"{_START}(?P<date>[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}})(?P<gap>{_GAP})(?P<number>[0-9]{{3,6}})(?![.,/]?\d){_END}"
)
_MARKED = re.compile(
    r"\b(?:cuoi|duoi|ma|so|ho so|hs|ket thuc)(?:\s+(?:la|cung|bang|cua|ho so|so|ma|duoi|cuoi|thu tu|bon|4)){0,4}"
    r"\s*[:=]?\s*(?<![\d.,])(?P<number>[0-9]{3,6})(?![^\W_])(?![.,/\-]\d)(?!\s*(?:ngay|thang|nam|dong|nguoi|ban|trieu|nghin|k)\b)"
)
_BARE = re.compile(
    r"\W*(?:(?:da|vang|a|la|so|ma|duoi|cuoi|cung|ho so|hs|day|do|cua|toi|em|minh|con|chau|thi|chi|nho|co|moi)\b\W*)"
    r"{0,12}"
    r"(?P<number>[0-9]{3,6})(?:\W+(?:a|nhe|nha|thoi|do|day|la|het|roi|ban|ad|oi)\b){0,6}\W*"
)
_LONGEST = 20_000


@dataclass(frozen=True, order=True)
class DossierCode:
    """A dossier code in canonical form; `str` gives it, `repr` does not, so that no log line has it by accident."""

    value: str

    def __post_init__(self) -> None:
        if not _CANONICAL.fullmatch(self.value) or _day(self.given_on) is None:
            raise BadCode("is no dossier code")

    @classmethod
    def read(cls, text: str) -> DossierCode:
        """Reads a text that is one code and nothing else, however it is typed.

        Raises:
            BadCode: it is none.
        """
        stripped = text.strip() if text.isascii() else clean(text)
        if _CANONICAL.fullmatch(stripped.upper()):
            return cls(stripped.upper())
        found = _codes(stripped)
        if len(found) != 1 or (found[0].start, found[0].end) != (0, len(stripped)):
            raise BadCode("is no dossier code")
        return found[0].code

    @property
    def unit(self) -> str:
        """The receiving unit: "H49.18", "000.00.04.H51"."""
        return self.value.split("-")[0]

    @property
    def given_on(self) -> str:
        """The day of reception as it stands in the code: yymmdd."""
        return self.value.split("-")[1]

    @property
    def number(self) -> str:
        """The last part: "0001"."""
        return self.value.split("-")[2]

    @property
    def received_on(self) -> date:
        """The day of reception."""
        day = _day(self.given_on)
        assert day is not None
        return day

    def __str__(self) -> str:
        return self.value

    def __repr__(self) -> str:
        return "DossierCode(…)"


@dataclass(frozen=True)
class FoundCode:
    """A code found in a text, and where it stands (start, end)."""

    code: DossierCode
    start: int
    end: int


@dataclass(frozen=True)
class Tail:
    """The end of a code: its number, and the day before it (yymmdd) when that was given too."""

    number: str
    given_on: str = ""

    def fits(self, code: DossierCode) -> bool:
        """Whether a code ends like this."""
        return code.number == self.number and self.given_on in ("", code.given_on)

    def __repr__(self) -> str:
        return "Tail(…)"


def find_codes(text: str) -> list[FoundCode]:
    """Finds every dossier code of a message, in order: "h49 18 261105 0001" → `H49.18-261105-0001`.

    Never raises. Letters that stand for digits are read as digits; a date that does not exist is no code.
    Text beyond 20,000 characters is not read.
    """
    return _codes(text[:_LONGEST])


def find_tails(text: str) -> list[Tail]:
    """Finds the ends of codes that stand alone: "261105-0001", "cuối 0001", "0001 ạ".

    A bare number counts where nothing else is said, or a word such as "cuối", "đuôi", "mã" goes before it. Whole
    codes are passed over. Whether "4567" is a tail or a second key, only the conversation knows. Never raises.
    """
    text = text[:_LONGEST]
    for found in reversed(_codes(text)):
        text = f"{text[: found.start]} ; {text[found.end :]}"
    tails = [
        Tail(match["number"], _digits(match["date"]))
        for match in _YMD_NUMBER.finditer(text)
        if _day(_digits(match["date"])) and (match["gap"] or len(match["date"]) == 6)
    ]
    if tails:
        return list(dict.fromkeys(tails))
    plain = fold(text)
    bare = _BARE.fullmatch(plain)
    numbers = [bare["number"]] if bare else [match["number"] for match in _MARKED.finditer(plain)]
    return [Tail(number) for number in dict.fromkeys(numbers)]


def _codes(text: str) -> list[FoundCode]:
    return list(_scan(text))


def _scan(text: str) -> Iterator[FoundCode]:
    at = 0
    while match := _TYPED.search(text, at):
        printed = _PRINTED.match(text, match.start())
        found = (_from_printed(printed) if printed else None) or _from_typed(match, text)
        if found:
            yield found
            at = found.end
        else:
            # A head may hide that the code begins behind it, so only one sign is passed over.
            at = match.start() + 1


def _from_printed(match: re.Match[str]) -> FoundCode | None:
    subs = match["subs"].translate(_LOOKALIKES)
    return _made(match, f"{_plain(match['unit'])}{subs}", _plain(match["date"]), _plain(match["number"]), match.end())


def _from_typed(match: re.Match[str], text: str) -> FoundCode | None:
    """Cuts a run of digits into unit, sub-units, date and number; of several ways, the likeliest."""
    run, start = match["run"], match.start("run")
    places = [at for at, sign in enumerate(run) if not _ANY_GAP.fullmatch(sign)]
    digits = "".join(run[at] for at in places).translate(_LOOKALIKES)
    # Where a new group begins: after digit i-1 there is a gap.
    breaks = {i for i in range(1, len(places)) if places[i] - places[i - 1] > 1}
    after = text[start + len(run) : start + len(run) + 1]
    if not after.isalnum():
        breaks.add(len(digits))
    best: tuple[int, int, int] | None = None
    for subs, length in product(range(4), (4, 3, 5, 6)):
        day, number, end = 2 + 2 * subs, 8 + 2 * subs, 8 + 2 * subs + length
        if end > len(digits) or end not in breaks or _day(digits[day:number]) is None:
            continue
        inside = sum(1 for i in breaks if day < i < number or number < i < end)
        torn = sum(1 for i in breaks if i < day and i % 2)
        score = 4 * (day in breaks) + 4 * (number in breaks) - 2 * inside - 3 * torn
        score += 3 * (length == 4) + (subs == 1) - subs
        if best is None or score > best[0]:
            best = (score, subs, length)
    if best is None:
        return None
    _, subs, length = best
    day = 2 + 2 * subs
    unit = ".".join(digits[i : i + 2] for i in range(0, day, 2))
    last = places[day + 6 + length - 1]
    return _made(match, unit, digits[day : day + 6], digits[day + 6 : day + 6 + length], start + last + 1)


def _made(match: re.Match[str], unit: str, day: str, number: str, end: int) -> FoundCode | None:
    if not _mostly_digits(match.string[match.start("letter") + 1 : end]):
        return None
    head = _plain(match["head"] or "")
    before = f"{head[:3]}.{head[3:5]}.{head[5:]}." if head else ""
    try:
        code = DossierCode(f"{before}{match['letter'][0].upper()}{unit}-{day}-{number}")
    except BadCode:
        return None
    return FoundCode(code, match.start(), end)


def _mostly_digits(text: str) -> bool:
    # Words such as "loi" are made of letters that look like digits; a code has far more real ones.
    real = sum(character.isdigit() for character in text)
    letters = sum(character.isalpha() or character == "|" for character in text)
    return real > letters


def _plain(text: str) -> str:
    return _ANY_GAP.sub("", text).translate(_LOOKALIKES)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _day(yymmdd: str) -> date | None:
    try:
        return date(2000 + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:6]))
    except ValueError:
        return None
