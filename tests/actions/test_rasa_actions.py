from __future__ import annotations

import asyncio
import copy
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sanic import Sanic

from actions.dossiers.asking import Answer
from actions.dossiers.opening import open_keys
from actions.dossiers.sample import load_samples
from actions.serve import build_app, open_desk
from actions.world import World
from motcua.database import open_database, upgrade
from motcua.reply import Reply
from motcua.settings import Settings
from tests.actions.samples import BOAT, KITE, LANTERN

TOKEN = "token-of-the-test"


class ActionsServer:
    """The real actions server on a free port, in a thread of its own."""

    def __init__(self, world: World) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._world = world
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        # The sdk gives every app one name, and several run side by side here.
        Sanic.test_mode = True
        app = build_app(self._world, TOKEN)
        started = app.create_server(
            host="127.0.0.1", port=self.port, access_log=False, return_asyncio_server=True
        )
        server = self._loop.run_until_complete(started)
        assert server is not None
        self._loop.run_until_complete(server.startup())
        self._loop.run_until_complete(server.start_serving())
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(server.wait_closed())
        self._loop.close()

    def __enter__(self) -> ActionsServer:
        self._thread.start()
        deadline = time.monotonic() + 20
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{self.port}/health", timeout=1)
                return self
            except httpx.TransportError:
                assert self._thread.is_alive() and time.monotonic() < deadline, "the server did not start"
                time.sleep(0.05)

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[httpx.Client]:
    with ActionsServer(world) as running:
        base = f"http://127.0.0.1:{running.port}"
        with httpx.Client(base_url=base, timeout=20, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            yield client


def call(
    action: str, text: str, intent: str, slots: dict[str, Any] | None = None, **entities: Any
) -> dict[str, Any]:
    """A call as Rasa makes it."""
    message = {
        "text": text,
        "intent": {"name": intent, "confidence": 1.0},
        "entities": [{"entity": name, "value": value} for name, value in entities.items()],
    }
    return {
        "next_action": action,
        "sender_id": "somebody",
        "version": "3.6.21",
        "domain": {},
        "tracker": {
            "sender_id": "somebody",
            "slots": slots or {},
            "latest_message": message,
            "events": [],
            "paused": False,
            "followup_action": None,
            "active_loop": {},
            "latest_action_name": None,
        },
    }


def replies(server: httpx.Client, *args: Any, **entities: Any) -> tuple[list[Reply], dict[str, Any]]:
    response = server.post("/webhook", json=call(*args, **entities))
    assert response.status_code == 200, response.text
    body = response.json()
    slots = {event["name"]: event["value"] for event in body["events"] if event["event"] == "slot"}
    said = [one["custom"] for one in body["responses"] if "signal" not in one["custom"]]
    return [Reply.model_validate(one) for one in said], slots


def signals(server: httpx.Client, *args: Any, **entities: Any) -> list[dict[str, str]]:
    body = server.post("/webhook", json=call(*args, **entities)).json()
    return [one["custom"] for one in body["responses"] if "signal" in one["custom"]]


def test_a_question_gets_one_reply_and_sets_the_slots(server: httpx.Client) -> None:
    said, slots = replies(server, "action_answer", "đăng ký thuyền nan mất bao nhiêu tiền", "ask_fee")
    assert [reply.procedure for reply in said] == [BOAT]
    assert slots["procedure"] == BOAT and slots["aspect"] == "fee"


def test_a_follow_up_rests_on_the_slots(server: httpx.Client) -> None:
    said, _ = replies(server, "action_answer", "mấy ngày thì xong", "ask_duration", {"procedure": BOAT})
    assert said[0].procedure == BOAT and "3 ngày làm việc" in said[0].text


def test_a_number_chooses(server: httpx.Client) -> None:
    offered = [{"title": "một", "code": "9.999999"}, {"title": "hai", "code": BOAT}]
    said, slots = replies(
        server, "action_choose", "2", "choose", {"offered": offered, "aspect": "where"}, number=2
    )
    assert said[0].procedure == BOAT and said[0].aspect == "where"
    assert slots["offered"] == offered


@pytest.mark.parametrize(
    ("action", "intent", "kind"),
    [
        ("action_converse", "greet", "greet"),
        ("action_converse", "thank", "thanks"),
        ("action_converse", "handoff", "handoff"),
        ("action_converse", "help", "menu"),
        ("action_status", "check_status", "other"),
    ],
)
def test_talk_gets_one_reply_of_its_kind(server: httpx.Client, action: str, intent: str, kind: str) -> None:
    said, slots = replies(server, action, "dạ", intent)
    assert [reply.kind for reply in said] == [kind] and slots == {}


@pytest.mark.parametrize(
    "action", ["action_converse", "action_status", "action_answer", "action_out_of_scope", "action_choose"]
)
def test_danger_comes_first_whatever_rasa_made_of_it(server: httpx.Client, action: str) -> None:
    said, _ = replies(server, action, "cứu với, nhà tôi đang cháy", "handoff")
    assert [reply.kind for reply in said] == ["handoff"] and "114" in said[0].text


def test_a_question_said_with_a_greeting_is_answered(server: httpx.Client) -> None:
    said, _ = replies(
        server, "action_converse", "chào bạn, cho hỏi đăng ký thuyền nan cần giấy tờ gì", "greet"
    )
    assert len(said) == 1 and said[0].kind in ("answer", "clarify", "greet")


def test_nobody_gets_in_without_the_token(server: httpx.Client) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
        response = server.post("/webhook", json=call("action_answer", "x", "ask_fee"), headers=headers)
        assert response.status_code == 401
    assert server.get("/actions", headers={"Authorization": ""}).status_code == 401


def test_health_is_open(server: httpx.Client) -> None:
    assert server.get("/health", headers={"Authorization": ""}).status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"{}", b'{"next_action": "action_answer"}', b"\xff\xfe"]
)
def test_a_malformed_body_is_refused_without_a_traceback(server: httpx.Client, body: bytes) -> None:
    response = server.post("/webhook", content=body, headers={"Content-Type": "application/json"})
    assert "Traceback" not in response.text and 'File "' not in response.text
    assert response.status_code != 500 or "error" in response.json()
    assert replies(server, "action_converse", "dạ", "greet")[0]


