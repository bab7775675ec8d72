"""Every name that a message may call a place by, with the communes and provinces of today that it stands for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from knowledge.places.model import Place
from knowledge.places.old_names import OldCommune, old_communes
from knowledge.places.provinces import provinces
from knowledge.places.reading import split_kind, syllables
from knowledge.places.units import Unit, Units
from nlu.text import fold

Level = Literal["province", "district", "commune"]


@dataclass(frozen=True, slots=True)
class Name:
    """One name, of today or of before.

    Attributes:
        kinds: what it may be called: {"phuong"}, {"tinh", "thanh pho"}.
        key: names this province or district where a commune lies in it.
        within: keys of the former provinces and districts that it lies in.
        places: what it stands for, the likeliest first.
        today: whether it is in force.
        exact: whether only what lies within it by `within` belongs to it; otherwise the province of today decides.
    """

    level: Level
    kinds: frozenset[str]
    key: str
    within: frozenset[str]
    places: tuple[Place, ...]
    today: bool
    exact: bool = False
    province_codes: frozenset[str] = field(init=False)
    """Codes of the provinces of today that it lies in."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "province_codes", frozenset(place.province_code for place in self.places))


Spelled = tuple[tuple[str, ...], Name]
"""Syllables of one way to write a name, accents and all, and the name."""


def units_of_the_table() -> Units:
    """Gives the communes of today as far as the table of old ones names them; without codes."""
    codes = {_bare(one.name): code for code, one in provinces().today.items()}
    named = dict.fromkeys((codes[_bare(o.today_province)], o.today) for o in old_communes())
    communes = tuple(Unit("", commune, code) for code, commune in named)
    return Units({code: one.name for code, one in provinces().today.items()}, communes)


def all_names(units: Units) -> Iterator[Spelled]:
    """Gives every name, with each way to write it."""
    whole = {code: Place(code, units.provinces.get(code, one.name)) for code, one in provinces().today.items()}
    yield from _provinces(whole)
    yield from _Table(units, whole).names()


def lost_old_names(units: Units) -> int:
    """Counts the lines of the table of old names that lead to no commune of a list."""
    known = provinces().today
    table = _Table(units, {code: Place(code, units.provinces.get(code, one.name)) for code, one in known.items()})
    return sum(table.unit_of(old) is None for old in old_communes())


@lru_cache(maxsize=30_000)
def _bare(name: str) -> str:
    return fold("".join(split_kind(name)[1]))


def _provinces(whole: dict[str, Place]) -> Iterator[Spelled]:
    known = provinces()
    for code, one in known.today.items():
        place, own = whole[code], _bare(one.name)
        kinds = {split_kind(name)[0] for name in (one.name, place.name, *one.made_of) if _bare(name) == own}
        name = Name("province", frozenset(kinds), one.name, frozenset(), (place,), True)
        yield split_kind(one.name)[1], name
        for other in one.also:
            yield tuple(syllables(other)), name
        for former in one.made_of:
            if _bare(former) != own:
                yield from _former(former, (code,), whole, known.also.get(former, ()), exact=True)
    for former, codes in known.older.items():
        yield from _former(former, codes, whole, (), exact=False)


def _former(
    former: str, codes: Iterable[str], whole: dict[str, Place], also: Iterable[str], *, exact: bool
) -> Iterator[Spelled]:
    kind, spelled = split_kind(former)
    places = tuple(replace(whole[code], known_as=former) for code in codes)
    name = Name("province", frozenset({kind}), former, frozenset(), places, False, exact)
    yield spelled, name
    for other in also:
        yield tuple(syllables(other)), name


_ByCommune = dict[tuple[str, str, str], list[tuple[OldCommune, Unit]]]
"""Old communes, by province, district and name, with the communes of today that each went into."""


