from __future__ import annotations

import gzip

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from channels.web.assets import Asset, best_coding

ASSET = Asset(b"let answer = 42;\n" * 100, "text/javascript; charset=utf-8")


def request(**headers: str) -> Request:
    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": lines})


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", ""),
        ("identity", ""),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.0,gzip;q=0", ""),
        ("*", "br"),
        ("*;q=0", ""),
        ("br; q=0.5", "br"),
        ("broccoli", ""),
    ],
)
def test_the_coding_is_one_that_the_browser_takes(accepted: str, coding: str) -> None:
    assert best_coding(accepted) == coding


@given(st.text(max_size=200))
def test_any_header_is_read(accepted: str) -> None:
    assert best_coding(accepted) in ("", "br", "gzip")


@pytest.mark.parametrize(
    ("accepted", "unpack"), [("identity", bytes), ("gzip", gzip.decompress), ("br, gzip", brotli.decompress)]
)
def test_every_coding_holds_the_same_content(accepted: str, unpack: object) -> None:
    answer = ASSET.answer(request(accept_encoding=accepted), versioned=True)
    assert unpack(bytes(answer.body)) == ASSET.content  # type: ignore[operator]
    assert answer.headers["vary"] == "Accept-Encoding"


def test_only_a_versioned_address_is_kept_for_good() -> None:
    kept = ASSET.answer(request(), versioned=True).headers["cache-control"]
    asked_again = ASSET.answer(request(), versioned=False).headers["cache-control"]
    assert "immutable" in kept and "immutable" not in asked_again


def test_a_browser_that_has_it_gets_nothing_again() -> None:
    tag = ASSET.answer(request(accept_encoding="gzip"), versioned=False).headers["etag"]
    again = ASSET.answer(request(accept_encoding="gzip", if_none_match=f'"x", W/{tag}'), versioned=False)
    assert (again.status_code, again.body) == (304, b"")
    other = ASSET.answer(request(accept_encoding="br", if_none_match=tag), versioned=False)
    assert other.status_code == 200


def test_the_digest_names_the_content() -> None:
    same, other = Asset(ASSET.content, "text/plain"), Asset(ASSET.content + b" ", "text/plain")
    assert same.digest == ASSET.digest != other.digest
    assert same.integrity == ASSET.integrity != other.integrity
