"""Which offices a portal record names, and at which service centre that is handed in."""

from __future__ import annotations

import re
from typing import Literal

from actions.compose.old_units import names_district
from actions.compose.text import lines_of, shorten, tidy
from knowledge.model import PortalRecord

Centre = Literal["commune", "province", "both", ""]

_MOST = 4
_AGENCY = 110
_MOST_ADDRESSES = 4
_ADDRESS = 170

# A comma parts two offices only before the first word of one: "Sở Văn hóa, Thể thao và Du lịch" is one.
_PART = re.compile(
    r"\s*;\s*|\s*,\s+(?=(?:Sở|[UỦ][ỷyỶ]? ?[Bb]an|UBND|Bộ|Tổng cục|Cục|Chi cục|Chi nhánh|Công an|Thuế|Bảo hiểm|Văn phòng"
    r"|Chủ tịch|Cơ quan|Cơ sở|Ban|Phòng|Trung tâm|Ngân hàng|Hải quan|Đội|Đồn|Cảng vụ|Khu|Hội|Đơn vị|Kho bạc|Thủ tướng"
    r"|Viện|Trường|Tòa|Bệnh viện|Tổ chức|Bộ chỉ huy)\b)"
)
_LIST_FOLLOWS = re.compile(r"[\s,;:]*(?:bao )?gồm$", re.IGNORECASE)
_COMMUNE = re.compile(r"(?:ủy ban nhân dân|uỷ ban nhân dân|ubnd).{0,12}(?:xã|phường)", re.IGNORECASE)
_PROVINCE = re.compile(
    r"^sở |(?:ủy ban nhân dân|uỷ ban nhân dân|ubnd).{0,8}(?:tỉnh|thành phố)", re.IGNORECASE
)


def agencies(record: PortalRecord) -> tuple[list[str], int]:
    """Names the offices that decide, those of the abolished level left out.

    Returns:
        The first few, and how many more there are.
    """
    named = [tidy(part) for part in _PART.split(record.executing_agency)]
    kept = list(dict.fromkeys(shorten(n, _AGENCY) for n in named if n and not names_district(n)))
    return kept[:_MOST], max(0, len(kept) - _MOST)


def centre(record: PortalRecord) -> Centre:
    """The public service centre that takes the dossier, only where people's committees or departments decide.

    Police, tax, customs, insurance and ministries keep counters of their own, whatever the level says.
    """
    named = _PART.split(record.executing_agency)
    commune = any(_COMMUNE.search(name) for name in named)
    province = any(_PROVINCE.search(name.strip()) for name in named)
    if commune and province:
        return "both"
    return "commune" if commune else "province" if province else ""


def addresses(record: PortalRecord) -> list[str]:
    """The addresses at which the record has it handed in, those of the abolished level left out."""
    rows = lines_of(record.receiving_address)
    if len(rows) == 1:
        rows = [tidy(part) for part in re.split(r";\s+", rows[0])]
    rows = [_LIST_FOLLOWS.sub("", row) for row in rows]
    kept = [shorten(row, _ADDRESS) for row in rows if row and not names_district(row)]
    return list(dict.fromkeys(kept))[:_MOST_ADDRESSES]
