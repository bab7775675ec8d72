"""The sentences of an answer that nothing else on the sheet shows.

The text of a Reply stands alone, so it says again, line by line, what its sections, choices and source hold. A line
is left out only when each of its words stands in one item (with its counts and note), in one title, or in the source.
"""

from __future__ import annotations

import unicodedata

from motcua.reply import Reply
from nlu.text import words

# Words around the counts, the date and the address that the plain text adds to them.
_COUNTING = "bản chính sao mỗi loại"
_SOURCE = "theo nguồn cổng dịch vụ công quốc gia dữ liệu thông tin ngày xem tại căn cứ mã câu trả lời"
_ENDS = (".", "!", "?", "…")


def remarks_of(reply: Reply) -> tuple[str, tuple[str, ...]]:
    """Gives the line that names the procedure, or empty, and the other sentences that are still to be shown."""
    lines = [line for line in map(str.strip, reply.text.split("\n")) if line]
    lead = ""
    if len(lines) > 1 and not lines[0].endswith(_ENDS):
        lead, lines = lines[0], lines[1:]
    shown = _shown(reply)
    return lead, tuple(line for line in lines if not any(_bag(line) <= bag for bag in shown))


def _shown(reply: Reply) -> list[frozenset[str]]:
    shown = [_bag(choice.title) for choice in reply.choices]
    for section in reply.sections:
        shown.append(_bag(f"{section.title} {_COUNTING} {_counts(reply)}"))
        for n, item in enumerate(section.items, 1):
            counted = f"{item.originals or ''} {item.copies or ''} {_COUNTING}"
            shown.append(_bag(f"{n} {section.title} {item.text} {item.note} {counted}"))
    if source := reply.source:
        day = " ".join(reversed(source.data_date.split("-")))
        shown.append(_bag(f"{_SOURCE} {source.url} {source.data_date} {day} {' '.join(source.legal_basis)}"))
    return shown


def _counts(reply: Reply) -> str:
    counts = {count for section in reply.sections for item in section.items for count in (item.originals, item.copies)}
    return " ".join(str(count) for count in counts if count)


def _bag(text: str) -> frozenset[str]:
    return frozenset(words(unicodedata.normalize("NFC", text).lower()))
