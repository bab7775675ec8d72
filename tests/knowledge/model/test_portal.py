"""The portal record: what it takes and gives back."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from knowledge.model import PortalRecord
from tests.knowledge.samples import interchange, portal_record


def test_what_comes_in_goes_out_unknown_fields_included() -> None:
    content = interchange()
    assert json.dumps(portal_record().interchange(), sort_keys=True) == json.dumps(content, sort_keys=True)


def test_null_is_taken_for_nothing_at_every_level() -> None:
    record = portal_record(
        keywords=None,
        cases=None,
        steps=[{"name": None, "text": "x"}],
        documents=[{"name": "Đơn", "forms": None}],
    )
    assert (record.keywords, record.cases, record.steps[0].name, record.documents[0].forms) == (
        "",
        (),
        "",
        (),
    )


@pytest.mark.parametrize("code", ["1.001193", "1.001193.H52", "1.014955-Xoa"])
def test_national_codes_pass(code: str) -> None:
    assert portal_record(code).code == code


@pytest.mark.parametrize(
    "broken",
    [
        {"code": "1001193"},
        {"code": None},
        {"code": ""},
        {"name": None},
        {"name": "x"},
        {"methods": "Trực tiếp"},
        {"documents": [{"name": "Đơn", "originals": -1}]},
        {"level": 3},
    ],
)
def test_a_record_that_breaks_the_shape_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PortalRecord.model_validate(interchange() | broken)


@pytest.mark.parametrize(
    ("kind", "is_standard", "is_provincial", "is_internal"),
    [
        ("TTHC tiêu chuẩn (do bộ, ngành công bố)", True, False, False),
        ("TTHC đặc thù (do tỉnh/thành phố công bố)", False, True, False),
        ("TTHC nội bộ", False, False, True),
    ],
)
def test_kinds_are_told_apart(kind: str, is_standard: bool, is_provincial: bool, is_internal: bool) -> None:
    record = portal_record(kind=kind)
    assert (record.is_standard, record.is_provincial, record.is_internal) == (
        is_standard,
        is_provincial,
        is_internal,
    )
