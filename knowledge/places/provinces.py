"""The provinces that a bare clone knows, and what they were made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("provinces.yaml")


@dataclass(frozen=True)
class Province:
    """A province of today.

    Attributes:
        made_of: full names of the provinces that it was made of; itself alone when it stayed as it was.
        also: other ways to write its name.
    """

    code: str
    name: str
    made_of: tuple[str, ...]
    also: tuple[str, ...]


@dataclass(frozen=True)
class OlderDistrict:
    """A district that ended before the districts did.

    Attributes:
        became: the districts that took its place.
        communes: names of its communes, without kind; empty when all of those districts were its own.
    """

    name: str
    province: str
    became: tuple[str, ...]
    communes: tuple[str, ...]


@dataclass(frozen=True)
class Provinces:
    """Everything in `provinces.yaml`.

    Attributes:
        today: provinces by code.
        also: other ways to write a former province, by its full name.
        older: codes of today's provinces by the full name of one that ended before 2025.
    """

    today: Mapping[str, Province]
    also: Mapping[str, tuple[str, ...]]
    older: Mapping[str, tuple[str, ...]]
    older_districts: tuple[OlderDistrict, ...]


@cache
def provinces() -> Provinces:
    """Reads the file once."""
    read: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    today = {
        code: Province(code, one["name"], tuple(one.get("made_of", [one["name"]])), tuple(one.get("also", [])))
        for code, one in read["provinces"].items()
    }
    return Provinces(
        today,
        {name: tuple(also) for name, also in read["also"].items()},
        {name: tuple(codes) for name, codes in read["older"].items()},
        tuple(
            OlderDistrict(one["name"], one["province"], tuple(one["became"]), tuple(one.get("communes", ())))
            for one in read["older_districts"]
        ),
    )
