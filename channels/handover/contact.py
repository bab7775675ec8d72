"""A telephone number, or its refusal, in the message of somebody who was asked for one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from channels import wording
from nlu.text import fold, words

# Digits, however grouped; a number never stands inside a longer one.
_DIGITS = re.compile(r"(?<![\d/])\+?\d(?:[ .\-()]{0,2}\d){3,15}(?![\d/])")
# Mobile numbers have ten digits since 2018, fixed lines eleven with their area (Ministry of Information and
# Communications, plan of numbers, Circular 22/2014/TT-BTTTT and its changes).
_MOBILE = re.compile(r"0[35789][0-9]{8}")
_FIXED = re.compile(r"02[0-9]{9}")
_COUNTRY = re.compile(r"(?:\+?84|0084)(?=[235789]\d{8,9}$)")
# How numbers begin that were meant to be one, with digits lost or too many.
_MEANT = re.compile(r"0|\+|84|[35789]\d{7,9}$")
_DATE = re.compile(r"\d{1,2}[ .\-]\d{1,2}[ .\-]\d{4}")
_FEW_WORDS = 12


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer to the question for a number is.

    Attributes:
        number: the number, from 0 on without blanks, or "".
        is_broken: it has a number, but none that can be called.
        declines: it says no.
        agrees: it says yes and has no number.
    """

    number: str = ""
    is_broken: bool = False
    declines: bool = False
    agrees: bool = False

    @property
    def is_other(self) -> bool:
        """Whether it is about something else."""
        return not (self.number or self.is_broken or self.declines or self.agrees)


def read_contact(text: str) -> Said:
    """Reads a message."""
    written = _DIGITS.findall(unicodedata.normalize("NFKC", text))
    found = [re.sub(r"[^\d+]", "", match) for match in written if not _DATE.fullmatch(match)]
    for digits in found:
        number = _COUNTRY.sub("0", digits)
        if _MOBILE.fullmatch(number) or _FIXED.fullmatch(number):
            return Said(number=number)
    short = [word for word in (fold(word) for word in words(text)) if word not in wording.handover().polite]
    phrase = " ".join(short)
    if any(_MEANT.match(digits) for digits in found) and len(short) <= _FEW_WORDS:
        return Said(is_broken=True)
    return Said(declines=phrase in wording.handover().declines, agrees=phrase in wording.handover().agrees)
