"""The curated record: what staff wrote of a procedure, in plain language, for people.

One YAML file a record under `knowledge/procedures/<field>/<code>.yaml`; `docs/curation.md` explains each key.
Figures (amounts, days, counts, decree numbers) must stand in the portal record: `knowledge.curation.check`
proves it.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from knowledge.model.channels import Channel


class _Curated(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CuratedDocument(_Curated):
    """One paper.

    role: `submit` it is handed in, `present` it is only shown, `fill` it is a form filled on the spot or
        online.
    when: the person's case in plain words ("con sinh ra khi cha mẹ chưa kết hôn"); empty means everybody.
    originals, copies: counts of the portal record; both None where the record gives none.
    """

    name: str = Field(min_length=3)
    role: Literal["submit", "present", "fill"] = "submit"
    originals: int | None = Field(None, ge=0)
    copies: int | None = Field(None, ge=0)
    when: str = ""
    where_to_get: str = ""
    note: str = ""


class CuratedFee(_Curated):
    """One line of what it costs; `amount` in đồng only for state `amount`, and then it is shown as figures.

    label: what it is charged for ("Nộp trực tiếp, cấp đổi").
    state: as in `knowledge.model.fees.Fee`; `free` only where the regulation frees everybody in that line.
    """

    state: Literal["amount", "free", "described", "unstated"]
    amount: int | None = Field(None, ge=1000)
    channel: Channel = "any"
    label: str = ""
    text: str = ""


class CuratedDuration(_Curated):
    """One line of how long it takes; without `number` the text says it."""

    number: float | None = Field(None, gt=0)
    unit: Literal["working_day", "day", "hour", "minute", "month", "year", ""] = ""
    channel: Channel = "any"
    case: str = ""
    text: str = ""


class Office(_Curated):
    """Where the dossier is handed in."""

    name: str
    level: Literal["commune", "province", "ministry", "company", "other"]
    anywhere_in_province: bool = False
    note: str = ""


class Online(_Curated):
    """Whether and where it can be filed online."""

    available: bool
    full: bool = False
    url: str = ""
    note: str = ""


class Neighbour(_Curated):
    """A procedure that is taken for this one, and when it is the right one instead."""

    code: str
    when: str


class Law(_Curated):
    number: str
    title: str = ""


class Paperless(_Curated):
    """Its place among the 25 services that are filed only online.

    Source: the Prime Minister's Directive 24/CT-TTg of 13 September 2025.
    """

    number: int = Field(ge=1, le=25)
    since: date


class Words(_Curated):
    """What people say for a procedure: the vocabulary layer, alone or as part of a curated record."""

    code: str
    name: str = ""
    field: str = ""
    popularity: int = Field(1, ge=1, le=5)
    common_names: tuple[str, ...] = ()
    sample_questions: tuple[str, ...] = ()
    situations: tuple[str, ...] = ()
    differs: str = ""


class CuratedRecord(_Curated):
    """Everything a person must know to get one procedure done.

    code: the national code, or a code of our own that starts with `x.` where the portal has no record.
    name: what people would call it; `official_name` as the portal has it.
    provider: who provides it where it is no administrative procedure (an electricity company).
    """

    code: str
    name: str = Field(min_length=3)
    official_name: str = ""
    field: str = Field(min_length=2)
    provider: str = ""
    paperless: Paperless | None = None
    popularity: int = Field(3, ge=1, le=5)
    data_date: date
    summary: str = Field(min_length=10)
    common_names: tuple[str, ...] = Field(min_length=2)
    sample_questions: tuple[str, ...] = Field(min_length=4)
    situations: tuple[str, ...] = ()
    differs: str = ""
    neighbours: tuple[Neighbour, ...] = ()
    documents: tuple[CuratedDocument, ...] = ()
    documents_note: str = ""
    steps: tuple[str, ...] = Field(min_length=1, max_length=7)
    fees: tuple[CuratedFee, ...] = Field(min_length=1)
    durations: tuple[CuratedDuration, ...] = Field(min_length=1)
    office: Office
    online: Online
    forms: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    result: str = ""
    legal_basis: tuple[Law, ...] = ()
    notes: tuple[str, ...] = ()

    @field_validator("steps")
    @classmethod
    def _short_lines(cls, steps: tuple[str, ...]) -> tuple[str, ...]:
        for step in steps:
            if len(step) > 220:
                raise ValueError(f"a step is longer than 220 characters: {step[:60]}…")
        return steps

    @field_validator("fees")
    @classmethod
    def _amounts_agree(cls, fees: tuple[CuratedFee, ...]) -> tuple[CuratedFee, ...]:
        for fee in fees:
            if (fee.state == "amount") != (fee.amount is not None):
                raise ValueError("a fee has an amount exactly when its state is 'amount'")
            if fee.state == "described" and not fee.text:
                raise ValueError("a fee of state 'described' needs its text")
        return fees

    @field_validator("durations")
    @classmethod
    def _units_agree(cls, durations: tuple[CuratedDuration, ...]) -> tuple[CuratedDuration, ...]:
        for duration in durations:
            if (duration.number is not None) != bool(duration.unit):
                raise ValueError("a duration has a unit exactly when it has a number")
            if duration.number is None and not duration.text:
                raise ValueError("a duration without a number needs its text")
        return durations

    def words(self) -> Words:
        """The vocabulary part."""
        return Words(
            code=self.code,
            name=self.official_name or self.name,
            field=self.field,
            popularity=self.popularity,
            common_names=(self.name, *self.common_names),
            sample_questions=self.sample_questions,
            situations=self.situations,
            differs=self.differs,
        )