class _Table:
    """The communes of today, the old communes and the districts, joined by the table of old names."""

    def __init__(self, units: Units, whole: dict[str, Place]) -> None:
        self._whole = whole
        self._codes = {_bare(place.name): code for code, place in whole.items()}
        self._units = units.communes
        self._place_of = {unit: self._place(unit) for unit in units.communes}
        self._by_name: dict[tuple[str, str], Unit] = {}
        loose: dict[tuple[str, str], list[Unit]] = defaultdict(list)
        for unit in units.communes:
            kind, spelled = split_kind(unit.name)
            self._by_name[unit.province_code, kind + "".join(spelled)] = unit
            for form in {"".join(spelled), fold("".join(spelled))}:
                loose[unit.province_code, form].append(unit)
        self._loosely = {key: found[0] for key, found in loose.items() if len(found) == 1}

    def _place(self, unit: Unit) -> Place:
        return replace(self._whole[unit.province_code], code=unit.code, commune=unit.name)

    def unit_of(self, old: OldCommune) -> Unit | None:
        """The commune of today that a line leads to; its kind may have changed since, a village become a ward."""
        code = self._codes.get(_bare(old.today_province), "")
        kind, spelled = split_kind(old.today)
        joined = "".join(spelled)
        return (
            self._by_name.get((code, kind + joined))
            or self._loosely.get((code, joined))
            or self._loosely.get((code, fold(joined)))
        )

    def names(self) -> Iterator[Spelled]:
        within: dict[Unit, set[str]] = defaultdict(set)
        by_district: dict[tuple[str, str], Counter[Unit]] = defaultdict(Counter)
        by_commune: _ByCommune = defaultdict(list)
        for old in old_communes():
            unit = self.unit_of(old)
            if unit is None:
                continue
            within[unit] |= {old.province, _key(old)}
            by_district[old.province, old.district][unit] += 1
            if old.name:
                by_commune[old.province, old.district, old.name].append((old, unit))
        yield from self._today(within)
        yield from self._districts(by_district)
        yield from self._older_districts(by_commune)
        yield from self._old(by_commune)

    def _today(self, within: dict[Unit, set[str]]) -> Iterator[Spelled]:
        for unit in self._units:
            kind, spelled = split_kind(unit.name)
            places = (self._place_of[unit],)
            name = Name("commune", frozenset({kind}), "", frozenset(within[unit]), places, True)
            yield spelled, name
            # "Phường Xuân Hương - Đà Lạt" is called by its first half.
            for half in unit.name.split(" - ") if " - " in unit.name else ():
                if len(split_kind(half)[1]) > 1:
                    yield split_kind(half)[1], name

    def _districts(self, by_district: dict[tuple[str, str], Counter[Unit]]) -> Iterator[Spelled]:
        for (province, district), parts in by_district.items():
            key = f"{province}/{district}"
            yield self._district(district, province, parts, key)

    def _older_districts(self, by_commune: _ByCommune) -> Iterator[Spelled]:
        for older in provinces().older_districts:
            for district in older.became:
                parts: Counter[Unit] = Counter()
                for (province, lay_in, called), rows in by_commune.items():
                    mine = not older.communes or called.partition(" ")[2] in older.communes
                    if (province, lay_in) == (older.province, district) and mine:
                        parts.update(unit for _, unit in rows)
                # Its communes are known to lie in the district that it became.
                yield self._district(older.name, older.province, parts, f"{older.province}/{district}")

    def _district(self, district: str, province: str, parts: Counter[Unit], key: str) -> Spelled:
        kind, spelled = split_kind(district)
        own = _bare(district)
        # The part that kept the name comes first, then those that most old communes went into.
        ordered = sorted(parts, key=lambda unit: (own not in _bare(unit.name), -parts[unit], unit.name))
        places = tuple(replace(self._place_of[unit], known_as=f"{district}, {province}") for unit in ordered)
        return spelled, Name("district", frozenset({kind}), key, frozenset({province}), places, False, True)

    def _old(self, by_commune: _ByCommune) -> Iterator[Spelled]:
        for (province, district, called), rows in by_commune.items():
            kind, spelled = split_kind(called)
            ordered = sorted(rows, key=lambda row: not row[0].is_default)
            known_as = f"{called}, {district}, {province}"
            places = tuple(replace(self._place_of[unit], known_as=known_as) for _, unit in ordered)
            within = frozenset({province, f"{province}/{district}"})
            yield spelled, Name("commune", frozenset({kind}), "", within, places, False)


def _key(old: OldCommune) -> str:
    return f"{old.province}/{old.district}"
