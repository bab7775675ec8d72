"""The contract of the chat API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from motcua.database import open_database
from motcua.reply import Reply
from tests.channels.conftest import Visitor, come_in
from tests.simulators.rasa import DOCUMENTS, FEE, Fault, RasaSimulator

pytestmark = pytest.mark.anyio

QUESTION = "làm giấy khai sinh cho con cần giấy tờ gì"


def rows_of(home: Path, table: str) -> int:
    engine = open_database(f"sqlite:///{home / 'motcua.db'}")
    with engine.connect() as connection:
        count = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
    engine.dispose()
    return int(count)


async def test_a_session_comes_with_a_token_and_an_end(http: httpx.AsyncClient) -> None:
    answer = await http.post("/api/v1/chat/sessions")
    assert answer.status_code == 201
    body = answer.json()
    assert body.keys() == {"session_id", "token", "expires_at"}
    left = datetime.fromisoformat(body["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=23, minutes=59) < left <= timedelta(hours=24)
    assert answer.headers["cache-control"] == "no-store"


async def test_a_question_is_answered(visitor: Visitor, rasa: RasaSimulator) -> None:
    answer = await visitor.send("m1", text=QUESTION)
    assert answer.status_code == 200
    assert answer.json().keys() == {"message_id", "replies"}
    assert [Reply.model_validate(r) for r in answer.json()["replies"]] == [DOCUMENTS]
    assert [(h.sender, h.message) for h in rasa.heard] == [(visitor.session_id, QUESTION)]


async def test_the_bot_learns_that_conversations_come_from_one_address_and_never_which(
    http: httpx.AsyncClient, visitor: Visitor, rasa: RasaSimulator
) -> None:
    other = await come_in(http)
    await visitor.send("m1", text=QUESTION)
    await other.send("m1", text=QUESTION)
    accounts = [heard.metadata["account"] for heard in rasa.heard]
    assert accounts[0] == accounts[1] != ""
    assert "127.0.0.1" not in str([heard.metadata for heard in rasa.heard])


async def test_a_tapped_choice_is_answered_and_remembered_by_its_title(
    visitor: Visitor, rasa: RasaSimulator
) -> None:
    await visitor.send("m1", text=QUESTION)
    answer = await visitor.send("m2", payload="ask:where:1.001193")
    assert answer.status_code == 200
    answer = await visitor.send("m3", payload="ask:fee:1.001193")
    assert [Reply.model_validate(r) for r in answer.json()["replies"]] == [FEE]
    assert rasa.messages[1:] == ['/ask_where{"procedure":"1.001193"}', '/ask_fee{"procedure":"1.001193"}']
    entries = (await visitor.history()).json()["messages"]
    assert [e["text"] for e in entries] == [QUESTION, "Nơi nộp", "Lệ phí"]


async def test_the_history_keeps_the_order_and_is_read_page_by_page(visitor: Visitor) -> None:
    ids = [(await visitor.send(f"m{n}", text=f"câu {n}")).json()["message_id"] for n in range(7)]
    newest = (await visitor.history(limit=3)).json()["messages"]
    assert [e["message_id"] for e in newest] == ids[4:]
    older = (await visitor.history(limit=3, before=ids[4])).json()["messages"]
    assert [e["message_id"] for e in older] == ids[1:4]
    assert older[0]["text"] == "câu 1" and older[0]["client_message_id"] == "m1"
    assert len(older[0]["replies"]) == 1
    assert datetime.fromisoformat(older[0]["received_at"]).tzinfo is not None


async def test_the_history_of_another_session_is_closed(http: httpx.AsyncClient, visitor: Visitor) -> None:
    theirs = (await visitor.send("m1", text="riêng tư")).json()["message_id"]
    stranger = await come_in(http)
    assert (await stranger.history()).json() == {"messages": []}
    answer = await stranger.history(before=theirs)
    assert answer.status_code == 404


async def test_personal_numbers_are_masked_before_they_are_kept(
    visitor: Visitor, rasa: RasaSimulator
) -> None:
    await visitor.send("m1", text="cccd 001099012345 của tôi")
    assert rasa.messages == ["cccd 001099012345 của tôi"]
    [entry] = (await visitor.history()).json()["messages"]
    assert entry["text"] == "cccd ••••••••••45 của tôi"


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer x", "Basic abc", "Bearer " + "0" * 32 + ".x", "Bearer " + "ệ" * 40]
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/chat/messages"),
        ("GET", "/chat/messages"),
        ("GET", "/chat/events"),
        ("DELETE", "/chat/sessions/current"),
    ],
)
async def test_without_the_right_token_every_door_is_closed(
    http: httpx.AsyncClient, method: str, path: str, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header.encode()}
    answer = await http.request(method, f"/api/v1{path}", headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"


class TestSendingAgain:
    async def test_gives_the_same_answer_and_asks_once(self, visitor: Visitor, rasa: RasaSimulator) -> None:
        first = await visitor.send("m1", text=QUESTION)
        again = await visitor.send("m1", text=QUESTION)
        assert again.json() == first.json()
        assert len(rasa.heard) == 1

    async def test_gives_the_same_answer_while_the_first_is_on_its_way(
        self, visitor: Visitor, rasa: RasaSimulator
    ) -> None:
        rasa.delay = 0.2
        answers = await asyncio.gather(*(visitor.send("m1", text=QUESTION) for _ in range(8)))
        assert {a.status_code for a in answers} == {200}
        assert len({a.text for a in answers}) == 1
        assert len(rasa.heard) == 1
        assert len((await visitor.history()).json()["messages"]) == 1

    @pytest.mark.parametrize("fault", [Fault.ERROR, Fault.EMPTY, Fault.TRUNCATED])
    async def test_is_answered_when_the_first_try_failed(
        self, visitor: Visitor, rasa: RasaSimulator, fault: Fault
    ) -> None:
        rasa.fault = fault
        assert (await visitor.send("m1", text=QUESTION)).status_code == 503
        [entry] = (await visitor.history()).json()["messages"]
        assert entry["replies"] == []
        rasa.fault = Fault.NONE
        answer = await visitor.send("m1", text=QUESTION)
        assert answer.status_code == 200
        assert answer.json()["message_id"] == entry["message_id"]
        assert len((await visitor.history()).json()["messages"]) == 1

    async def test_is_answered_after_the_gateway_ended_before_the_answer(
        self, open_gateway: Callable[..., Any], rasa: RasaSimulator
    ) -> None:
        rasa.delay = 5
        before: httpx.AsyncClient = await open_gateway(reply_timeout=60)
        visitor = await come_in(before)
        cut_short = asyncio.create_task(visitor.send("m1", text=QUESTION))
        while not rasa.heard:
            await asyncio.sleep(0.01)
        cut_short.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cut_short
        rasa.delay = 0
        visitor.http = await open_gateway()
        answer = await visitor.send("m1", text=QUESTION)
        assert answer.status_code == 200
        assert len(rasa.heard) == 2

    async def test_of_another_session_is_another_message(
        self, http: httpx.AsyncClient, visitor: Visitor, rasa: RasaSimulator
    ) -> None:
        other = await come_in(http)
        first, second = await visitor.send("m1", text="một"), await other.send("m1", text="hai")
        assert first.json()["message_id"] != second.json()["message_id"]
        assert rasa.messages == ["một", "hai"]


class TestOrder:
    async def test_messages_of_one_conversation_go_one_by_one_in_order(
        self, visitor: Visitor, rasa: RasaSimulator
    ) -> None:
        rasa.delay = 0.03
        sent = []
        for n in range(10):
            sent.append(asyncio.create_task(visitor.send(f"m{n}", text=f"câu {n}")))
            await asyncio.sleep(0.005)
        answers = await asyncio.gather(*sent)
        assert [a.status_code for a in answers] == [200] * 10
        assert rasa.messages == [f"câu {n}" for n in range(10)]
        assert rasa.overlaps == 0

    async def test_conversations_do_not_wait_for_each_other(
        self, http: httpx.AsyncClient, rasa: RasaSimulator
    ) -> None:
        visitors = [await come_in(http) for _ in range(10)]
        rasa.delay = 0.5
        begun = asyncio.get_running_loop().time()
        await asyncio.gather(*(v.send("m1", text="xin chào") for v in visitors))
        assert asyncio.get_running_loop().time() - begun < 3


class TestWhenTheBotFails:
    @pytest.mark.parametrize("fault", [f for f in Fault if f not in (Fault.NONE, Fault.NO_MODEL)])
    async def test_the_person_gets_an_apology_in_time_and_an_answer_after(
        self, visitor: Visitor, rasa: RasaSimulator, fault: Fault
    ) -> None:
        rasa.fault = fault
        begun = asyncio.get_running_loop().time()
        answer = await visitor.send("m1", text=QUESTION)
        assert asyncio.get_running_loop().time() - begun <= 2
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
        problem = answer.json()
        assert "Xin lỗi" in problem["detail"] and problem["next"]
        rasa.fault = Fault.NONE
        assert (await visitor.send("m2", text=QUESTION)).status_code == 200

    async def test_one_that_is_down_is_found_again_without_a_restart(
        self, visitor: Visitor, rasa: RasaSimulator
    ) -> None:
        rasa.server.stop()
        try:
            begun = asyncio.get_running_loop().time()
            assert (await visitor.send("m1", text=QUESTION)).status_code == 503
            assert asyncio.get_running_loop().time() - begun <= 2
            ready = await visitor.http.get("/readyz")
            assert (ready.status_code, ready.json()["rasa"]) == (503, "unavailable")
        finally:
            rasa.server.start()
        assert (await visitor.send("m1", text=QUESTION)).status_code == 200
        assert (await visitor.http.get("/readyz")).status_code == 200

    async def test_waiting_behind_a_slow_message_is_not_longer_either(
        self, visitor: Visitor, rasa: RasaSimulator
    ) -> None:
        rasa.fault = Fault.SLOW
        begun = asyncio.get_running_loop().time()
        answers = await asyncio.gather(*(visitor.send(f"m{n}", text=QUESTION) for n in range(3)))
        assert asyncio.get_running_loop().time() - begun <= 2
        assert [a.status_code for a in answers] == [503] * 3


class TestErasing:
    async def test_leaves_nothing_of_the_conversation(self, visitor: Visitor, tmp_path: Path) -> None:
        other = await come_in(visitor.http)
        await other.send("m1", text="còn lại")
        await visitor.send("m1", text=QUESTION)
        answer = await visitor.http.delete("/api/v1/chat/sessions/current", headers=visitor.headers)
        assert (answer.status_code, answer.content) == (204, b"")
        assert (await visitor.send("m2", text=QUESTION)).status_code == 401
        assert (await visitor.history()).status_code == 401
        assert rows_of(tmp_path, "chat_session") == 1
        assert rows_of(tmp_path, "chat_message") == 1
        assert (await other.history()).json()["messages"][0]["text"] == "còn lại"

    async def test_while_an_answer_is_on_its_way_keeps_nothing(
        self, visitor: Visitor, rasa: RasaSimulator, tmp_path: Path
    ) -> None:
        rasa.delay = 0.3
        on_its_way = asyncio.create_task(visitor.send("m1", text=QUESTION))
        while not rasa.heard:
            await asyncio.sleep(0.01)
        await visitor.http.delete("/api/v1/chat/sessions/current", headers=visitor.headers)
        assert (await on_its_way).status_code == 401
        assert rows_of(tmp_path, "chat_message") == 0

    async def test_at_another_gateway_closes_the_session_here(
        self, visitor: Visitor, open_gateway: Callable[..., Any], rasa: RasaSimulator
    ) -> None:
        await visitor.send("m1", text=QUESTION)
        elsewhere: httpx.AsyncClient = await open_gateway()
        await elsewhere.delete("/api/v1/chat/sessions/current", headers=visitor.headers)
        assert (await visitor.send("m2", text=QUESTION)).status_code == 401
        assert len(rasa.heard) == 1


class TestRateLimits:
    async def test_a_session_that_sends_too_much_is_told_to_wait(
        self, open_gateway: Callable[..., Any]
    ) -> None:
        http: httpx.AsyncClient = await open_gateway(rate_per_session="3/minute")
        visitor, other = await come_in(http), await come_in(http)
        statuses = [(await visitor.send(f"m{n}", text="xin chào")).status_code for n in range(4)]
        assert statuses == [200, 200, 200, 429]
        refused = await visitor.send("m9", text="xin chào")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["content-type"] == "application/problem+json"
        assert (await other.send("m1", text="xin chào")).status_code == 200

    async def test_an_address_that_asks_too_much_is_told_to_wait(
        self, open_gateway: Callable[..., Any]
    ) -> None:
        http: httpx.AsyncClient = await open_gateway(rate_per_address="3/minute", trusted_proxies="127.0.0.1")

        async def open_from(address: str) -> int:
            headers = {"X-Forwarded-For": address}
            return (await http.post("/api/v1/chat/sessions", headers=headers)).status_code

        assert [await open_from("198.51.100.7") for _ in range(4)] == [201, 201, 201, 429]
        assert await open_from("198.51.100.8") == 201
        assert (await http.get("/")).status_code == 200

    async def test_a_strangers_header_does_not_make_a_new_address(
        self, open_gateway: Callable[..., Any]
    ) -> None:
        http: httpx.AsyncClient = await open_gateway(rate_per_address="2/minute")
        statuses = [
            (
                await http.post("/api/v1/chat/sessions", headers={"X-Forwarded-For": f"198.51.100.{n}"})
            ).status_code
            for n in range(3)
        ]
        assert statuses == [201, 201, 429]


class TestOtherSites:
    ORIGIN = "https://portal.example.gov.vn"

    async def test_an_allowed_origin_may_use_the_api(self, open_gateway: Callable[..., Any]) -> None:
        http: httpx.AsyncClient = await open_gateway(allowed_origins=self.ORIGIN, rate_per_address="2/minute")
        preflight = await http.options(
            "/api/v1/chat/messages",
            headers={
                "Origin": self.ORIGIN,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type",
            },
        )
        assert preflight.status_code == 200
        answers = [
            await http.post("/api/v1/chat/sessions", headers={"Origin": self.ORIGIN}) for _ in range(3)
        ]
        assert [a.status_code for a in answers] == [201, 201, 429]
        assert {a.headers["access-control-allow-origin"] for a in [preflight, *answers]} == {self.ORIGIN}

    @pytest.mark.parametrize(
        "origin", ["https://evil.example", f"{ORIGIN}.evil.example", "null", "http://portal.example.gov.vn"]
    )
    async def test_another_origin_may_not(self, open_gateway: Callable[..., Any], origin: str) -> None:
        http: httpx.AsyncClient = await open_gateway(allowed_origins=self.ORIGIN)
        answer = await http.post("/api/v1/chat/sessions", headers={"Origin": origin})
        assert "access-control-allow-origin" not in answer.headers
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:motcua:problem:origin-refused"

    async def test_a_session_works_only_for_the_site_it_was_opened_from(
        self, open_gateway: Callable[..., Any]
    ) -> None:
        other = "https://khac.example.gov.vn"
        http: httpx.AsyncClient = await open_gateway(allowed_origins=f"{self.ORIGIN},{other}")

        async def history(token: str, origin: str) -> int:
            headers = {"Authorization": f"Bearer {token}"} | ({"Origin": origin} if origin else {})
            return (await http.get("/api/v1/chat/messages", headers=headers)).status_code

        for home in (self.ORIGIN, other, ""):
            opened = await http.post("/api/v1/chat/sessions", headers={"Origin": home} if home else {})
            token = opened.json()["token"]
            statuses = {origin: await history(token, origin) for origin in (self.ORIGIN, other, "", "http://gateway")}
            # A page of our own names itself when it writes, and not when it reads.
            ours = {"", "http://gateway"} if not home else {home}
            assert statuses == {origin: 200 if origin in ours else 401 for origin in statuses}
            # What was right a moment ago for one site is not for another.
            assert await history(token, "https://evil.example") == 403


async def test_every_answer_carries_the_security_headers(http: httpx.AsyncClient) -> None:
    ours = ("/", "/chat", "/kiosk", "/widget.js", "/static/portal.js", "/healthz")
    for path in (*ours, "/api/v1/chat/messages", "/nowhere"):
        headers = (await http.get(path)).headers
        policy = headers["content-security-policy"]
        assert "script-src 'self';" in policy and "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        # Forms need to say which page of ours they come from; nobody else is told.
        assert headers["referrer-policy"] == ("same-origin" if path == "/chat" else "no-referrer")


async def test_who_may_frame_the_page_is_a_setting(open_gateway: Callable[..., Any]) -> None:
    http: httpx.AsyncClient = await open_gateway(frame_ancestors="https://portal.example.gov.vn")
    headers = (await http.get("/")).headers
    assert "frame-ancestors https://portal.example.gov.vn" in headers["content-security-policy"]
    assert "x-frame-options" not in headers


async def test_the_description_names_every_path_and_body(http: httpx.AsyncClient) -> None:
    described = (await http.get("/api/v1/openapi.json")).json()
    assert set(described["paths"]) == {
        "/api/v1/chat/sessions",
        "/api/v1/chat/sessions/current",
        "/api/v1/chat/messages",
        "/api/v1/chat/events",
        "/api/v1/chat/ratings",
    }
    sent = described["paths"]["/api/v1/chat/messages"]["post"]["requestBody"]
    assert "client_message_id" in sent["content"]["application/json"]["schema"]["properties"]


async def test_a_database_that_fails_is_an_apology(visitor: Visitor, tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'motcua.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE chat_message")
    engine.dispose()
    answer = await visitor.send("m1", text=QUESTION)
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:motcua:problem:storage-unavailable"
