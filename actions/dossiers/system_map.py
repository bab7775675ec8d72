"""How a province's dossier system is spoken to: addresses, where the values lie, its own names of states."""

from __future__ import annotations

import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from actions.dossiers.errors import BadMap
from actions.dossiers.reading import FIELDS

_DEFAULT = Path(__file__).with_name("system.yaml")
_PLACES = frozenset({"code", "number", "day", "since", "offset", "limit"})


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TokenMap(_Part):
    """Where and how a token is asked for (OAuth client credentials)."""

    path: str
    sent: Literal["basic", "body"] = "basic"
    scope: str = ""


class Absent(_Part):
    """How the system says that there is no such dossier."""

    status: int = Field(404, ge=200, le=499)
    field: str = ""
    value: str = ""

    @model_validator(mode="after")
    def _tells_apart(self) -> Absent:
        if self.status == 200 and not self.field:
            raise ValueError("status 200 needs a field that tells absence from a record")
        return self

    def is_said_by(self, status: int, answer: object) -> bool:
        """Whether an answer says so."""
        if status != self.status:
            return False
        return not self.field or str(value_at(answer, self.field)) == self.value


class Call(_Part):
    """One address with its query."""

    path: str = ""
    params: dict[str, str] = Field(default_factory=dict)

    @field_validator("path")
    @classmethod
    def _known_places(cls, path: str) -> str:
        return _checked(path)

    @field_validator("params")
    @classmethod
    def _known_param_places(cls, params: dict[str, str]) -> dict[str, str]:
        return {name: _checked(value) for name, value in params.items()}

    def address(self, **values: str) -> str:
        """The path with its places filled, each value encoded so that it stays one segment."""
        return self.path.format_map({name: quote(values.get(name, ""), safe="") for name in _PLACES})

    def query(self, **values: str) -> dict[str, str]:
        """The query with its places filled; parameters that stay empty are left out."""
        filled = {
            name: value.format_map({place: values.get(place, "") for place in _PLACES})
            for name, value in self.params.items()
        }
        return {name: value for name, value in filled.items() if value}


class FindCall(Call):
    """The look-up of one code."""

    record: str = ""
    absent: Absent = Absent(status=404)


class ListCall(Call):
    """A look-up that gives several."""

    records: str = ""


class SystemMap(_Part):
    """The whole map; `system.yaml` explains it."""

    token: TokenMap
    find: FindCall
    search: ListCall
    changes: ListCall
    fields: dict[str, str]
    states: dict[str, int] = Field(default_factory=dict)
    dates: tuple[str, ...] = ()

    @field_validator("fields")
    @classmethod
    def _known_fields(cls, fields: dict[str, str]) -> dict[str, str]:
        if strange := sorted(set(fields) - set(FIELDS)):
            raise ValueError(f"{strange[0]} is none of {', '.join(FIELDS)}")
        if not {"code", "state"} <= fields.keys():
            raise ValueError("code and state must be there")
        return fields

    def record(self, answer: object) -> dict[str, Any]:
        """Gives the values of one record by field."""
        return {name: value_at(answer, path) for name, path in self.fields.items()}


def load_system_map(path: Path | None = None) -> SystemMap:
    """Gives the usual map, with what a file of the operator's own replaces in it.

    Raises:
        BadMap: the file cannot be read or breaks the rules.
    """
    table = _read(_DEFAULT)
    name = _DEFAULT.name
    if path is not None:
        own, name = _read(path), path.name
        for key, value in own.items():
            both = isinstance(value, dict) and isinstance(table.get(key), dict)
            table[key] = {**table[key], **value} if both and key != "states" else value
    try:
        return SystemMap.model_validate(table)
    except ValidationError as cause:
        first = cause.errors()[0]
        raise BadMap(f"{name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        table = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except OSError as cause:
        raise BadMap(f"{path.name} cannot be read: {cause.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as cause:
        raise BadMap(f"{path.name} is not YAML: {' '.join(str(cause).split())[:150]}") from None
    if not isinstance(table, dict):
        raise BadMap(f"{path.name} is no table of keys")
    return table


def value_at(answer: object, path: str) -> Any:
    """Gives what lies at a dotted path of parsed JSON ("data.0.code"), or None."""
    for name in filter(None, path.split(".")):
        if isinstance(answer, Mapping):
            answer = answer.get(name)
        elif isinstance(answer, list) and name.isdigit() and int(name) < len(answer):
            answer = answer[int(name)]
        else:
            return None
    return answer


def _checked(template: str) -> str:
    try:
        places = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    except ValueError as cause:
        raise ValueError(f"braces do not fit: {cause}") from None
    if strange := sorted(places - _PLACES):
        raise ValueError(f"{{{strange[0]}}} is none of {', '.join(sorted(_PLACES))}")
    return template
