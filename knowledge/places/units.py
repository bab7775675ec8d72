"""The list of provinces and communes of today, as a file and as the gazetteer reads it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.places.errors import BadUnits
from knowledge.places.provinces import provinces
from nlu.text import clean

_MOST_BYTES = 20_000_000
_FAULTS = 3


@dataclass(frozen=True, slots=True)
class Unit:
    """A commune of today; its code is empty where no list has been imported."""

    code: str
    name: str
    province_code: str


@dataclass(frozen=True)
class Units:
    """Every commune of today, and the names of the provinces by code."""

    provinces: dict[str, str]
    communes: tuple[Unit, ...]
    source: str = ""


class _Commune(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    code: str = Field(pattern=r"^\d{5}$")
    name: str = Field(pattern=r"^(?i:phường|xã|đặc khu) \S", max_length=80)


class _Province(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    code: str = Field(pattern=r"^\d{2}$")
    name: str = Field(pattern=r"^(?i:tỉnh|thành phố) \S", max_length=80)
    communes: tuple[_Commune, ...] = Field(min_length=1)


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    source: str = Field("", max_length=300)
    provinces: tuple[_Province, ...] = Field(min_length=1)


def read_units(path: Path) -> Units:
    """Reads a file of units: `{"source", "provinces": [{"code", "name", "communes": [{"code", "name"}]}]}`.

    Raises:
        BadUnits: it cannot be read, breaks the shape, has a code twice, or a province that there is none of.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BadUnits(f"{path.name} is too large for a list of units")
        read = _File.model_validate(_in_nfc(json.loads(path.read_text(encoding="utf-8"))))
    except OSError as cause:
        raise BadUnits(f"{path.name} cannot be read: {cause.strerror}") from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise BadUnits(f"{path.name} is not JSON") from None
    except ValidationError as cause:
        told = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in cause.errors()[:_FAULTS]]
        raise BadUnits(f"{path.name}: {'; '.join(told)}") from None
    _check(read, path.name)
    communes = (Unit(c.code, _capital(c.name), p.code) for p in read.provinces for c in p.communes)
    return Units({p.code: _capital(p.name) for p in read.provinces}, tuple(communes), read.source)


def _in_nfc(content: object) -> object:
    if isinstance(content, str):
        return clean(content)
    if isinstance(content, list):
        return [_in_nfc(one) for one in content]
    if isinstance(content, dict):
        return {key: _in_nfc(value) for key, value in content.items()}
    return content


def _check(read: _File, name: str) -> None:
    codes = Counter([p.code for p in read.provinces] + [c.code for p in read.provinces for c in p.communes])
    if twice := [code for code, count in codes.items() if count > 1]:
        raise BadUnits(f"{name}: code {twice[0]} stands there twice")
    if unknown := [p.code for p in read.provinces if p.code not in provinces().today]:
        raise BadUnits(f"{name}: there is no province of code {unknown[0]}")


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
