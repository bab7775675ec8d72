"""Personal data out of text, before it is stored or logged.

What is masked: numbers of identity cards (9 and 12 digits), tax numbers, telephone numbers, card and account
numbers, dossier codes, e-mail addresses. Names cannot be found reliably, so free text is never logged at all.
"""

from __future__ import annotations

import re

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_DOSSIER = re.compile(
    r"\b(?:\d{3}[.\s]\d{2}[.\s]\d{2}[.\s])?[A-Z]\d{2}(?:[.\s]\d{1,3}){0,3}[-\s]\d{6}[-\s]\d{3,6}\b",
    re.IGNORECASE,
)
# Eight digits or more in a row, however grouped. Sums such as "1.500.000 đồng" are left alone, and so are dates.
_DIGITS = re.compile(r"(?<![\w.,/])\+?\d(?:[ .\-]?\d){7,18}(?![\w/])")
_SUM = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+")
_DATE = re.compile(r"\d{1,2}[ .\-]\d{1,2}[ .\-]\d{4}|(?:19|20)\d\d-\d\d-\d\d(?: \d\d)?")


# The last digits of a telephone or identity number, as somebody is asked for them.
_SHORT = re.compile(r"(?<![\w.,/-])\d{3,7}(?![\w/-])")
_FEW_LETTERS = 30


def mask_answer(text: str) -> str:
    """As `mask`; in a message of a few words short numbers go too, for they may be the answer to a question for one."""
    masked = mask(text)
    if sum(character.isalpha() for character in masked) > _FEW_LETTERS:
        return masked
    return _SHORT.sub(lambda match: "•" * len(match.group()), masked)


def mask(text: str) -> str:
    """Replaces personal numbers: the last two digits of a number stay, so that a person can recognise it."""

    def hide(match: re.Match[str]) -> str:
        whole = match.group(0)
        if _SUM.fullmatch(whole) or _DATE.fullmatch(whole):
            return whole
        digits = re.sub(r"\D", "", whole)
        return "•" * (len(digits) - 2) + digits[-2:]

    text = _EMAIL.sub("•••@•••", text)
    text = _DOSSIER.sub("[mã hồ sơ]", text)
    return _DIGITS.sub(hide, text)
