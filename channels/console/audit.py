"""The audit log: who did what when, in rows that are chained by digests and never changed.

Whoever changes something on behalf of a member calls `audit` in the same transaction, last: either both are kept or
neither. The database refuses to change or remove a row (triggers); `verify` finds what was done around them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from channels.console.errors import AuditUnfit
from channels.console.tables import AuditHead, AuditRow
from channels.storage import in_utc, now
from motcua.privacy import mask

GENESIS = "0" * 64
"""What stands as the digest before the first row."""

NOBODY = "-"
"""Who did it, where nobody had signed in."""

_WHO = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}|-")
_WHAT = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")
_ABOUT = re.compile(r"[a-z_]+:[A-Za-z0-9._:-]{1,100}")


class _Row(NamedTuple):
    """What a digest covers: a row without its digest."""

    number: int
    at: datetime
    who: str
    what: str
    about: str
    details: str
    previous: str

    def digest(self) -> str:
        moment = in_utc(self.at).isoformat(timespec="microseconds")
        covered = [self.number, moment, *self[2:]]
        return hashlib.sha256(_as_json(covered).encode()).hexdigest()


Detail = str | int | float | bool | None | list[str]


def audit(connection: Connection, who: str, what: str, about: str, details: Mapping[str, Detail] | None = None) -> int:
    """Adds a row to the log, in the transaction of the caller; the last thing done in it.

    Every writer of the log waits here for the one before to commit: a transaction that goes on afterwards keeps the
    others waiting.

    Args:
        connection: the caller's.
        who: user name of the member (`Member.name`), or `NOBODY`.
        what: what was done, such as `record.published`; its Vietnamese words stand under `audit` of the page's words.
        about: what it was done to, `kind:id`, such as `procedure:1.001193` or `staff:lan`.
        details: what else must be known later. No personal data: no names, no numbers of persons, nothing that a
            citizen wrote. Numbers of that kind are masked, as the last line of defence.

    Returns:
        The number of the row.

    Raises:
        AuditUnfit: one of the three is not of its form.
    """
    for value, form in ((who, _WHO), (what, _WHAT), (about, _ABOUT)):
        if not form.fullmatch(value):
            raise AuditUnfit(f"not fit for the audit log: {what!r}")
    # Takes the head for this transaction; on SQLite this makes it the writer.
    connection.execute(update(AuditHead).where(AuditHead.id == 1).values(number=AuditHead.number + 1))
    number, previous = connection.execute(select(AuditHead.number, AuditHead.digest).where(AuditHead.id == 1)).one()
    told = _as_json({key: _masked(value) for key, value in (details or {}).items()})
    row = _Row(number, now(), who, what, about, told, previous)
    digest = row.digest()
    connection.execute(insert(AuditRow).values(**row._asdict(), digest=digest))
    connection.execute(update(AuditHead).where(AuditHead.id == 1).values(digest=digest))
    return number


@dataclass(frozen=True)
class Fault:
    """Something wrong in the log.

    Attributes:
        number: the row where it shows.
        kind: `changed`, `removed`, `reordered` or `end`.
        sentence: for the operator.
    """

    number: int
    kind: str
    sentence: str


@dataclass
class Verdict:
    """What a look over the whole log found.

    Attributes:
        rows: how many there are.
        number: of the last one, 0 where there is none.
        digest: of the last one: kept elsewhere, it proves later that nothing was cut off the end.
        faults: at most 100.
    """

    rows: int = 0
    number: int = 0
    digest: str = GENESIS
    faults: list[Fault] = field(default_factory=list)


_FAULTS = 100


def verify(connection: Connection, noted: tuple[int, str] | None = None) -> Verdict:
    """Looks over the whole log.

    Args:
        connection: any.
        noted: number and digest of a row (or its beginning) that were kept elsewhere.

    Returns:
        What was found; no faults: every row is as it was written, none is missing, all are in their order.
    """
    verdict = Verdict()
    for fault in _walk(connection, verdict, noted):
        if len(verdict.faults) < _FAULTS:
            verdict.faults.append(fault)
    return verdict


def _walk(connection: Connection, verdict: Verdict, noted: tuple[int, str] | None) -> Iterator[Fault]:
    rows = connection.execution_options(yield_per=1000).execute(select(AuditRow).order_by(AuditRow.number))
    found_noted = noted is None
    for row in rows.mappings():
        number: int = row["number"]
        if number != verdict.number + 1:
            yield Fault(number, "removed", f"rows {verdict.number + 1} to {number - 1} are missing")
        elif row["previous"] != verdict.digest:
            yield Fault(number, "reordered", f"row {number} does not follow row {verdict.number} as it stands")
        if _Row(*(row[name] for name in _Row._fields)).digest() != row["digest"]:
            yield Fault(number, "changed", f"row {number} is not as it was written")
        if noted is not None and number == noted[0]:
            found_noted = True
            if not (noted[1] and row["digest"].startswith(noted[1])):
                yield Fault(number, "changed", f"row {number} is not the one that was noted")
        verdict.rows += 1
        verdict.number, verdict.digest = number, row["digest"]
    head = connection.execute(select(AuditHead.number, AuditHead.digest).where(AuditHead.id == 1)).one_or_none()
    if head is None or tuple(head) != (verdict.number, verdict.digest):
        ends = "nowhere" if head is None else f"at row {head.number}"
        yield Fault(verdict.number, "end", f"the log should end {ends}, and ends at row {verdict.number}")
    if not found_noted and noted is not None:
        yield Fault(noted[0], "removed", f"row {noted[0]}, which was noted, is missing")


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _masked(value: Detail) -> Detail:
    if isinstance(value, str):
        return mask(value)
    return [mask(part) for part in value] if isinstance(value, list) else value
