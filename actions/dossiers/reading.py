"""From a source's own record to a dossier: states, times, sums and keys as they are written in Vietnam.

Shared by the import of files and the live system. A value that is there but cannot be read refuses the record; it is
never left out or guessed, save the state, for which `UNKNOWN` is a value of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from actions.dossiers.codes import DossierCode
from actions.dossiers.errors import BadCode, BadMap, BadRow
from actions.dossiers.keys import KeyBook, SecondKey
from actions.dossiers.model import Dossier, DossierState
from nlu.text import fold

VIETNAM: Final = timezone(timedelta(hours=7))
"""Times that name no zone are Vietnam's."""

FIELDS: Final = (
    "code",
    "state",
    "procedure_code",
    "procedure_name",
    "unit",
    "applicant",
    "phone",
    "identity",
    "received_at",
    "appointment_on",
    "state_changed_at",
    "in_charge_unit",
    "in_charge_step",
    "missing",
    "amount_due",
    "pay_at",
    "result_ready_at",
    "collect_at",
    "as_of",
)
"""What a map may name a column or a field for."""

_STATES = Path(__file__).with_name("states.yaml")
_LONGEST = 2000
_SIGNS = re.compile(r"[\W_]+")
_DAY = re.compile(
    r"(?P<day>\d{1,2})[/.\-](?P<month>\d{1,2})[/.\-](?P<year>\d{4})"
    r"(?:[ ,T]+(?P<hour>\d{1,2})[:hg](?P<minute>\d{2})(?::(?P<second>\d{2}))?)?",
    re.ASCII,
)
_TIME_FIRST = re.compile(
    r"(?P<time>\d{1,2}[:hg]\d{2}(?::\d{2})?)[ ,]+(?P<day>\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4})", re.ASCII
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?", re.ASCII | re.DOTALL)
_SUM = re.compile(r"(?P<number>\d{1,3}(?:[.,\s]\d{3})+|\d{1,12})(?:[.,]0{1,2})?", re.ASCII)
_CURRENCY = re.compile(r"\s*(?:đồng|dong|vnđ|vnd|đ|d)\.?$", re.IGNORECASE)
_EMPTY = frozenset({"", "-", "--", "null", "none", "nan", "n/a", "không", "không có"})
_LONGEST_EMPTY = max(map(len, _EMPTY))


class RecordReader:
    """Reads records of one source."""

    def __init__(self, keys: KeyBook, *, states: Mapping[str, int] | None = None, dates: tuple[str, ...] = ()) -> None:
        """Takes the source's own ways of writing.

        Args:
            keys: what second keys are hashed with.
            states: the source's spellings of states with their national numbers; without them those of
                `states.yaml` hold. With them only they do: a system that numbers its states in its own way
                must not be read in ours.
            dates: formats of times (`strptime`) beside the usual ones.

        Raises:
            BadMap: a number that is no state.
        """
        self._keys, self._dates = keys, dates
        self._states = _own_states(states) if states else usual_states()

    def read(self, record: Mapping[str, Any], *, as_of: datetime) -> Dossier:
        """Makes a dossier of a record.

        Args:
            record: values by the names of `FIELDS`: text, numbers, times, or lists of text; absent ones do not count.
            as_of: when the source knew it, unless the record says so itself.

        Raises:
            BadRow: no code or state, or a value that cannot be read; the reason names the field, not the value.
        """
        code = _code(record.get("code"))
        written = _text(record.get("state"), "state")
        if not written:
            raise BadRow("state: is empty")
        told_as_of = self._moment(record, "as_of")
        return Dossier(
            code=code,
            state=self._states.get(_spelling(written), DossierState.UNKNOWN),
            as_of=min(told_as_of, as_of) if told_as_of else as_of,
            state_text=written,
            procedure_code=_text(record.get("procedure_code"), "procedure_code", 40),
            procedure_name=_text(record.get("procedure_name"), "procedure_name"),
            unit=_text(record.get("unit"), "unit"),
            applicant=_text(record.get("applicant"), "applicant"),
            phone_key=self._key(record, "phone", code),
            identity_key=self._key(record, "identity", code),
            received_at=self._moment(record, "received_at"),
            appointment_on=self._day(record, "appointment_on"),
            state_changed_at=self._moment(record, "state_changed_at"),
            in_charge_unit=_text(record.get("in_charge_unit"), "in_charge_unit"),
            in_charge_step=_text(record.get("in_charge_step"), "in_charge_step"),
            missing=_papers(record.get("missing")),
            amount_due=_sum(record.get("amount_due")),
            pay_at=_text(record.get("pay_at"), "pay_at"),
            result_ready_at=self._moment(record, "result_ready_at"),
            collect_at=_text(record.get("collect_at"), "collect_at"),
        )

    def _key(self, record: Mapping[str, Any], name: str, code: DossierCode) -> str:
        written = _text(record.get(name), name)
        if not written:
            return ""
        key = SecondKey.of_number(written)
        if key is None:
            raise BadRow(f"{name}: does not end in four digits")
        return self._keys.hash_of(code.number, key)

    def _moment(self, record: Mapping[str, Any], name: str) -> datetime | None:
        value = record.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=VIETNAM)).astimezone(UTC)
        if isinstance(value, date):
            return datetime.combine(value, time(), VIETNAM).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _from_epoch(value, name)
        written = _text(value, name, 60)
        if not written:
            return None
        try:
            return _moment_of(written, self._dates)
        except ValueError:
            raise BadRow(f"{name}: is no date that can be read") from None

    def _day(self, record: Mapping[str, Any], name: str) -> date | None:
        moment = self._moment(record, name)
        return moment.astimezone(VIETNAM).date() if moment else None


