from __future__ import annotations

import pytest
from starlette.requests import Request

from channels.errors import CannotStart, OriginRefused
from channels.web.origins import HOME, listed, origin_of

PORTAL = "https://portal.example.gov.vn"


def request(**headers: str) -> Request:
    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": [(b"host", b"tro-ly.example.gov.vn"), *lines]})


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        ({}, HOME),
        ({"origin": "https://tro-ly.example.gov.vn"}, HOME),
        ({"origin": "http://tro-ly.example.gov.vn", "sec_fetch_site": "same-origin"}, HOME),
        ({"origin": "https://ngoai.example.gov.vn"}, HOME),
        ({"origin": PORTAL}, PORTAL),
        ({"origin": PORTAL, "sec_fetch_site": "same-site"}, PORTAL),
        ({"origin": "https://khac.example.gov.vn:8443"}, "https://khac.example.gov.vn:8443"),
    ],
)
def test_our_own_pages_are_home_and_allowed_ones_have_their_name(headers: dict[str, str], origin: str) -> None:
    allowed = f"{PORTAL}, https://khac.example.gov.vn:8443"
    assert origin_of(request(**headers), allowed, "https://ngoai.example.gov.vn/") == origin


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.example",
        "http://portal.example.gov.vn",
        f"{PORTAL}:444",
        f"{PORTAL}.evil.example",
        "https://tro-ly.example.gov.vn.evil.example",
        "https://evil.example/tro-ly.example.gov.vn",
    ],
)
def test_any_other_site_is_refused(origin: str) -> None:
    with pytest.raises(OriginRefused):
        origin_of(request(origin=origin), PORTAL)


def test_a_site_that_the_browser_calls_another_is_not_home_by_its_name() -> None:
    with pytest.raises(OriginRefused):
        origin_of(request(origin="http://tro-ly.example.gov.vn", sec_fetch_site="cross-site"), "")


@pytest.mark.parametrize(
    "setting",
    ["*", "portal.example.gov.vn", f"{PORTAL}/", f"{PORTAL}/chat", "https://Portal.example", "null", "ftp://a"],
)
def test_a_list_with_anything_else_is_an_error_at_the_start(setting: str) -> None:
    with pytest.raises(CannotStart, match="MOTCUA_ALLOWED_ORIGINS"):
        listed(f"{PORTAL},{setting}")


def test_an_empty_list_allows_nobody() -> None:
    assert listed(" , ") == frozenset()
