"""What it costs, read out of portal text.

The portal's traps: a value of 0 is not "free"; "10 VNĐ" is usually 10 US dollars and "135 VNĐ" 135 thousand
đồng; several fees stand spliced in one text; value and text may name two different sums.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from knowledge.model.portal import PortalFee


class Fee(BaseModel):
    """What one channel costs.

    state:
        `amount`: `amount` đồng, with the text that says for what;
        `free`: the text itself says that nothing is charged, for everybody;
        `described`: only the text can be shown (a rule, a table, another currency, conditions);
        `unstated`: the record says nothing of use.
    unclear: a figure of the record whose currency or scale it does not tell (10 that are dollars, 135 that
        are thousands); it must never be shown as đồng.
    text: the portal's words; kept for `unstated` too, where they only name what is charged for.
    """

    model_config = ConfigDict(frozen=True)

    state: Literal["amount", "free", "described", "unstated"]
    amount: int | None = None
    kind: str = ""
    text: str = ""
    unclear: int | None = None


# The smallest sum that any office charges in đồng; smaller "VNĐ" figures are dollars or thousands.
_SMALLEST_DONG = 1_000

# Two fees spliced into one text leave a joint such as ") | 35000 VNĐ (": the second one's value.
_JOINT = re.compile(r"\)?\s*\|\s*(\d+)\s*VN[ĐD]\s*\(?", re.IGNORECASE)
_CURRENCY = re.compile(r"^(?:đồng|đ|vn[đd])(?![^\W\d_])\s*", re.IGNORECASE)

_CHARGE = r"(?:phí|lệ\s+phí|tiền)"
_FREE = re.compile(
    r"^[\s\-+(:.]*(?:được\s+)?"
    rf"(?:miễn(?:\s+(?:thu|nộp))?\s+{_CHARGE}(?:\s*,\s*{_CHARGE})*"
    rf"|không\s+(?:thu|mất|phải\s+nộp)\s+{_CHARGE}(?:\s*,\s*{_CHARGE})*|không\s+thu)"
    # The source may stand behind it, conditions may not.
    r"\s*(?:\((?:theo\s+)?(?:thông tư|nghị định|nghị quyết|luật)\s+(?:số\s+)?[\w./\-]+\))?[\s).;:]*$",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"^[\s().;:|0\-–/]*(?:VN[ĐD]|đồng)?[\s().;:|0\-–]*$", re.IGNORECASE)

# What makes a text say something of the price: a sum, a share, or where it is laid down.
_SPEAKS_OF_PRICE = re.compile(
    r"\d\s*(?:đ(?![^\W\d_])|đồng|vn[đd]|usd|triệu|nghìn|ngàn|%)|\d[.,]\d{3}(?!\d)|miễn|không\s+(?:thu|phải)"
    r"|quy\s*định|thông\s+tư|nghị\s+(?:quyết|định)|quyết\s+định|biểu\s+(?:phí|mức)|thỏa\s+thuận|hội\s+đồng",
    re.IGNORECASE,
)
_SUM = re.compile(r"(\d{1,3}(?:[.,]\d{3})+|\d{4,})\s*(?:đồng|đông|đ(?![^\W\d_])|vn[đd])", re.IGNORECASE)
# A second sum is no contradiction where the text says when or what it is instead of.
_EXPLAINED = re.compile(
    r"từ\s+(?:ngày|0?1)|đến\s+hết|áp\s+dụng|giảm|%|gồm|trường\s+hợp\s+(?:khác|còn)|mức\s+(?:phí|thu)",
    re.IGNORECASE,
)


def _pieces(fee: PortalFee) -> Iterator[tuple[float, str]]:
    parts = _JOINT.split(fee.description)
    yield fee.value or 0, parts[0].strip(" ;|")
    for value, text in zip(parts[1::2], parts[2::2], strict=True):
        # More digits than any sum has are no sum.
        yield (float(value) if len(value) <= 15 else 0), text.strip(" ;|")


def _contradicts(value: float, text: str) -> bool:
    sums = {int(re.sub(r"[.,]", "", found)) for found in _SUM.findall(text)}
    sums.discard(0)
    return len(sums) == 1 and int(value) not in sums and not _EXPLAINED.search(text)


def _read(value: float, text: str, kind: str) -> Fee:
    if value >= _SMALLEST_DONG:
        if _contradicts(value, text):
            # The text says what its sum is for, the bare value does not: the text stands.
            return Fee(state="described", kind=kind, text=text)
        return Fee(state="amount", amount=int(value), kind=kind, text=_CURRENCY.sub("", text))
    if value:
        speaks = bool(_SPEAKS_OF_PRICE.search(text))
        return Fee(state="described" if speaks else "unstated", kind=kind, text=text, unclear=int(value))
    if not text or _NOTHING.match(text):
        return Fee(state="unstated", kind=kind)
    return Fee(state="free" if _FREE.match(text) else "described", kind=kind, text=text)


def _kind(fee: PortalFee) -> str:
    return "" if fee.type == "PRICE_LEVEL" else fee.type or ""


def _read_foreign(fee: PortalFee) -> Fee:
    value = f"{fee.value:g} {fee.currency}" if fee.value else ""
    text = f"{value} ({fee.description})" if value and fee.description else value or fee.description
    return Fee(state="described" if text else "unstated", kind=_kind(fee), text=text)


def _read_spliced(fee: PortalFee) -> list[Fee]:
    if fee.currency:
        return [_read_foreign(fee)]
    read = [_read(value, text, _kind(fee)) for value, text in _pieces(fee)]
    # A value of 0 without a text is what splicing leaves of an empty line.
    return [one for one in read if one.state != "unstated" or one.text or one.unclear] or read[:1]


def read_fee(fee: PortalFee) -> Fee:
    """Reads one fee line as one fee; several spliced into one come out `described`, with their sums.

    0 is never "free" unless the text says so without conditions.
    """
    read = _read_spliced(fee)
    if len(read) == 1:
        return read[0]
    return Fee(state="described", kind=_kind(fee), text="; ".join(filter(None, map(_in_words, read))))


def _in_words(fee: Fee) -> str:
    if fee.amount is None:
        return fee.text
    amount = f"{fee.amount:,} đồng".replace(",", ".")
    return f"{amount} ({fee.text})" if fee.text else amount


def read_fees(fees: Iterable[PortalFee]) -> tuple[Fee, ...]:
    """Reads the fee lines of one channel: spliced ones taken apart, repeats dropped.

    `unstated` ones stand only where nothing else is told.
    """
    read = list(dict.fromkeys(one for fee in fees for one in _read_spliced(fee)))
    told = [fee for fee in read if fee.state != "unstated"]
    return tuple(told or read[:1])
