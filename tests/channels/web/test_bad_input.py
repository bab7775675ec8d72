"""Whatever is sent gets a sensible answer: nothing breaks, nothing is executed."""

from __future__ import annotations

import json
import logging
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.channels.conftest import Visitor
from tests.simulators.rasa import Fault, RasaSimulator

pytestmark = pytest.mark.anyio

JSON = {"Content-Type": "application/json"}
one_gateway = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("", None),
        (" \n\t ", None),
        ("\u200b\u200c\u200d\ufeff", None),
        ("😀🎉", None),
        ("/", None),
        ("lệ phí\u200b khai\U000e0041 sinh", "lệ phí khai sinh"),
        ("le\u0323\u0302 phi\u0301", "lệ phí"),
        ("/restart", "restart"),
        ('/nlu_fallback{"x":1}', 'nlu_fallback{"x":1}'),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("'); DROP TABLE chat_session; --", "'); DROP TABLE chat_session; --"),
        ("{{ 7*7 }} ${7*7} %s {0}", "{{ 7*7 }} ${7*7} %s {0}"),
        ("\x00\x1b[31mđỏ", "[31mđỏ"),
    ],
)
async def test_strange_text_is_answered(
    visitor: Visitor, rasa: RasaSimulator, text: str, heard: str | None
) -> None:
    answer = await visitor.send("m1", text=text)
    assert answer.status_code == 200
    assert answer.json()["replies"][0]["text"]
    assert rasa.messages == ([] if heard is None else [heard])
    assert len((await visitor.history()).json()["messages"]) == 1


async def test_ten_thousand_characters_are_read_up_to_the_limit(
    visitor: Visitor, rasa: RasaSimulator
) -> None:
    answer = await visitor.send("m1", text="thủ tục " * 1250)
    assert answer.status_code == 200
    assert [len(m) for m in rasa.messages] == [999]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"null", "body"),
        (b"[]", "body"),
        (b'"text"', "body"),
        (b'{"client_message_id":"m1","text":"\xff\xfe"}', "body"),
        (b'{"client_message_id":"m1","text":"\\ud800"}', "body"),
        (b'{"client_message_id":"m1","text":' + b"[" * 20_000 + b"]" * 20_000 + b"}", "body"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "body"),
        (b'{"text":"x"}', "client_message_id"),
        (b'{"client_message_id":"","text":"x"}', "client_message_id"),
        (b'{"client_message_id":"m 1","text":"x"}', "client_message_id"),
        (b'{"client_message_id":"' + b"m" * 65 + b'","text":"x"}', "client_message_id"),
        (b'{"client_message_id":1,"text":"x"}', "client_message_id"),
        (b'{"client_message_id":"m1","text":1}', "text"),
        (b'{"client_message_id":"m1","text":["x"]}', "text"),
        (b'{"client_message_id":"m1","payload":{}}', "payload"),
        (b'{"client_message_id":"m1","payload":"/restart"}', "payload"),
        (b'{"client_message_id":"m1","payload":"say:restart"}', "payload"),
        (b'{"client_message_id":"m1"}', "body"),
        (b'{"client_message_id":"m1","text":"x","payload":"say:help"}', "body"),
        (b'{"client_message_id":"m1","text":null}', "body"),
        (b'{"client_message_id":"m1","text":"x","sender":"somebody"}', "sender"),
        (b'{"client_message_id":"m1","text":"x","metadata":{}}', "metadata"),
    ],
)
async def test_a_body_that_is_not_the_contracts_is_refused_by_field(
    visitor: Visitor, rasa: RasaSimulator, body: bytes, field: str
) -> None:
    answer = await visitor.http.post("/api/v1/chat/messages", content=body, headers=visitor.headers | JSON)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in [fault["field"] for fault in answer.json()["errors"]]
    assert rasa.heard == []


@pytest.mark.parametrize("media_type", [None, "text/plain", "application/x-www-form-urlencoded", "x"])
async def test_a_body_that_is_not_called_json_is_refused(visitor: Visitor, media_type: str | None) -> None:
    headers = visitor.headers | ({"Content-Type": media_type} if media_type else {})
    answer = await visitor.http.post("/api/v1/chat/messages", content=b"{}", headers=headers)
    assert answer.status_code == 415


