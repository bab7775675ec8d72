"""How long the office has, read out of portal text.

The portal's traps: a number whose unit is OTHER is no number of days, "Theo mô tả" points elsewhere, and the
cases of a procedure may say another length than its channels do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from knowledge.model.portal import PortalCase

Unit = Literal["working_day", "day", "hour", "minute", "month", "year"]


class Duration(BaseModel):
    """How long the office has.

    state:
        `stated`: `number` of `unit`;
        `described`: only the text can be shown;
        `unstated`: the record does not say.
    case: the case of the procedure it holds for, when there are several.
    """

    model_config = ConfigDict(frozen=True)

    state: Literal["stated", "described", "unstated"]
    number: float | None = None
    unit: Literal["working_day", "day", "hour", "minute", "month", "year", ""] = ""
    text: str = ""
    case: str = ""


_UNITS: dict[str, Unit] = {
    "ngày làm việc": "working_day",
    "ngày": "day",
    "giờ": "hour",
    "phút": "minute",
    "tháng": "month",
    "năm": "year",
}
_STATED = re.compile(
    r"^\s*(\d{1,5}(?:[.,]\d{1,4})?)\s*(?:\([^)]*\)\s*)?(ngày\s+làm\s+việc|ngày|giờ|phút|tháng|năm)\s*\.?\s*$",
    re.IGNORECASE,
)
# Bare numbers and dates ("15/12"): nothing that says how long.
_BARE_NUMBER = re.compile(r"^[\s\d.,/\-–]*$")
_SAYS_NOTHING = re.compile(
    r"^\W*(?:(?:theo|xem)(?:\s+phần)?\s+mô\s+tả|không\s+quy\s+định|không|tùy\s+(?:theo\s+)?từng\s+trường\s+hợp)?\W*$",
    re.IGNORECASE,
)
_SPEAKS_OF_TIME = re.compile(r"\d+\s*(?:\([^)]*\)\s*)?(?:ngày|giờ|tháng)", re.IGNORECASE)


def _stated(text: str, case: str = "") -> Duration | None:
    found = _STATED.match(text)
    if not found:
        return None
    number = float(found.group(1).replace(",", "."))
    if number == 0:
        return None
    unit = _UNITS[" ".join(found.group(2).lower().split())]
    return Duration(state="stated", number=number, unit=unit, text=text.strip(), case=case)


def read_duration(text: str, cases: Sequence[PortalCase] = (), description: str = "") -> tuple[Duration, ...]:
    """Reads how long one channel takes.

    A number without a unit is never taken for days: the cases of the procedure are asked, then the
    channel's description; if they are silent too, the record does not state it. Where the cases state
    other lengths than the channel, all of them are given: nobody can tell which one is right.

    Args:
        text: the channel's own duration, such as "5 ngày làm việc", "1" or a sentence.
        cases: the procedure's cases; several with different figures give several durations.
        description: the channel's description.
    """
    by_case = tuple(dict.fromkeys(d for d in (_stated(case.duration, case.name) for case in cases) if d))
    figures = {(d.number, d.unit) for d in by_case}
    own = _stated(text)
    if own:
        figure = (own.number, own.unit)
        if not figures - {figure}:
            return (own,)
        return by_case if figure in figures else (own, *by_case)
    if not _BARE_NUMBER.match(text) and not _SAYS_NOTHING.match(text):
        return (Duration(state="described", text=text.strip()),)
    if len(figures) == 1 and all(_stated(case.duration) for case in cases):
        return (by_case[0].model_copy(update={"case": ""}),)
    if by_case:
        return by_case
    if _SPEAKS_OF_TIME.search(description):
        return (Duration(state="described", text=description.strip()),)
    return (Duration(state="unstated"),)
