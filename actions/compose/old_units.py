"""Offices of the district level, which was abolished on 1 July 2025 and still stands in official texts.

Source: the Law on the Organisation of Local Government of 16 June 2025 (72/2025/QH15): two levels, province
and commune.
"""

from __future__ import annotations

import re

_OFFICES = (
    r"ủy ban nhân dân|uỷ ban nhân dân|ubnd|công an|bảo hiểm xã hội|bhxh|chi cục[^.;,]{0,30}|thuế"
    r"|phòng [^.;,]{0,40}|trung tâm[^.;,]{0,40}|bộ phận[^.;,]{0,40}|cơ quan[^.;,]{0,40}|hội[^.;,]{0,30}"
)
_DISTRICT = re.compile(
    rf"cấp (?:quận|huyện)|(?:{_OFFICES})\s*(?:các\s+)?(?:quận|huyện|thị xã)(?!\w)|phòng tư pháp",
    re.IGNORECASE,
)


def names_district(text: str) -> bool:
    """Says whether a text speaks of an office or level that is no more."""
    return bool(_DISTRICT.search(text))