async def test_a_huge_body_is_refused_before_it_is_read(visitor: Visitor, rasa: RasaSimulator) -> None:
    read = 0

    async def endless() -> Any:
        nonlocal read
        for _ in range(10_000):
            read += 1
            yield b"x" * 1024

    body = json.dumps({"client_message_id": "m1", "text": "x" * 70_000})
    headers = visitor.headers | JSON
    assert (
        await visitor.http.post("/api/v1/chat/messages", content=body, headers=headers)
    ).status_code == 413
    streamed = await visitor.http.post("/api/v1/chat/messages", content=endless(), headers=headers)
    assert streamed.status_code == 413
    opened = await visitor.http.post("/api/v1/chat/sessions", content=endless())
    assert opened.status_code == 413
    assert read < 300
    assert rasa.heard == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nowhere", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/static/../app.py", 404),
        ("GET", "/static/%2e%2e/%2e%2e/app.py", 404),
        ("PUT", "/api/v1/chat/messages", 405),
        ("GET", "/api/v1/chat/sessions", 405),
        ("POST", "/", 405),
    ],
)
async def test_an_address_or_a_method_that_is_not_there_is_a_problem(
    http: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await http.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": "x"}, {"limit": 10**30}, {"before": "x" * 100}])
async def test_a_query_out_of_bounds_is_refused(visitor: Visitor, query: dict[str, Any]) -> None:
    answer = await visitor.history(**query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == next(iter(query))


async def test_an_unforeseen_error_is_an_apology_and_its_text_is_not_logged(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "chuyện riêng của tôi"

    async def broken(*_: Any) -> None:
        raise RuntimeError(secret)

    monkeypatch.setattr("channels.inbox.Inbox.receive", broken)
    with caplog.at_level(logging.DEBUG):
        answer = await visitor.send("m1", text=secret)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "RuntimeError" in caplog.text
    assert secret not in caplog.text + answer.text


async def test_nothing_a_person_writes_is_logged(
    visitor: Visitor, rasa: RasaSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await visitor.send("m1", text="bí mật của tôi 0912345678")
        rasa.fault = Fault.ERROR
        await visitor.send("m2", text="bí mật của tôi 0912345678")
    assert "bí mật" not in caplog.text
    assert "0912345678" not in caplog.text
    assert visitor.token not in caplog.text


@one_gateway
@given(text=st.text(max_size=200))
async def test_any_text_is_answered(visitor: Visitor, rasa: RasaSimulator, text: str) -> None:
    answer = await visitor.send(uuid4().hex, text=text)
    if any("\ud800" <= c <= "\udfff" for c in text):
        assert answer.status_code == 422
    else:
        assert answer.status_code == 200
        assert answer.json()["replies"]
    assert not any(m.strip().startswith("/") for m in rasa.messages)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
nearly_messages = st.fixed_dictionaries(
    {},
    optional={
        "client_message_id": st.from_regex(r"[a-z0-9_-]{1,64}", fullmatch=True) | json_values,
        "text": st.text(max_size=50) | json_values,
        "payload": st.sampled_from(["say:help", "ask:fee:1.001193", "/restart"]) | json_values,
        "extra": json_values,
    },
)


@one_gateway
@given(body=json_values | nearly_messages)
async def test_any_json_is_answered_or_refused(visitor: Visitor, rasa: RasaSimulator, body: Any) -> None:
    answer = await visitor.http.post(
        "/api/v1/chat/messages", content=json.dumps(body), headers=visitor.headers | JSON
    )
    assert answer.status_code in (200, 422)
    allowed = ("/help", '/ask_fee{"procedure":"1.001193"}')
    assert all(m in allowed or not m.startswith("/") for m in rasa.messages)


@one_gateway
@given(body=st.binary(max_size=300))
async def test_any_bytes_are_refused(visitor: Visitor, body: bytes) -> None:
    answer = await visitor.http.post("/api/v1/chat/messages", content=body, headers=visitor.headers | JSON)
    assert answer.status_code == 422
