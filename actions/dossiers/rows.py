"""Between a dossier and its row."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Literal

from sqlalchemy import RowMapping

from actions.dossiers.codes import DossierCode
from actions.dossiers.model import Dossier, DossierState

Origin = Literal["import", "live", "sample"]

_CONTENT = (
    "phone_key", "identity_key", "state_text", "procedure_code", "procedure_name", "unit", "applicant",
    "received_at", "appointment_on", "state_changed_at", "in_charge_unit", "in_charge_step", "amount_due", "pay_at",
    "result_ready_at", "collect_at",
)  # fmt: skip
_values = attrgetter(*_CONTENT)


def row_of(dossier: Dossier, origin: Origin) -> dict[str, Any]:
    """Gives the values of a row, all but `changed`."""
    values: dict[str, Any] = dict(zip(_CONTENT, _values(dossier), strict=True))
    values["state"] = int(dossier.state)
    values["missing"] = "\n".join(dossier.missing)
    values["code"] = dossier.code.value
    # Only what a dossier says counts as a change, not when it was said.
    values["digest"] = blake2b("\0".join(map(str, values.values())).encode(), digest_size=16).hexdigest()
    values["number"] = dossier.code.number
    values["as_of"] = dossier.as_of
    values["origin"] = origin
    return values


def dossier_of(row: RowMapping) -> Dossier:
    """Gives the dossier of a row; a sample is as fresh as the moment it is read."""
    values: dict[str, Any] = {name: row[name] for name in _CONTENT}
    for name in ("received_at", "state_changed_at", "result_ready_at"):
        values[name] = in_utc(values[name]) if values[name] else None
    return Dossier(
        code=DossierCode(row["code"]),
        state=DossierState(row["state"]),
        as_of=datetime.now(UTC) if row["origin"] == "sample" else in_utc(row["as_of"]),
        missing=tuple(row["missing"].split("\n")) if row["missing"] else (),
        **values,
    )


def in_utc(moment: datetime) -> datetime:
    """Gives a stored time with its zone: SQLite keeps none, and all times are stored in UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