@lru_cache(maxsize=1)
def usual_states() -> Mapping[str, DossierState]:
    """The spellings of `states.yaml`, folded, with their states."""
    table: dict[int, list[str]] = yaml.safe_load(_STATES.read_text(encoding="utf-8"))
    return {_spelling(spelling): DossierState(number) for number, spellings in table.items() for spelling in spellings}


def _own_states(table: Mapping[str, int]) -> dict[str, DossierState]:
    try:
        return {_spelling(spelling): DossierState(number) for spelling, number in table.items()}
    except ValueError as cause:
        raise BadMap(f"states: {cause}") from None


@lru_cache(maxsize=1000)
def _spelling(text: str) -> str:
    return _SIGNS.sub(" ", fold(text)).strip()


def _code(value: object) -> DossierCode:
    written = _text(value, "code", 60)
    if not written:
        raise BadRow("code: is empty")
    try:
        return DossierCode.read(written)
    except BadCode:
        raise BadRow("code: is no dossier code") from None


def _text(value: object, name: str, longest: int = _LONGEST) -> str:
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        if isinstance(value, float) and value.is_integer():
            # What a spreadsheet keeps as a number: 912344567.0.
            value = int(value)
        if isinstance(value, list | dict | set | bool):
            raise BadRow(f"{name}: is no text")
        value = str(value)
    text = value.strip()
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if len(text) <= _LONGEST_EMPTY and text.lower() in _EMPTY:
        return ""
    if len(text) > longest:
        raise BadRow(f"{name}: is longer than {longest} characters")
    return text if text.isprintable() else _visible(text, name)


def _visible(text: str, name: str) -> str:
    if any(sign == "\x00" or unicodedata.category(sign) == "Cs" for sign in text):
        raise BadRow(f"{name}: holds characters that are no text, or is not UTF-8")
    lines = (
        "".join(sign for sign in line.replace("\t", " ").replace("\xa0", " ") if sign.isprintable() or sign == " ")
        for line in text.splitlines()
    )
    return "\n".join(line.strip() for line in lines if line.strip())


def _papers(value: object) -> tuple[str, ...]:
    if not value:
        return ()
    entries = value if isinstance(value, list) else [value]
    papers = [line for entry in entries for line in re.split(r"[\n;|]", _text(entry, "missing"))]
    return tuple(filter(None, (paper.strip(" -–•+\t") for paper in papers)))


def _sum(value: object) -> int | None:
    if isinstance(value, bool):
        raise BadRow("amount_due: is no sum")
    if isinstance(value, int | float):
        if value != value or value < 0 or value != int(value) or value >= 10**12:
            raise BadRow("amount_due: is no sum in đồng")
        return int(value)
    written = _text(value, "amount_due", 60)
    return _sum_of(written) if written else None


@lru_cache(maxsize=1000)
def _sum_of(written: str) -> int:
    match = _SUM.fullmatch(_CURRENCY.sub("", written))
    if not match:
        raise BadRow("amount_due: is no sum in đồng")
    return int(re.sub(r"\D", "", match["number"]))


def _from_epoch(value: float, name: str) -> datetime:
    # Seconds or milliseconds: anything between 2001 and 2065 reads as one of the two, nothing as both.
    for seconds in (value, value / 1000):
        if 1e9 <= seconds < 3e9:
            return datetime.fromtimestamp(seconds, UTC)
    raise BadRow(f"{name}: is no date that can be read")


@lru_cache(maxsize=50_000)
def _moment_of(written: str, formats: tuple[str, ...]) -> datetime:
    for pattern in formats:
        try:
            moment = datetime.strptime(written, pattern)
        except ValueError:
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)).astimezone(UTC)
    if turned := _TIME_FIRST.fullmatch(written):
        written = f"{turned['day']} {turned['time']}"
    if match := _DAY.fullmatch(written):
        parts = {name: int(part) for name, part in match.groupdict(default="0").items()}
        moment = datetime(**parts, tzinfo=VIETNAM)
    elif _ISO.fullmatch(written):
        moment = datetime.fromisoformat(written)
    else:
        raise ValueError("no date")
    moment = moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("no date") from None
