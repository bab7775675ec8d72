"""The parts of a message that follow a grammar: dossier codes, bare digits, and choices from a list.

A pattern here reads a whole message or leaves it alone, so none of them can catch a question that
merely contains a number. Pure functions over text; linear in its length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlu.text import expand, fold

LAST = -1


@dataclass(frozen=True)
class Code:
    """A dossier code found in a text: its canonical form and where it stands (start, end)."""

    value: str
    start: int
    end: int


# `H49.18-261105-0001`, `000.00.04.H51-200221-0001`: unit, date (yymmdd), number. People write spaces,
# dashes or nothing between the parts; the unit's letter and a real date keep other numbers out.
_GAP = r"[\s.\-–—_/]{0,3}"
_CODE = re.compile(
    rf"(?<![^\W_])(?P<head>(?:\d{{3}}{_GAP}\d{{2}}{_GAP}\d{{2}}{_GAP})?)"
    rf"(?P<unit>[A-Za-z]\d{{2}}(?:{_GAP}\d{{2}}){{0,3}}?){_GAP}"
    rf"(?P<date>\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])){_GAP}"
    r"(?P<number>\d{3,6})(?![^\W_])"
)
_DIGITS = re.compile(r"\d+")


def dossier_codes(text: str) -> list[Code]:
    """Finds dossier codes, in order: "h49 18 261105 0001" → `H49.18-261105-0001`."""
    return [Code(_canonical(match), match.start(), match.end()) for match in _CODE.finditer(text)]


def _canonical(match: re.Match[str]) -> str:
    head = "".join(_DIGITS.findall(match["head"]))
    unit = match["unit"][:3].upper()
    below = "".join(_DIGITS.findall(match["unit"][3:]))
    parts = [head[:3], head[3:5], head[5:]] if head else []
    parts += [unit, *(below[i : i + 2] for i in range(0, len(below), 2))]
    return f"{'.'.join(parts)}-{match['date']}-{match['number']}"


def _words(text: str) -> list[str]:
    return text.split()


# Words that may stand around a choice or around digits without asking anything.
_COURTESY = _words(
    "ạ à a ơi ừ ờ dạ vâng ok oke okie thì là vậy thôi nhé nhá nha nhen nghen hen đi đó đấy đây nè này "
    "kia ấy luôn với giúp giùm dùm hộ cho của tôi tui mình em anh chị con cháu bác cô chú tớ bạn ad bot "
    "xin rồi được"
)
_PICKING = _words(
    "lấy chọn lựa bấm nhấn ấn dùng xem theo làm hỏi về muốn cần phương án trường hợp mục dòng số câu cái ý "
    "loại việc thứ thủ tục lựa chọn trong danh sách ở trên hàng phần"
)
_IDENTIFYING = _words(
    "số cuối cùng bốn 4 của điện thoại sđt căn cước công dân giấy tờ mã là đuôi cccd cmnd xác thực hồ sơ kết thúc bằng"
)
_COUNTING = dict(zip(_words("một hai ba bốn năm sáu bảy tám chín mười"), range(1, 11), strict=True))
_COUNTING |= {"nhất": 1, "nhứt": 1, "nhì": 2, "tư": 4, "bẩy": 7}
_PLACES = dict.fromkeys(("đầu tiên", "đầu", "trên cùng"), 1)
_PLACES |= dict.fromkeys(("cuối cùng", "cuối", "chót", "dưới cùng", "sau cùng", "sau chót"), LAST)
_MOST_CHOICES = 20


def _typed(words: list[str] | dict[str, int]) -> str:
    """Gives a pattern for any of the words, as accented or typed without accents."""
    forms = {form for word in words for form in (word, fold(word))}
    return "|".join(sorted(map(re.escape, forms), key=len, reverse=True))


_BEFORE = rf"(?:(?:{_typed(_COURTESY + _PICKING)})\s+)*"
_AFTER = rf"(?:\s+(?:{_typed(_COURTESY)}))*"
_ITEM = _typed(["cái", "mục", "thứ", "dòng", "câu", "ý", "phương án", "trường hợp", "lựa chọn", "thủ tục"])
# What one number expression looks like. "ở đầu" and "lấy đầu" are left out: unaccented they would read
# "ở đâu" and "lấy đâu" as well.
_NUMBER = (
    rf"(?P<figure>\d{{1,2}})|(?:{_ITEM}|{_typed(['số'])})\s+(?P<word>{_typed(_COUNTING)})"
    rf"|(?:{_ITEM})\s+(?P<place>{_typed(_PLACES)})"
    rf"|(?P<alone>{_typed([place for place in _PLACES if ' ' in place])})"
)
_CHOICE = re.compile(rf"{_BEFORE}(?:{_NUMBER}){_AFTER}")
_MENTIONED = re.compile(rf"\b(?:{_NUMBER})\b")
_BARE_DIGITS = re.compile(
    rf"(?:(?:{_typed(_COURTESY + _IDENTIFYING)})\s+)*(?P<digits>\d{{3,12}})(?:\s+(?:{_typed(_COURTESY)}))*"
)
_WORD = re.compile(r"\w+")
_VALUES = {
    form: value for table in (_COUNTING, _PLACES) for word, value in table.items() for form in (word, fold(word))
}


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(expand(text.lower())))


def choice(text: str) -> int | None:
    """Reads a message that does nothing but choose: "cái thứ hai nha" → 2, "lấy cái cuối" → -1 (last).

    Returns:
        The place in the list, counted from 1, `LAST` for the last, or None for any other message.
    """
    match = _CHOICE.fullmatch(_plain(text))
    return _value(match) if match else None


def _value(match: re.Match[str]) -> int | None:
    if match["figure"]:
        figure = int(match["figure"])
        return figure if 1 <= figure <= _MOST_CHOICES else None
    return _VALUES[match["word"] or match["place"] or match["alone"]]


def mentioned_choice(text: str) -> int | None:
    """Finds the one place of a list that a longer message names: "cho tui cái thứ hai á, cái cấp lại" → 2.

    Only for a message that is known to choose: most sentences with "thứ hai" do not.
    """
    found = {_value(match) for match in _MENTIONED.finditer(_plain(text))}
    return found.pop() if len(found) == 1 else None


def bare_digits(text: str) -> str | None:
    """Reads a message that only gives digits, as the last four of a phone number: "đuôi 4567 ạ" → "4567"."""
    match = _BARE_DIGITS.fullmatch(_plain(text))
    return match["digits"] if match else None
