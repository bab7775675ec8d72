from __future__ import annotations

import logging

import httpx
import pytest

from channels.zalo.calling import Caller
from channels.zalo.errors import NotConfigured, OutcomeUnknown
from channels.zalo.redaction import without_secrets

pytestmark = pytest.mark.anyio


def test_tokens_in_paths_and_queries_are_taken_out() -> None:
    line = "POST https://bot-api.zaloplatforms.com/bot145923:geheim-X/sendMessage?chat=1 200"
    assert without_secrets(line) == "POST https://bot-api.zaloplatforms.com/bot…/sendMessage?… 200"


async def test_the_http_clients_own_log_and_errors_hold_no_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    # The level of the client's own log is set by whatever set a service's logs up before.
    caplog.set_level(logging.DEBUG, logger="httpx")

    def break_off(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("getMe"):
            return httpx.Response(200, json={})
        raise httpx.ReadTimeout(f"no answer from {request.url}")

    caller = Caller("https://zalo.example", transport=httpx.MockTransport(break_off))
    await caller.call("getMe", "POST", "/bot145923:geheim-X/getMe", read_s=1, params={"user_id": "246800001"})
    with pytest.raises(OutcomeUnknown) as told:
        await caller.call("sendMessage", "POST", "/bot145923:geheim-X/sendMessage", read_s=1)
    await caller.close()
    assert "getMe" in caplog.text
    for secret in ("geheim", "246800001"):
        assert secret not in caplog.text and secret not in repr(told.value)
    assert told.value.__suppress_context__


@pytest.mark.parametrize("url", ["", "zalo", "ftp://zalo.example", "https://", "https://me:secret@zalo.example"])
def test_an_address_that_is_none_is_told_without_showing_it(url: str) -> None:
    with pytest.raises(NotConfigured) as told:
        Caller(url)
    assert "secret" not in str(told.value)
