"""The portal record: what the National Public Service Portal publishes of one procedure.

The shape is the interchange format (one JSON object a line). Fields that this model does not name are
kept as they are, so that export gives back what import took.
"""

from __future__ import annotations

import re
from typing import Any, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

CODE = re.compile(r"\d\.\d{6}[0-9A-Za-z.\-]*")
"""A national code: `1.001193`, or with a tail as published (`1.001193.H52`, `1.014955-Xoa`)."""


class _Portal(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _null_is_nothing(cls, value: object, info: ValidationInfo) -> object:
        # The portal writes null for an empty text or list.
        if value is None and info.field_name:
            annotation = cls.model_fields[info.field_name].annotation
            if annotation is str:
                return ""
            if get_origin(annotation) is tuple:
                return ()
        return value


class PortalStep(_Portal):
    name: str = ""
    text: str = ""


class PortalFee(_Portal):
    """One fee line; without `currency` the value is in đồng, or in whatever the portal forgot to say."""

    type: str | None = None
    # Whole numbers stay whole, so that export gives the bytes that import took.
    value: int | float | None = Field(None, ge=0, allow_inf_nan=False)
    currency: str = ""
    description: str = ""


class PortalMethod(_Portal):
    channel: str
    duration: str = ""
    duration_unit_raw: str = ""
    fee: str = ""
    fees: tuple[PortalFee, ...] = ()
    description: str = ""


class PortalCase(_Portal):
    code: str = ""
    name: str = ""
    duration: str = ""


class PortalDocument(_Portal):
    group: str = ""
    name: str
    originals: int = Field(0, ge=0)
    copies: int = Field(0, ge=0)
    forms: tuple[str, ...] = ()


class PortalLaw(_Portal):
    number: str = ""
    title: str = ""


class PortalRecord(_Portal):
    """One procedure as published.

    Raises:
        pydantic.ValidationError: the code or the name is missing or malformed, or a field has the wrong type.
    """

    code: str
    name: str = Field(min_length=2)
    field: str = ""
    agency: str = ""
    level: tuple[str, ...] = ()
    kind: str = ""
    regulation_type: str = ""
    decision_no: str = ""
    steps: tuple[PortalStep, ...] = ()
    methods: tuple[PortalMethod, ...] = ()
    cases: tuple[PortalCase, ...] = ()
    documents: tuple[PortalDocument, ...] = ()
    subjects: tuple[str, ...] = ()
    executing_agency: str = ""
    authority_agency: str = ""
    coordinating_agency: str = ""
    delegated_agency: str = ""
    receiving_address: str = ""
    result: str = ""
    legal_basis: tuple[PortalLaw, ...] = ()
    conditions: str = ""
    keywords: str = ""
    description: str = ""
    portal_id: str = ""
    portal_url: str = ""
    crawled_at: str = ""
    flags: tuple[str, ...] = ()

    @field_validator("code")
    @classmethod
    def _national_code(cls, code: str) -> str:
        if not CODE.fullmatch(code):
            raise ValueError("is not a national procedure code such as 1.001193")
        return code

    @property
    def is_standard(self) -> bool:
        """Issued by a ministry for the whole country."""
        return self.kind.startswith("TTHC tiêu chuẩn")

    @property
    def is_internal(self) -> bool:
        """Between offices; no citizen files it."""
        return self.kind.startswith("TTHC nội bộ")

    @property
    def is_provincial(self) -> bool:
        """One province's own."""
        return self.kind.startswith("TTHC đặc thù")

    def interchange(self) -> dict[str, Any]:
        """Gives the record back in the interchange format, unknown fields included."""
        return self.model_dump(mode="json", exclude_unset=True)
