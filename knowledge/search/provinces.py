"""Which province a procedure belongs to, and which one a message speaks of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from knowledge.model import PortalRecord
from nlu.text import clean, fold, words

# Agencies are written in several ways: "UBND tỉnh Gia Lai", "Sở Xây dựng - tỉnh Quảng Ngãi", "TP. Huế".
_RANK = re.compile(r"(?:.*\s)?(?:tỉnh|tinh|thành phố|thanh pho|tp)\b\.?\s*(?=\S)", re.IGNORECASE)
_OFFICE = re.compile(r"^(?:ủy ban nhân dân|uy ban nhan dan|ubnd)\s+", re.IGNORECASE)


def province_name(agency: str) -> str:
    """The province in the name of an agency, in lower case: "UBND tỉnh Gia Lai" → "gia lai"."""
    name = clean(agency).lower()
    if met := _RANK.match(name):
        name = name[met.end() :]
    return " ".join(words(_OFFICE.sub("", name)))


def province_key(name: str) -> str:
    """The same without accents, for comparing: "UBND tỉnh Đắk Lắk" → "dak lak"."""
    return fold(province_name(name))


def own_province(portal: PortalRecord | None) -> str:
    """Name of the province whose own procedure it is ("gia lai"), or empty."""
    if portal is None or not portal.is_provincial:
        return ""
    return province_name(portal.agency)


class Provinces:
    """Finds the provinces named in messages."""

    def __init__(self, names: Iterable[str]) -> None:
        """Takes the names as `own_province` gives them; empty ones are left out."""
        self._by_first: dict[str, list[list[str]]] = defaultdict(list)
        for name in sorted({name for name in names if name}):
            syllables = name.split()
            self._by_first[fold(syllables[0])].append(syllables)

    def named(self, text: str) -> list[str]:
        """Keys of the provinces that a text names, in the order of their last mention.

        Typed accents have to agree: "đánh giá lại" does not name Gia Lai.

        Args:
            text: a message as search reads it (accents restored).
        """
        said = words(text.lower())
        places: dict[str, int] = {}
        for start, word in enumerate(said):
            for name in self._by_first.get(fold(word), ()):
                typed = said[start : start + len(name)]
                if len(typed) == len(name) and all(
                    got in (syllable, fold(syllable)) for got, syllable in zip(typed, name, strict=True)
                ):
                    places[fold(" ".join(name))] = start
        return sorted(places, key=lambda key: places[key])
