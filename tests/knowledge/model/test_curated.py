"""The rules of a curated record."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tests.knowledge.samples import NAME, curated


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"steps": ["x" * 221]}, "longer than 220"),
        ({"steps": ["một"] * 8}, "at most 7"),
        ({"fees": [{"state": "amount"}]}, "exactly when"),
        ({"fees": [{"state": "free", "amount": 5000}]}, "exactly when"),
        ({"fees": [{"state": "amount", "amount": 20}]}, "1000"),
        ({"fees": [{"state": "described"}]}, "needs its text"),
        ({"durations": [{"number": 3}]}, "unit exactly when"),
        ({"durations": [{"unit": "day", "text": "x"}]}, "unit exactly when"),
        ({"durations": [{}]}, "needs its text"),
        ({"common_names": ["một"]}, "at least 2"),
        ({"phone": "113"}, "Extra inputs"),
    ],
)
def test_a_record_that_breaks_a_rule_is_refused(broken: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        curated(**broken)


def test_its_words_carry_its_plain_name() -> None:
    words = curated().words()
    assert words.common_names[0] == "Làm thẻ thư viện"
    assert words.name == NAME
