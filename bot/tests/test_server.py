"""Rasa as it runs in production: one authenticated way in, errors that show, nothing of people in the log."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path

import pytest

from bot.tests.conftest import ROOT, TOKEN, Actions, Bot, bot_command, bot_environment

SECRET = "xyzzy nhà bà Tư ở hẻm 12"


def test_a_question_is_answered_by_the_action_of_its_intent(bot: Bot, actions: Actions) -> None:
    status, _, messages = bot.say("s-answer", "làm thẻ căn cước hết bao nhiêu tiền", metadata={"channel": "web"})
    assert status == 200
    assert messages == [{"recipient_id": "s-answer", "custom": {"kind": "answer", "text": "action_answer says"}}]
    latest = actions.calls[0]["tracker"]["latest_message"]
    assert latest["intent"]["name"] == "ask_fee"
    assert latest["metadata"] == {"channel": "web"}


def test_the_actions_server_gets_the_token_in_a_header(bot: Bot, actions: Actions) -> None:
    bot.say("s-token", "xin chào")
    assert actions.headers[0]["authorization"] == f"Bearer {TOKEN}"


def test_a_tapped_choice_sets_the_procedure_and_a_follow_up_keeps_it(bot: Bot, actions: Actions) -> None:
    bot.say("s-tap", '/ask_fee{"procedure":"1.001193"}')
    bot.say("s-tap", "còn bao lâu thì xong")
    assert [call["tracker"]["slots"]["procedure"] for call in actions.calls] == ["1.001193", "1.001193"]
    assert actions.calls[1]["tracker"]["latest_message"]["intent"]["name"] == "ask_duration"


@pytest.mark.parametrize("text", ["/restart", "/session_start", '/nlu_fallback{"procedure":"1"}', "//back", "/"])
def test_a_typed_slash_commands_nothing(bot: Bot, actions: Actions, text: str) -> None:
    bot.say("s-slash", '/ask_fee{"procedure":"1.001193"}')
    status, _, messages = bot.say("s-slash", text)
    assert status == 200 and messages
    call = actions.calls[-1]
    assert call["tracker"]["slots"]["procedure"] == "1.001193"
    assert not call["tracker"]["latest_message"]["text"].startswith("/")


@pytest.mark.parametrize("text", ["🦆🦆🦆", "a" * 2000, "‮‏​", "<b>x</b> ' OR 1=1 --", "hoà đồng", "\\u0000", "1" * 500])
def test_odd_input_is_answered(bot: Bot, actions: Actions, text: str) -> None:
    status, _, messages = bot.say("s-odd", text)
    assert status == 200 and messages


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x", TOKEN[:-1], "Ã©"])
def test_without_the_token_nothing_is_handled(bot: Bot, actions: Actions, token: str | None) -> None:
    body = b'{"sender":"s","message":"ok"}'
    for path in ("webhook", "forget"):
        status, kind, problem = bot.send(path, body, token)
        assert (status, kind, problem["status"]) == (401, "application/problem+json", 401)
    assert actions.calls == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"[]",
        b"null",
        b'{"sender":"s"}',
        b'{"message":"m"}',
        b'{"sender":1,"message":"m"}',
        b'{"sender":"s","message":"  "}',
        b'{"sender":"s","message":"m","metadata":[]}',
        b'{"sender":"s","message":"\\ud800"}',
        b"[" * 100_000,
        json.dumps({"sender": "s", "message": "m" * 2001}).encode(),
        json.dumps({"sender": "s" * 201, "message": "m"}).encode(),
    ],
)
def test_a_malformed_body_is_refused(bot: Bot, actions: Actions, body: bytes) -> None:
    status, kind, problem = bot.send("webhook", body)
    assert (status, kind, problem["status"]) == (422, "application/problem+json", 422)
    assert actions.calls == []


def test_a_broken_action_shows_as_an_error_and_the_next_message_works(bot: Bot, actions: Actions) -> None:
    actions.status = 500
    status, kind, _ = bot.say("s-broken", "lệ phí nhiêu")
    assert (status, kind) == (500, "application/problem+json")
    actions.status = 200
    assert bot.say("s-broken", "lệ phí nhiêu")[0] == 200


def test_a_hanging_action_is_given_up_within_a_second_and_a_half(bot: Bot, actions: Actions) -> None:
    actions.delay_s = 3.0
    began = time.monotonic()
    status, _, _ = bot.say("s-hanging", "lệ phí nhiêu")
    assert status == 500
    assert time.monotonic() - began < 1.6


def test_a_conversation_can_be_forgotten(bot: Bot, actions: Actions) -> None:
    bot.say("s-forget", '/ask_fee{"procedure":"1.001193"}')
    assert bot.send("forget", b'{"sender":"s-forget"}')[0] == 204
    bot.say("s-forget", "bao lâu")
    assert actions.calls[-1]["tracker"]["slots"]["procedure"] is None


def test_a_long_session_stays_small_and_keeps_what_it_is_about(bot: Bot, actions: Actions) -> None:
    bot.say("s-long", '/ask_fee{"procedure":"1.001193"}')
    for _ in range(40):
        assert bot.say("s-long", "bao lâu")[0] == 200
    call = actions.calls[-1]
    assert call["tracker"]["slots"]["procedure"] == "1.001193"
    assert len(call["tracker"]["events"]) <= 90


def test_no_other_channel_or_api_is_open(bot: Bot) -> None:
    for path in (
        "/webhooks/rest/webhook",
        "/conversations/s/tracker",
        "/model/parse",
        "/webhooks/callback/webhook",
    ):
        assert bot.send(path, b'{"sender":"s","message":"m","text":"m"}')[0] == 404


def test_health_says_that_a_model_is_loaded(bot: Bot, model: Path) -> None:
    status, _, health = bot.send("", token=None, method="GET")
    assert (status, health["status"]) == (200, "ready")


def test_neither_text_nor_sender_reaches_the_log(bot: Bot, actions: Actions) -> None:
    actions.status = 500
    bot.say("s-private-77", SECRET)
    actions.status = 200
    bot.say("s-private-77", SECRET)
    bot.send("webhook", json.dumps({"sender": "s-private-77", "message": SECRET, "metadata": 1}).encode())
    log = bot.log.read_text(encoding="utf-8")
    assert "running action" in log, "the failure itself is logged"
    assert "xyzzy" not in log and "s-private-77" not in log and TOKEN not in log


def test_only_known_warnings_are_printed(bot: Bot) -> None:
    ours = re.compile(r"^(?:bot|nlu)/|/(?:bot/(?!\.venv)|nlu/)\S+\.py:\d+: \w*Warning", re.MULTILINE)
    assert not ours.search(bot.log.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"MOTCUA_INTERNAL_TOKEN": ""}, "MOTCUA_INTERNAL_TOKEN"),
        ({"MOTCUA_INTERNAL_TOKEN": None}, "MOTCUA_INTERNAL_TOKEN"),
        ({"LOG_LEVEL": "DEBUG"}, "DEBUG"),
        ({"MOTCUA_TRACKER_URL": "nowhere"}, "MOTCUA_TRACKER_URL"),
    ],
)
def test_it_does_not_start_without_what_it_needs(
    model: Path, tmp_path: Path, change: dict[str, str | None], said: str
) -> None:
    environment = bot_environment(1, tmp_path / "c.db")
    for name, value in change.items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = value
    done = subprocess.run(
        bot_command(model, 1),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    assert said in done.stdout + done.stderr
