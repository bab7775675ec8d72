"""The simulator is no more lenient than the real services: a client that gets these wrong must not pass unnoticed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.simulators.zalo import Fault, Modes, ZaloSimulator, documented, observed
from tests.simulators.zalo.account import Person, Template


@pytest.fixture(params=[documented, observed], ids=["documented", "observed"])
def zalo(request: pytest.FixtureRequest) -> Iterator[ZaloSimulator]:
    modes: Modes = request.param()
    with ZaloSimulator(modes) as simulator:
        yield simulator


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def token(zalo: ZaloSimulator) -> str:
    return zalo.oauth.pair()[0]


@pytest.fixture
def person(zalo: ZaloSimulator) -> Person:
    one = zalo.account.person()
    zalo.account.says(one, "xin chào")
    return one


def refresh(zalo: ZaloSimulator, http: httpx.Client, refresh_token: str, **changes: Any) -> dict[str, Any]:
    form = {"app_id": zalo.oauth.app.id, "grant_type": "refresh_token", "refresh_token": refresh_token}
    asked = {"data": form, "headers": {"secret_key": zalo.oauth.app.secret}} | changes
    answer = http.post(f"{zalo.oauth_url}/oa/access_token", **asked)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_a_refresh_token_serves_once_and_for_three_months(zalo: ZaloSimulator, http: httpx.Client) -> None:
    old_access, old = zalo.oauth.pair()
    new = refresh(zalo, http, old)
    assert new["expires_in"] == "90000"
    dead = refresh(zalo, http, old)
    assert "access_token" not in dead and dead["error_name"] and dead.get("error") == zalo.modes.dead_refresh
    assert zalo.oauth.is_valid(old_access) is not zalo.modes.old_access_dies
    zalo.clock.advance(days=91)
    assert "access_token" not in refresh(zalo, http, new["refresh_token"])


def test_the_secret_is_a_header_and_the_body_a_form(zalo: ZaloSimulator, http: httpx.Client) -> None:
    _, token = zalo.oauth.pair()
    assert "access_token" not in refresh(zalo, http, token, headers={})
    form = {"app_id": zalo.oauth.app.id, "grant_type": "refresh_token", "refresh_token": token}
    assert "access_token" not in refresh(zalo, http, token, data=None, json=form)
    assert "access_token" in refresh(zalo, http, token)


def test_an_access_token_runs_out_after_twenty_five_hours(zalo: ZaloSimulator, http: httpx.Client, token: str) -> None:
    asked = {"url": f"{zalo.api_url}/v2.0/oa/getoa", "headers": {"access_token": token}}
    assert http.get(**asked).json()["error"] == 0
    zalo.clock.advance(hours=25.1)
    assert http.get(**asked).json()["error"] == zalo.modes.expired


def test_the_token_counts_in_its_header_only(zalo: ZaloSimulator, http: httpx.Client, token: str) -> None:
    url = f"{zalo.api_url}/v2.0/oa/getoa"
    assert http.get(url, params={"access_token": token}).status_code == 404
    assert http.get(url, headers={"Authorization": f"Bearer {token}"}).json()["error"] == -216


@pytest.mark.parametrize("path", ["/v3.0/oa/message", "/v3.0/oa/upload/image", "/v3.0/oa/nothing"])
def test_what_does_not_exist_says_so(zalo: ZaloSimulator, http: httpx.Client, token: str, path: str) -> None:
    answer = http.post(f"{zalo.api_url}{path}", headers={"access_token": token}, json={})
    assert answer.status_code == 404 and "empty or invalid API" in answer.text


@pytest.mark.parametrize(
    "message",
    [
        {"text": "x", "attachment": {"type": "template", "payload": {"template_type": "list", "elements": [{}]}}},
        {"attachment": {"type": "template", "payload": {"template_type": "media", "elements": []}}},
        {"attachment": {"type": "template", "payload": {"template_type": "media", "elements": [
            {"media_type": "image", "url": "https://a", "attachment_id": "b"}]}}},
        {"attachment": {"type": "template", "payload": {"template_type": "media", "elements": [
            {"media_type": "gif", "url": "https://a"}]}}},
        {"text": "x", "attachment": {"type": "template", "payload": {"template_type": "button", "buttons": []}}},
        {"text": 5},
        {"text": "x", "colour": "red"},
        {},
    ],
)  # fmt: skip
def test_a_message_that_breaks_a_rule_is_refused(
    zalo: ZaloSimulator, http: httpx.Client, token: str, person: Person, message: dict[str, Any]
) -> None:
    body = {"recipient": {"user_id": person.id}, "message": message}
    answer = http.post(f"{zalo.api_url}/v3.0/oa/message/cs", headers={"access_token": token}, json=body)
    assert answer.json()["error"] in (-201, -210, -233) and person.sees == []
    assert (answer.status_code == 400) is zalo.modes.oa_status


def test_the_old_way_of_sending_and_a_question_without_json_are_refused(
    zalo: ZaloSimulator, http: httpx.Client, token: str, person: Person
) -> None:
    headers = {"access_token": token}
    body = {"recipient": {"user_id": person.id}, "message": {"text": "x"}}
    assert http.post(f"{zalo.api_url}/v2.0/oa/message", headers=headers, json=body).json()["error"] == -240
    url = f"{zalo.api_url}/v3.0/oa/user/detail"
    for data in ("", "{", "[]"):
        assert http.get(url, headers=headers, params={"data": data}).json()["error"] == -201
    caps = {"data": json.dumps({"offset": 0, "count": 51})}
    assert http.get(f"{zalo.api_url}/v3.0/oa/user/getlist", headers=headers, params=caps).json()["error"] == -210


def test_after_a_message_come_its_echo_and_receipts_where_switched_on(
    zalo: ZaloSimulator, http: httpx.Client, token: str, person: Person
) -> None:
    zalo.account.webhook_url = f"{zalo.media.root}/nowhere"
    zalo.account.toggles = {"oa_send_text", "user_received_message", "user_seen_message"}
    body = {"recipient": {"user_id": person.id}, "message": {"text": "x"}}
    http.post(f"{zalo.api_url}/v3.0/oa/message/cs", headers={"access_token": token}, json=body)
    zalo.deliveries.settle()
    names = [json.loads(attempt.body)["event_name"] for attempt in zalo.deliveries.attempts]
    assert sorted(names) == sorted(zalo.account.toggles)


def test_the_template_service_counts_and_refuses_strictly(zalo: ZaloSimulator, http: httpx.Client, token: str) -> None:
    zalo.modes.night = False
    zalo.account.templates["1"] = Template("1", {"ma": 5})
    url, headers = f"{zalo.templates_url}/message/template", {"access_token": token}
    good = {"phone": "84912345678", "template_id": "1", "template_data": {"ma": "x"}, "tracking_id": "t"}

    def error(content: Any) -> int:
        sent = {"content": content} if isinstance(content, bytes) else {"json": content}
        code: int = http.post(url, headers=headers, **sent).json()["error"]
        return code

    assert error(b"{") == -122
    assert error(good | {"phone": "0912345678"}) == -108
    assert error(good | {"template_id": "2"}) == -109
    assert error(good | {"template_data": {}}) == -1122
    assert error(good | {"template_data": {"ma": 5}}) == -1124
    assert error(good | {"template_data": {"ma": "123456"}}) == -1121
    assert error(good) == error(good) == 0
    assert len(zalo.templates.sent) == 2 and zalo.templates.day_quota == 498
    assert http.post(url, headers={"access_token": "x"}, json=good).json()["error"] == -124
    assert http.get(f"{zalo.templates_url}/template/all?status=ENABLE", headers=headers).json()["error"] == -132
    params = http.get(f"{zalo.templates_url}/template/info/v2?template_id=1", headers=headers).json()["data"]
    assert params["listParams"][0]["maxLength"] == 5


def test_the_bot_api_takes_every_way_of_asking_and_knows_no_other_method(
    zalo: ZaloSimulator, http: httpx.Client
) -> None:
    bot, person = zalo.bots.bot(), zalo.bots.person()
    bot.chats.add(person.id)
    url, body = f"{zalo.bot_url}/bot{bot.token}", {"chat_id": person.id, "text": "x"}
    for asked in ({"json": body}, {"data": body}, {"params": body}):
        assert http.post(f"{url}/sendMessage", **asked).json()["ok"]
    assert http.get(f"{url}/sendMessage", params=body).json()["ok"]
    for method in ("sendmessage", "editMessageText", "deleteMessage", "sendDocument", "answerCallbackQuery"):
        answer = http.post(f"{url}/{method}", json=body)
        assert answer.json()["ok"] is False and answer.json()["description"] == "Not Found"
        assert (answer.status_code == 404) is zalo.modes.bot_status
    assert http.post(f"{zalo.bot_url}/bot1:x/getMe").json()["description"] == "Unauthorized"


@pytest.mark.parametrize("text", ["**đậm", "`mã", "**a** `b"])
def test_broken_marks_are_refused(zalo: ZaloSimulator, http: httpx.Client, text: str) -> None:
    bot, person = zalo.bots.bot(), zalo.bots.person()
    bot.chats.add(person.id)
    body = {"chat_id": person.id, "text": text, "parse_mode": "markdown"}
    assert not http.post(f"{zalo.bot_url}/bot{bot.token}/sendMessage", json=body).json()["ok"]


def test_a_group_tells_the_bot_only_what_mentions_it_or_answers_it(zalo: ZaloSimulator) -> None:
    bot, person = zalo.bots.bot(), zalo.bots.person()
    group = zalo.bots.group(bot)
    assert not zalo.bots.says_in_group(bot, group, person, "ai biết không")
    assert zalo.bots.says_in_group(bot, group, person, f"@{bot.name} làm khai sinh")
    assert zalo.bots.says_in_group(bot, group, person, "còn lệ phí?", answers=True)
    assert [update["message"]["chat"]["chat_type"] for update in bot.waiting] == ["GROUP", "GROUP"]


@pytest.mark.anyio
async def test_a_second_poll_at_the_same_time_gets_nothing(zalo: ZaloSimulator) -> None:
    bot, person = zalo.bots.bot(), zalo.bots.person()
    url = f"{zalo.bot_url}/bot{bot.token}/getUpdates"
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        first = asyncio.create_task(http.post(url, json={"timeout": 30}))
        while not bot.polls:
            await asyncio.sleep(0.005)
        second = asyncio.create_task(http.post(url, json={"timeout": 1}))
        assert not (await second).json()["ok"]
        zalo.bots.says(bot, person, "xin chào")
        assert (await first).json()["result"]["message"]["text"] == "xin chào"


@pytest.mark.anyio
async def test_of_many_renewals_at_once_with_one_token_one_succeeds(zalo: ZaloSimulator) -> None:
    _, token = zalo.oauth.pair()
    form = {"app_id": zalo.oauth.app.id, "grant_type": "refresh_token", "refresh_token": token}
    async with httpx.AsyncClient(trust_env=False, timeout=60, headers={"secret_key": zalo.oauth.app.secret}) as http:
        answers = await asyncio.gather(*(http.post(f"{zalo.oauth_url}/oa/access_token", data=form) for _ in range(20)))
    assert sum("access_token" in answer.json() for answer in answers) == 1


@pytest.mark.parametrize(
    ("fault", "is_done"),
    [(fault, fault.was_done) for fault in Fault if fault not in (Fault.DONE_THEN_SILENT, Fault.SLOW)],
)
def test_each_fault_does_what_its_name_says(
    zalo: ZaloSimulator, http: httpx.Client, token: str, person: Person, fault: Fault, is_done: bool
) -> None:
    zalo.faults.plan("/message/cs", fault)
    body = {"recipient": {"user_id": person.id}, "message": {"text": "x"}}
    url, headers = f"{zalo.api_url}/v3.0/oa/message/cs", {"access_token": token}
    try:
        answer = http.post(url, headers=headers, json=body)
        with pytest.raises(json.JSONDecodeError):
            answer.json()
    except httpx.TransportError:
        assert fault in (Fault.DROPPED_BEFORE, Fault.RESET, Fault.DONE_THEN_DROPPED, Fault.TRUNCATED)
    assert person.texts == ["x"] * is_done
    assert http.post(url, headers=headers, json=body).json()["error"] == 0
