from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.zalo.errors import NotAnEvent
from channels.zalo.json_text import LARGEST, a_moment, a_name, a_number, a_text, parse

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        parse(body)
    except NotAnEvent as told:
        assert told.__cause__ is None


@pytest.mark.parametrize(
    "body", [b"", b"{", b"NaN", b"[Infinity]", b"\xff\xfe", b"[" * 100_000, b"9" * 5000, b" " * (LARGEST + 1)]
)
def test_what_no_service_sends_is_refused(body: bytes) -> None:
    with pytest.raises(NotAnEvent):
        parse(body)


@given(ANYTHING)
def test_any_value_becomes_what_is_asked_for_and_can_be_stored(value: object) -> None:
    for text in (a_text(value), a_name(value)):
        assert "\0" not in text
        text.encode()
    number = a_number(value)
    assert number is None or number - number == 0
    moment = a_moment(value)
    assert moment is None or moment.tzinfo is not None


def test_half_characters_become_whole_ones() -> None:
    assert a_text(json.loads('"a\\ud800b\\u0000"')) == "a\ufffdb"
    assert a_text("e\u0302\u0301") == "ế"


def test_ids_and_times_are_read_as_text_and_as_numbers() -> None:
    assert a_name(2468000000000000001) == a_name("2468000000000000001") == "2468000000000000001"
    assert a_moment("1757000000000") == a_moment(1757000000000)
    assert a_moment("soon") is None and a_moment(10**30) is None and a_moment(True) is None
