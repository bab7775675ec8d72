"""What a procedure is called, and what tells it from its neighbours."""

import pytest

from actions.compose import distinction
from knowledge.model import Procedure, Words


def told(differs: str) -> str:
    words = Words(code="9.100001", name="Cấp thẻ", field="Thử", popularity=1, differs=differs)
    return distinction(Procedure(code="9.100001", vocabulary=words))


@pytest.mark.parametrize(
    ("differs", "expected"),
    [
        ("Thẻ bị mất; còn thẻ mà hết hạn thì 9.100002.", "thẻ bị mất"),
        ("CFS lần đầu.", "CFS lần đầu"),
        ("Khác với 9.100002.", ""),
        ("dài " * 40, ""),
        ("", ""),
    ],
)
def test_the_first_part_of_a_distinction_is_told_where_it_is_short_and_names_no_code(
    differs: str, expected: str
) -> None:
    assert told(differs) == expected
