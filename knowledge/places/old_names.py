"""Which communes of today the communes and districts of before 01/07/2025 went into.

The table comes with the library underthesea (Apache-2.0), made from vietnamadminunits (MIT); it is read from the
installed package, nothing is fetched.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from knowledge.places.errors import PlacesUnavailable
from nlu.text import clean

_SPELLINGS = Path(__file__).with_name("spellings.yaml")


@dataclass(frozen=True, slots=True)
class OldCommune:
    """One line of the table. A commune that was divided has several; `is_default` marks the largest part.

    Attributes:
        name: "Phường Đa Kao"; empty for a district of islands that had no communes.
        today: the commune of today, "Phường Sài Gòn".
    """

    province: str
    district: str
    name: str
    today_province: str
    today: str
    is_default: bool


@cache
def old_communes() -> tuple[OldCommune, ...]:
    """Reads the table once, about 5 MB in 0.2 s.

    Raises:
        PlacesUnavailable: the library is not installed, or its table reads otherwise than that of 9.5.
    """
    try:
        rows: list[dict[str, Any]] = json.loads(_file().read_text(encoding="utf-8"))["ward_mapping"]
        spelled = _spellings(rows)
        return tuple(_read(row, spelled) for row in rows)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as cause:
        raise PlacesUnavailable(f"the table of old communes cannot be read: {type(cause).__name__}") from cause


def _file() -> Path:
    # The package itself is not imported: it would bring its models along.
    found = find_spec("underthesea")
    if found is None or not found.submodule_search_locations:
        raise PlacesUnavailable("the table of old communes is missing: the library underthesea is not installed")
    return Path(next(iter(found.submodule_search_locations))) / "address" / "data" / "mapping.json"


def _spellings(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Names by what is left of them without blanks: all that the table has of some, in `old_ward_key`."""
    listed: list[str] = yaml.safe_load(_SPELLINGS.read_text(encoding="utf-8"))
    names = [clean(name) for row in rows for name in (row["old_ward"], row["new_ward"]) if name]
    return {_joined(name): name for name in [*listed, *names]}


def _read(row: dict[str, Any], spelled: dict[str, str]) -> OldCommune:
    return OldCommune(
        province=clean(row["old_province"]),
        district=clean(row["old_district"]),
        name=clean(row["old_ward"]) or spelled.get(clean(row["old_ward_key"]), ""),
        today_province=clean(row["new_province"]),
        today=clean(row["new_ward"]) or spelled.get(clean(row["new_ward_key"]), ""),
        is_default=bool(row.get("is_default", True)),
    )


def _joined(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())
