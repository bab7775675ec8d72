"""Finds the places that a message names, by any name they have or had."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from knowledge.places.model import Place
from knowledge.places.names import Level, Name, all_names, units_of_the_table
from knowledge.places.reading import agrees, habits, parts_of
from knowledge.places.units import Units
from nlu.text import fold

_MOST_CHARACTERS = 1000
_LONGEST = 6  # syllables of a name
# Nobody names more; a message that does must not take longer.
_MOST_MENTIONS = 12
_MOST_TOGETHER = 4
_REMEMBERED = 5000
_KIND_LEVELS: dict[str, tuple[Level, ...]] = {
    "phuong": ("commune",),
    "xa": ("commune",),
    "thi tran": ("commune",),
    "dac khu": ("commune",),
    "quan": ("district",),
    "huyen": ("district",),
    "thi xa": ("district",),
    "thanh pho": ("district", "province"),
    "tinh": ("province",),
}


@dataclass(frozen=True, slots=True)
class _Mention:
    """A stretch of the text that may name a place.

    Attributes:
        start: first syllable, the kind's included.
        end: after the last one.
        kind: the kind that was typed before it, or empty.
        agreement: how well the accents agree, see `reading.agrees`.
    """

    start: int
    end: int
    kind: str
    agreement: int
    names: tuple[Name, ...]

    def moved(self, by: int) -> _Mention:
        """The same, further on in the text."""
        return replace(self, start=self.start + by, end=self.end + by)

    @property
    def weight(self) -> tuple[float, int]:
        """How much it explains: syllables, less where no kind was typed or accents disagree; then, being one."""
        # A slip must not win a syllable from a name that is written right: "Phường An Bình ạ" is not An Bình A.
        doubt = (0.2 if not self.kind else 0.0) + (1.5 if not self.agreement else 0.0)
        return self.end - self.start - doubt, -1


class Gazetteer:
    """Names of places, ready to be looked up."""

    def __init__(self, units: Units | None = None, *, home: str = "") -> None:
        """Takes the names in; under a second.

        Args:
            units: the communes of today; without, those that the table of old names leads to, which have no codes.
            home: name of the own province, whose places come first, or empty.

        Raises:
            PlacesUnavailable: the table of old names cannot be read.
        """
        self.units = units or units_of_the_table()
        self._names: dict[str, list[tuple[tuple[str, ...], Name]]] = defaultdict(list)
        for spelled, name in all_names(self.units):
            self._names[fold("".join(spelled))].append((spelled, name))
        self._called = lru_cache(maxsize=_REMEMBERED)(self._look_up)
        self._home = ""
        if home:
            self._home = next((place.province_code for place in self.find_places(home) if place.is_province), "")

    def find_places(self, text: str) -> list[Place]:
        """Gives the communes and provinces of today that a text names, the likeliest first.

        A name that several places have, or a district, which is several communes now, gives all of them, unless the
        text says more ("Bến Thành quận 1"). A name without its kind ("Củ Chi") counts where the text says little
        else, where a word such as "ở" stands before it, or next to another place.

        Args:
            text: as typed, with accents or without.
        """
        found = self._resolve([mention.names for mention in self._mentions(parts_of(text[:_MOST_CHARACTERS]))])
        return sorted(found, key=lambda place: place.province_code != self._home) if self._home else found

    def communes(self, province_code: str) -> list[Place]:
        """Lists the communes of a province of today, in the order of the list of units."""
        whole = self.units.provinces.get(province_code, "")
        return [
            Place(province_code, whole, unit.code, unit.name)
            for unit in self.units.communes
            if unit.province_code == province_code
        ]

    # --- reading

    def _mentions(self, parts: Sequence[Sequence[str]]) -> list[_Mention]:
        chosen: list[_Mention] = []
        whole: list[str] = []
        for said in parts:
            folded = [fold(one) for one in said]
            seen = [m for start in range(len(said)) for m in self._at(start, said, folded)]
            chosen += [m.moved(len(whole)) for m in _best(seen, len(said))]
            whole += folded
        return _believed(chosen, whole)

    def _at(self, start: int, said: Sequence[str], folded: Sequence[str]) -> list[_Mention]:
        found = []
        kind, begins = _kind_before(folded, start)
        for end in range(start + 1, min(start + _LONGEST, len(said)) + 1):
            if "".join(folded[start:end]) not in self._names or (
                end == start + 1 and said[start].isdigit() and not kind
            ):
                continue
            typed = tuple(said[start:end])
            agreement, names = self._called(typed, kind)
            if names:
                found.append(_Mention(begins, end, kind, agreement, names))
            elif kind and (alone := self._called(typed, "")[1]):
                found.append(_Mention(start, end, "", agreement, alone))
        return found

    def _look_up(self, typed: tuple[str, ...], kind: str) -> tuple[int, tuple[Name, ...]]:
        """Names that agree best with what was typed after a kind, or after none, and how well they do."""
        told = [(agrees(typed, form), name) for form, name in self._names["".join(map(fold, typed))]]
        best = max(agreement for agreement, _ in told)
        if not best and not kind:
            return 0, ()
        # After a kind even other accents may be a slip: it is plain that a place is meant.
        return best, tuple(_of_kind([name for agreement, name in told if agreement == best], kind))

    # --- resolving

    def _resolve(self, mentions: Sequence[tuple[Name, ...]]) -> list[Place]:
        """Places that fit all mentions together; else those of the longest run that fits, then of the rest."""
        found: dict[tuple[str, str], Place] = {}
        rest = list(dict.fromkeys(mentions))[:_MOST_MENTIONS]
        while rest:
            for length in range(min(len(rest), _MOST_TOGETHER), 0, -1):
                if names := _together(rest[:length]):
                    for place in _ordered(names):
                        found.setdefault((place.province_code, place.commune), place)
                    rest = rest[length:]
                    break
        return list(found.values())


def _best(seen: list[_Mention], length: int) -> list[_Mention]:
    """Chooses mentions that do not overlap and together explain most of the text."""
    by_end: dict[int, list[_Mention]] = defaultdict(list)
    for mention in seen:
        by_end[mention.end].append(mention)
    best: list[tuple[tuple[float, int], list[_Mention]]] = [((0.0, 0), [])]
    for end in range(1, length + 1):
        held = best[end - 1]
        for mention in by_end[end]:
            (explained, count), before = best[mention.start]
            more, one = mention.weight
            if (explained + more, count + one) > held[0]:
                held = (explained + more, count + one), [*before, mention]
        best.append(held)
    return best[length][1]


def _kind_before(folded: Sequence[str], start: int) -> tuple[str, int]:
    """The kind typed before a name and where it begins; nothing and the start of the name without one."""
    kinds = habits().kinds
    for length in (2, 1):
        if start >= length and (kind := kinds.get(tuple(folded[start - length : start]))):
            return kind, start - length
    return "", start


def _of_kind(names: list[Name], kind: str) -> list[Name]:
    """Those of the very kind, else those of the same level: who says "quận Thủ Đức" means the city it became."""
    if not kind:
        return names
    exact = [name for name in names if kind in name.kinds]
    return exact or [name for name in names if name.level in _KIND_LEVELS[kind]]


def _believed(mentions: list[_Mention], folded: Sequence[str]) -> list[_Mention]:
    """Leaves out ordinary words that read like a name, such as "thống nhất" or "gia lai" in "danh gia lai"."""
    if not mentions:
        return []
    covered = {i for m in mentions for i in range(m.start, m.end)}
    kinds = {word for short in habits().kinds for word in short}
    others = [word for i, word in enumerate(folded) if i not in covered]
    if all(word in habits().around_places or word in kinds for word in others):
        return mentions
    sure = {m for m in mentions if _is_sure(m) or (m.start and folded[m.start - 1] in habits().before_places)}
    for _ in mentions:
        beside = {m for m in mentions if any(0 <= m.start - s.end <= 1 or 0 <= s.start - m.end <= 1 for s in sure)}
        if beside <= sure:
            break
        sure |= beside
    return [m for m in mentions if m in sure]


def _is_sure(mention: _Mention) -> bool:
    if mention.kind:
        return True
    return mention.agreement == 2 and any(name.level == "province" for name in mention.names)


def _together(mentions: Sequence[tuple[Name, ...]]) -> list[Name]:
    """The names of one mention that lie in a name of each of the others."""
    if len(mentions) == 1:
        return list(mentions[0])
    wider = [_Around.of(mention) for mention in mentions]
    return [
        name
        for i, mention in enumerate(mentions)
        for name in mention
        if all(around.holds(name) for j, around in enumerate(wider) if j != i)
    ]


@dataclass(frozen=True, slots=True)
class _Around:
    """What may lie in the names of a mention: by keys of former units, or by provinces of today."""

    districts: frozenset[str]
    provinces: frozenset[str]
    codes: frozenset[str]

    @classmethod
    def of(cls, mention: tuple[Name, ...]) -> _Around:
        whole = [name for name in mention if name.level == "province"]
        return cls(
            frozenset(name.key for name in mention if name.level == "district"),
            frozenset(name.key for name in whole if name.exact),
            frozenset(code for name in whole if not name.exact for code in name.province_codes),
        )

    def holds(self, name: Name) -> bool:
        if name.level == "province":
            return False
        if name.level == "commune" and not self.districts.isdisjoint(name.within):
            return True
        return not self.provinces.isdisjoint(name.within) or not self.codes.isdisjoint(name.province_codes)


def _ordered(names: list[Name]) -> list[Place]:
    """Provinces alone where there are any; else communes named so that lie in a district named so, the other communes
    of that district, the other communes of today, and what old communes became."""
    whole = [name for name in names if name.level == "province"]
    if whole:
        return [place for name in sorted(whole, key=lambda n: not n.today) for place in name.places]
    districts = [name for name in names if name.level == "district"]
    keys = {name.key for name in districts}
    today = [name for name in names if name.level == "commune" and name.today]
    first = [name for name in today if not keys.isdisjoint(name.within)]
    old = [name for name in names if name.level == "commune" and not name.today]
    ordered = [*first, *districts, *(name for name in today if name not in first), *old]
    return [place for name in ordered for place in name.places]
