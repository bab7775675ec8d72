"""Where a dossier stands, from one end to the other: the demo's dossiers through the web API."""

from __future__ import annotations

import sqlite3

import pytest

from tests.test_main_job import Assistant, assistant

__all__ = ["assistant"]

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

BEING_PROCESSED, SUPPLEMENT, ABSENT = "H49.18-261105-0001", "H49.18-261020-0007", "H49.18-261111-9999"


@pytest.fixture
def running(request: pytest.FixtureRequest) -> Assistant:
    found: Assistant = request.getfixturevalue("assistant")
    return found


def test_code_then_key_then_where_it_stands(running: Assistant) -> None:
    talk = running.session()
    asked = talk.say("tra cứu hồ sơ giúp tôi với")
    assert asked["kind"] == "status_ask_code" and "mã hồ sơ" in asked["text"]
    code = talk.say(BEING_PROCESSED.lower().replace("-", " "))
    assert code["kind"] == "status_ask_code" and "4 số cuối" in code["text"] and "xử lý" not in code["text"]
    told = talk.say("4567")
    assert told["kind"] == "status_result"
    assert "đang xử lý" in told["text"] and "Nguyễn V. A***" in told["text"] and "27/11/2026" in told["text"]


def test_a_question_in_between_is_answered_and_the_look_up_goes_on(running: Assistant) -> None:
    talk = running.session()
    talk.say(f"hồ sơ {SUPPLEMENT} tới đâu rồi")
    between = talk.say("làm giấy khai sinh cho con cần giấy tờ gì")
    assert between["procedure"] == "1.001193" and "4 số cuối" in between["text"]
    told = talk.say("số cuối 4567 ạ")
    assert told["kind"] == "status_result" and "Bản sao hợp đồng thuê địa điểm" in told["text"]
    assert talk.say("tôi chưa hiểu, cho tôi gặp cán bộ")["kind"] == "handoff"


def test_a_wrong_key_and_an_absent_code_are_told_alike(running: Assistant) -> None:
    told = []
    for code, key in ((BEING_PROCESSED, "1111"), (ABSENT, "4567")):
        talk = running.session()
        told.append((talk.say(f"hs {code} xong chưa"), talk.say(key)))
    assert told[0] == told[1]
    assert told[0][1]["kind"] == "status_not_found" and "không tìm thấy" in told[0][1]["text"]


def test_a_look_up_dropped_for_a_question_is_forgotten(running: Assistant) -> None:
    talk = running.session()
    talk.say("tra cứu hồ sơ")
    answered = talk.say("thôi khỏi tra, cho hỏi phí làm hộ chiếu lần đầu")
    assert answered["kind"] == "answer" and answered["aspect"] == "fee" and "mã hồ sơ" not in answered["text"]


def test_codes_and_keys_lie_neither_in_a_log_nor_in_a_conversation_kept(running: Assistant) -> None:
    talk = running.session()
    talk.say(f"{BEING_PROCESSED} số cuối 4567")
    for log in (running.home / "log").glob("*.log"):
        written = log.read_text(errors="replace")
        assert "261105" not in written and "4567" not in written
    kept = sqlite3.connect(f"file:{running.home / 'conversations.db'}?mode=ro", uri=True)
    rows = str(kept.execute("SELECT data FROM events").fetchall())
    kept.close()
    assert "check_status" in rows and "261105" not in rows and "4567" not in rows
