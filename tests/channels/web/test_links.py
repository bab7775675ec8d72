from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.web.links import Piece, allows, pieces


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        ("https://dichvucong.gov.vn/p/1?a=b#c", True),
        ("http://gov.vn", True),
        ("HTTPS://DichVuCong.GOV.VN/", True),
        ("https://gov.vn.evil.example/", False),
        ("https://evilgov.vn/", False),
        ("https://dichvucong.gov.vn@evil.example/", False),
        ("https://evil.example\\@gov.vn/", False),
        ("https://evil.example\t.gov.vn/", False),
        ("https://[::1/gov.vn", False),
        ("javascript:alert(1)//.gov.vn", False),
        ("data:text/html,gov.vn", False),
        ("//gov.vn", False),
        ("", False),
    ],
)
def test_only_the_domains_and_what_lies_below_are_followed(address: str, is_allowed: bool) -> None:
    assert allows(address, ["gov.vn"]) is is_allowed


def test_a_text_is_cut_at_its_addresses() -> None:
    assert list(pieces("Xem https://a.gov.vn/x, hay (https://evil.example).", ["gov.vn"])) == [
        Piece("Xem "),
        Piece("https://a.gov.vn/x", is_address=True, is_link=True),
        Piece(", hay ("),
        Piece("https://evil.example", is_address=True),
        Piece(")."),
    ]


@given(st.text(max_size=120) | st.from_regex(r"(https?://[a-z./@\\]{0,20} ?){0,4}", fullmatch=True))
def test_nothing_of_a_text_is_lost(text: str) -> None:
    assert "".join(piece.text for piece in pieces(text, ["gov.vn"])) == text
