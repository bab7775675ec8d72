"""What a paper is wanted for: "xin giấy xác nhận độc thân để kết hôn" asks for the first, not for the second."""

from __future__ import annotations

import re

_MOST_WORDS = 25
_FEWEST_WORDS = 3
_PURPOSE = re.compile(r"\s(?:để|nhằm|phục vụ|dùng (?:để|vào))\s", re.IGNORECASE)
_PAPER = re.compile(
    r"\b(?:xin|cần|lấy|làm|cấp|đề nghị|yêu cầu)\b.*\b(?:giấy|bản|phiếu|xác nhận|chứng nhận|trích lục|mã số|số)\b",
    re.IGNORECASE,
)
_LEFT = re.compile(r"\b(?:để|de) lại\b", re.IGNORECASE)


def without_purpose(text: str) -> str:
    """Gives a short message up to what the paper it asks for is wanted for; the whole where none is told.

    Args:
        text: a message as search reads it, with accents.
    """
    found = None if len(text.split()) > _MOST_WORDS or _LEFT.search(text) else _PURPOSE.search(text)
    if found is None:
        return text
    before = text[: found.start()].strip()
    return before if len(before.split()) >= _FEWEST_WORDS and _PAPER.search(before) else text