def test_a_fault_tells_nothing_of_the_message(server: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    spoilt = call("action_answer", "điều riêng tư", "ask_fee")
    spoilt["tracker"]["latest_message"] = ["điều riêng tư"]
    response = server.post("/webhook", json=spoilt)
    assert response.status_code == 500
    assert (
        "riêng tư" not in response.text and "riêng tư" not in caplog.text and "Traceback" not in caplog.text
    )


def test_an_action_nobody_knows_is_refused(server: httpx.Client) -> None:
    response = server.post("/webhook", json=call("action_nothing", "x", "ask_fee"))
    assert response.status_code == 404


def test_replies_are_what_channels_read(server: httpx.Client) -> None:
    body = server.post("/webhook", json=call("action_answer", "thả diều", "ask_overview")).json()
    assert json.loads(json.dumps(body["responses"][0]["custom"])).keys() == Reply.model_fields.keys()


@pytest.fixture(scope="module")
def desk_server(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The server over a database with the demo's dossiers."""
    home = tmp_path_factory.mktemp("home")
    config = Settings(home=home, dossier_answer_within=5.0)
    upgrade(config.database)
    engine = open_database(config.database)
    load_samples(engine, open_keys(config))
    own = copy.copy(world)
    own.dossiers, own.dossier_patience_s = open_desk(config, engine), 5.0
    with ActionsServer(own) as running:
        base = f"http://127.0.0.1:{running.port}"
        with httpx.Client(base_url=base, timeout=20, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            yield client
    engine.dispose()


def hold(server: httpx.Client, person: str, *said: tuple[str, str]) -> list[Reply]:
    """Holds a conversation as Rasa would: every message to the action of its intent, slots kept."""
    action = {"check_status": "action_status", "deny": "action_converse", "affirm": "action_converse"}
    slots: dict[str, Any] = {}
    told = []
    for text, intent in said:
        body = call(action.get(intent, "action_answer"), text, intent, slots)
        body["sender_id"] = body["tracker"]["sender_id"] = person
        answer = server.post("/webhook", json=body).json()
        slots |= {event["name"]: event["value"] for event in answer["events"] if event["event"] == "slot"}
        assert not re.search(r"\d{4}", str(slots.get("dossier_step") or ""))
        (reply,) = [Reply.model_validate(one["custom"]) for one in answer["responses"]]
        told.append(reply)
    return told


def test_a_dossier_is_looked_up_with_a_question_in_between(desk_server: httpx.Client) -> None:
    asked, code, question, told = hold(
        desk_server, "p1",
        ("hồ sơ của tôi tới đâu", "check_status"), ("H49.18-261105-0001", "check_status"),
        ("đăng ký thuyền nan mất bao nhiêu tiền", "ask_fee"), ("cuối 4567", "nlu_fallback"),
    )  # fmt: skip
    assert [asked.kind, code.kind, told.kind] == ["status_ask_code", "status_ask_code", "status_result"]
    assert question.procedure == BOAT and question.text.endswith("nhắn 4 số cuối để tôi xem tiếp.")
    assert "Nguyễn V. A***" in told.text and "đang xử lý" in told.text


def test_a_look_up_is_dropped_for_a_question(desk_server: httpx.Client) -> None:
    _, answered = hold(
        desk_server, "p2",
        ("tra cứu hồ sơ", "check_status"), ("thôi không tra nữa, đăng ký thuyền nan cần giấy tờ gì", "ask_documents"),
    )  # fmt: skip
    assert (answered.procedure, answered.aspect) == (BOAT, "documents") and "mã hồ sơ" not in answered.text


def test_a_wrong_key_and_an_absent_code_get_the_same_reply_at_the_same_time(desk_server: httpx.Client) -> None:
    took, told = [], []
    for person, code, key in (("p3", "H49.18-261105-0001", "1111"), ("p4", "H49.18-261111-9999", "4567")):
        hold(desk_server, person, ("tra hồ sơ", "check_status"))
        began = time.perf_counter()
        told.append(hold(desk_server, person, (f"{code} số cuối {key}", "check_status")))
        took.append(time.perf_counter() - began)
    assert told[0] == told[1] and told[0][0].kind == "status_not_found"
    assert abs(took[0] - took[1]) < 0.2 and min(took) >= 0.25


def test_a_desk_that_does_not_answer_in_time_is_said_to_be_silent(world: World) -> None:
    class Hanging:
        def takes(self, *_: object) -> bool:
            return True

        def answer(self, *_: object) -> Answer:
            time.sleep(1.5)
            raise AssertionError

    own = copy.copy(world)
    own.dossiers, own.dossier_patience_s = Hanging(), 0.2  # type: ignore[assignment]
    with ActionsServer(own) as running:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{running.port}", timeout=20, headers=headers) as client:
            began = time.perf_counter()
            told, slots = replies(client, "action_status", "4567", "check_status", {"dossier_step": "key"})
            assert time.perf_counter() - began < 1.0
    assert "không trả lời" in told[0].text and slots["dossier_step"] == "key"


def test_without_a_source_it_says_that_it_is_not_connected(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = Settings(home=tmp_path, dossier_source="http")
    upgrade(config.database)
    assert open_desk(config, open_database(config.database)) is None
    assert "MOTCUA_DOSSIER_URL" in caplog.text


@pytest.mark.parametrize(("intent", "reason"), [("handoff", "asked"), ("complaint", "complaint")])
def test_the_gateway_is_told_whom_to_hand_over(server: httpx.Client, intent: str, reason: str) -> None:
    told = signals(server, "action_converse", "cho tôi gặp cán bộ", intent)
    assert told == [{"signal": "handover", "reason": reason}]


def test_danger_is_no_hand_over(server: httpx.Client) -> None:
    assert signals(server, "action_converse", "cứu với, nhà tôi đang cháy", "handoff") == []


def test_an_answer_called_wrong_is_reported_once_there_is_one(server: httpx.Client) -> None:
    wrong = ("action_converse", "thông tin này sai rồi", "feedback")
    assert signals(server, *wrong, {"procedure": BOAT}) == [{"signal": "report", "reason": "wrong"}]
    assert signals(server, *wrong) == []
    assert replies(server, *wrong, {"procedure": BOAT})[0][0].kind == "feedback"


def test_everything_is_erased_only_when_confirmed(server: httpx.Client) -> None:
    said, slots = replies(server, "action_answer", "xóa dữ liệu của tôi đi", "ask_overview")
    assert said[0].kind == "privacy" and slots["pending"] == "erase"
    assert {choice.payload for choice in said[0].choices} == {"say:affirm", "say:deny"}
    assert signals(server, "action_converse", "/affirm", "affirm", slots) == [{"signal": "erase"}]
    kept, after = replies(server, "action_converse", "thôi không", "deny", slots)
    assert signals(server, "action_converse", "thôi không", "deny", slots) == []
    assert kept[0].kind == "privacy" and after["pending"] is None


def test_yes_to_nothing_erases_nothing(server: httpx.Client) -> None:
    assert signals(server, "action_converse", "vâng", "affirm") == []


def test_what_is_kept_is_told_whatever_rasa_made_of_the_question(server: httpx.Client) -> None:
    for action, intent in (("action_answer", "nlu_fallback"), ("action_converse", "bot_challenge")):
        said, _ = replies(server, action, "bạn có lưu thông tin gì của tôi không", intent)
        assert said[0].kind == "privacy"


def test_after_two_failures_a_person_is_offered_and_a_yes_brings_one(server: httpx.Client) -> None:
    nonsense = ("action_answer", "xyzzy plugh frobnicate", "ask_overview")
    first, slots = replies(server, *nonsense)
    assert first[0].kind == "refuse_offtopic" and slots["failures"] == 1
    second, slots = replies(server, *nonsense, slots)
    assert "cán bộ" in second[0].text.splitlines()[-1] and slots["pending"] == "handover"
    assert signals(server, "action_converse", "vâng", "affirm", slots) == [{"signal": "handover", "reason": "failed"}]


def test_an_answer_between_forgets_the_failure(server: httpx.Client) -> None:
    _, slots = replies(server, "action_answer", "đăng ký thuyền nan cần gì", "ask_documents", {"failures": 1.0})
    assert slots["failures"] == 0


def test_two_procedures_in_one_message_are_both_answered(server: httpx.Client) -> None:
    said, slots = replies(
        server, "action_answer", "xin phép thả diều sáo và thông báo tổ chức hội đèn lồng", "ask_overview"
    )
    if len(said) == 2:
        assert {reply.procedure for reply in said} == {KITE, LANTERN} and not said[0].choices
    else:
        assert {choice.payload.rsplit(":", 1)[1] for choice in said[0].choices} >= {KITE, LANTERN}
    assert {one["code"] for one in slots["offered"]} >= {KITE, LANTERN}
