"""The figures that stand in a text: sums of money, lengths of time, ages, and numbers of legal texts.

Two texts agree in their figures when the same normal forms come out: "03 (ba) ngày làm việc", "ba ngày làm
việc" and "3 ngày làm việc" are one, "50.000đ", "50.000 đồng" and "50 nghìn đồng" are one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from nlu.text import clean

Kind = Literal["money", "time", "law", "percent"]


@dataclass(frozen=True, order=True)
class Figure:
    """A figure in normal form: `money` in đồng, `time` as number and unit, `law` as its number."""

    kind: Kind
    value: str

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


_END = r"(?![^\W\d_])"
# What looks like a figure and is none: procedure codes, dates, measures.
_CODE = re.compile(r"(?<![\d.])\d\.\d{6}(?!\d)")
_DATE = re.compile(
    r"(?:ngày\s+)?\d{1,2}\s*[/\-.]\s*\d{1,2}\s*[/\-.]\s*\d{4}|(?:ngày\s+\d{1,2}\s+)?tháng\s+\d{1,2}\s+năm\s+\d{4}"
    r"|năm\s+\d{4}|tháng\s+\d{1,2}/\d{4}",
    re.IGNORECASE,
)
_MEASURE = re.compile(
    rf"\d[\d.,]*\s*(?:kg|gam|tấn|lít|km|cm|mm|m2|m²|m3|m³|m|ha|kw|kwh|mb|gb|kb){_END}", re.IGNORECASE
)
_STRAY_BLANK = re.compile(r"(?<=\d)\s*/\s*(?=\d{4}\s*/)")

_LAW = re.compile(r"\b(\d{1,4}(?:\.\d+)?/(?:\d{4}/)?[A-ZĐ][A-ZĐ0-9]*(?:-[A-ZĐ0-9]+)*)")

_GROUPED = r"\d{1,3}(?:[.,]\d{3})+(?!\d)"
_SCALE = {"triệu": 10**6, "nghìn": 10**3, "ngàn": 10**3, "tỷ": 10**9, "tỉ": 10**9}
_SCALED = re.compile(rf"(\d+(?:[.,]\d{{1,2}})?)\s*(triệu|nghìn|ngàn|tỷ|tỉ){_END}", re.IGNORECASE)
_MONEY = re.compile(rf"({_GROUPED}|\d+)\s*(đồng|đ|vn[đd]|usd)?{_END}", re.IGNORECASE)

_UNIT = r"ngày\s+làm\s+việc|ngày|giờ|phút|tuần|tháng|quý|năm|tuổi"
_NUMBER = r"\d+(?:[.,]\d+)?"
_TIME = re.compile(rf"({_NUMBER})\s*(?:\([^)\d]{{1,40}}\)\s*)?({_UNIT}){_END}", re.IGNORECASE)
# "3 đến 5 ngày" says both; "từ 3 - 5 ngày" too.
_RANGE = re.compile(
    rf"({_NUMBER})\s*(?:\([^)\d]{{1,40}}\)\s*)?(?:-|–|đến|tới|hoặc)\s*{_NUMBER}\s*(?:\([^)\d]{{1,40}}\)\s*)?"
    rf"({_UNIT}){_END}",
    re.IGNORECASE,
)
_PERCENT = re.compile(rf"({_NUMBER})\s*%")

_DIGITS = {"một": 1, "hai": 2, "ba": 3, "bốn": 4, "sáu": 6, "bảy": 7, "tám": 8, "chín": 9, "mười": 10}
# "năm" is left out: it is the year far more often than the five.
_IN_WORDS = re.compile(
    rf"(?<![^\W\d_])({'|'.join(_DIGITS)})\s+(ngày\s+làm\s+việc|ngày|giờ|phút|tháng){_END}", re.IGNORECASE
)
_AFTER_TEN = re.compile(r"(?:mười|mươi|trăm|lăm)\s+$", re.IGNORECASE)


def _number(text: str) -> str:
    value = float(text.replace(",", "."))
    return str(int(value)) if value == int(value) else str(value)


def _unit(text: str) -> str:
    return " ".join(text.lower().split())


def laws(text: str) -> set[Figure]:
    """Numbers of legal texts: "60/2014/QH13", "5710/QĐ-BCA-C06"."""
    return {Figure("law", number.rstrip(".-").upper()) for number in _LAW.findall(text)}


def _times(text: str) -> set[Figure]:
    found = [*_TIME.findall(text), *_RANGE.findall(text)]
    said = [
        (str(_DIGITS[match.group(1).lower()]), match.group(2))
        for match in _IN_WORDS.finditer(text)
        if not _AFTER_TEN.search(text[: match.start()][-12:])
    ]
    return {Figure("time", f"{_number(number)} {_unit(unit)}") for number, unit in found + said}


def _money(text: str) -> set[Figure]:
    found: set[Figure] = set()
    for number, scale in _SCALED.findall(text):
        value = float(number.replace(",", ".")) * _SCALE[scale.lower()]
        found.add(Figure("money", str(round(value))))
    for number, unit in _MONEY.findall(_SCALED.sub(" ", text)):
        if not unit and "." not in number and "," not in number:
            continue
        value = int(re.sub(r"[.,]", "", number))
        if unit.lower() == "usd":
            found.add(Figure("money", f"{value} USD"))
        elif value >= 1000:
            found.add(Figure("money", str(value)))
    return found


def figures(text: str) -> set[Figure]:
    """Gives every figure of a text; dates, measures and procedure codes are not figures."""
    text = _STRAY_BLANK.sub("/", _CODE.sub(" ", clean(text)))
    found = laws(text)
    text = _DATE.sub(" ", _LAW.sub(" ", text))
    found |= _times(text)
    found |= {Figure("percent", f"{_number(n)}%") for n in _PERCENT.findall(text)}
    return found | _money(_MEASURE.sub(" ", text))
