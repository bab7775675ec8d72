from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from actions.dossiers.asking import (
    Answer,
    DossierDesk,
    Step,
    day_in,
    even_time,
    interrupted,
    key_in,
    procedure_in,
    read_step,
)
from actions.dossiers.budget import TryBudget
from actions.dossiers.chain import DossierChain
from actions.dossiers.codes import DossierCode
from actions.dossiers.following import Followers
from actions.dossiers.inquiry import Asker, Inquiry
from actions.dossiers.model import DossierState
from actions.dossiers.sought import SoughtBook
from actions.dossiers.sql_source import SqlDossiers
from motcua.reply import Reply
from motcua.working_days import WorkingDays
from tests.actions.dossiers.conftest import CODE, KEYS, NOBODYS, OTHER, Write, dossier
from tests.actions.dossiers.test_budget import Clock


class Talk:
    """One person at the desk: keeps the step from message to message, as the slot does."""

    def __init__(self, desk: DossierDesk, clock: Clock, person: str = "me") -> None:
        self.desk, self.clock, self.asker = desk, clock, Asker(person)
        self.step: Step = ""

    def say(self, said: str, intent: str = "check_status") -> Answer:
        assert self.desk.takes(said, intent, self.step), said
        answer = self.desk.answer(said, intent, self.step, self.asker, self.clock())
        self.step = answer.step
        return answer

    def hears(self, said: str, intent: str = "check_status") -> Reply:
        reply = self.say(said, intent).reply
        assert reply is not None
        return reply


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(engine: Engine, write: Write, clock: Clock) -> Iterator[DossierDesk]:
    write(
        dossier(procedure_name="Đăng ký thuyền nan"),
        dossier(OTHER, DossierState.SUPPLEMENT_NEEDED, missing=("Ảnh thuyền",)),
        dossier(DossierCode("H49.19-261106-0001"), DossierState.FINISHED, procedure_name="Xin phép thả diều"),
    )
    chain = DossierChain(KEYS, known=SqlDossiers(engine, KEYS))
    inquiry = Inquiry(chain, TryBudget(engine, KEYS, now=clock), kept=chain)
    opened = DossierDesk(
        inquiry, SoughtBook(engine, KEYS, now=clock), WorkingDays(), followers=Followers(engine, KEYS, now=clock)
    )
    yield opened
    opened.close()


@pytest.fixture
def talk(desk: DossierDesk, clock: Clock) -> Talk:
    return Talk(desk, clock)


def test_code_then_key_then_where_it_stands(talk: Talk) -> None:
    assert "mã hồ sơ" in talk.hears("hồ sơ của tôi tới đâu rồi").text
    asked = talk.hears(CODE.value)
    assert asked.kind == "status_ask_code" and "4 số cuối" in asked.text and "xử lý" not in asked.text
    told = talk.hears("4567")
    assert told.kind == "status_result" and "đang xử lý" in told.text


@pytest.mark.parametrize(
    "said",
    ["hs h49.18-261105-0001 xong chưa", "h49 18 261105 0001", "H4918-261105-0001",
     "GIẤY TIẾP NHẬN Mã hồ sơ: H49.l8-261105-OOO1 Ngày nhận 05/11"],
)  # fmt: skip
def test_the_code_is_read_however_it_comes(talk: Talk, said: str) -> None:
    assert "4 số cuối" in talk.hears(said, "nlu_fallback").text
    assert talk.hears("số cuối là 4567 ạ", "out_of_scope").kind == "status_result"


def test_code_and_key_at_once(talk: Talk) -> None:
    assert talk.hears(f"xem giúp {CODE.value}, 4 số cuối 4567").kind == "status_result"


@pytest.mark.parametrize("said", ["0912344567", "sđt 0912 344 567", "049184004567", "dạ 4567 ạ", "đuôi 4567"])
def test_the_key_is_read_however_it_comes(talk: Talk, said: str) -> None:
    talk.say(CODE.value)
    assert talk.hears(said, "ask_overview").kind == "status_result"


def test_wrong_key_and_absent_code_are_answered_word_for_word_alike(desk: DossierDesk, clock: Clock) -> None:
    answers = []
    for code, key in ((CODE, "1111"), (NOBODYS, "4567")):
        talk = Talk(desk, clock, f"somebody asking {code.number}")
        answers.append([talk.say("tra hồ sơ"), talk.say(code.value), talk.say(key), talk.say("0000"), talk.say("2222")])
    assert answers[0] == answers[1]
    assert [a.reply.kind for a in answers[0] if a.reply][-3:] == ["status_not_found", "status_not_found", "other"]


def test_after_a_wrong_key_another_code_or_key_may_be_given(talk: Talk, clock: Clock) -> None:
    talk.say(NOBODYS.value)
    assert talk.hears("4567").kind == "status_not_found"
    talk.say(f"nhầm, mã đúng {CODE.value}")
    assert talk.hears("1111").kind == "status_not_found"
    clock.pass_by(15)
    assert talk.hears("à 4567").kind == "status_result"


def test_a_tail_is_narrowed_by_the_day_and_then_needs_the_key(talk: Talk) -> None:
    talk.say("tra cứu hồ sơ")
    assert "ngày nào" in talk.hears("chỉ nhớ cuối 0001").text
    assert "4 số cuối" in talk.hears("nộp hôm 5/11/2026", "nlu_fallback").text
    assert "thuyền nan" in talk.hears("4567").text


def test_a_tail_is_narrowed_by_the_procedure(talk: Talk) -> None:
    talk.say("hồ sơ có đuôi 0001 tới đâu")
    talk.say("xin phép thả diều", "ask_overview")
    assert "thả diều" in talk.hears("4567").text


def test_a_tail_with_its_day_is_not_asked_about_again(talk: Talk) -> None:
    assert "4 số cuối" in talk.hears("261105-0001").text
    assert talk.hears("4567").kind == "status_result"


def test_several_dossiers_at_once_with_those_that_do_not_fit(talk: Talk) -> None:
    talk.say(f"{CODE.value} và {OTHER.value} và {NOBODYS.value}")
    told = talk.hears("4567").text
    assert "đang xử lý" in told and "Ảnh thuyền" in told and "Với 1 mã còn lại" in told


def test_a_question_in_between_is_not_for_the_desk_and_the_look_up_goes_on(talk: Talk) -> None:
    talk.say(CODE.value)
    assert not talk.desk.takes("làm căn cước hết bao nhiêu tiền", "ask_fee", talk.step)
    slot, reminder = interrupted(talk.step, 0)
    assert "4 số cuối" in reminder and read_step(slot) == ("key", 1)
    assert interrupted("key", 1) == ("key:2", "") and interrupted("key", 2) == (None, "")
    assert talk.hears("4567").kind == "status_result"


def test_it_can_be_left(talk: Talk, engine: Engine) -> None:
    talk.say(CODE.value)
    assert "dừng tra" in talk.hears("thôi không tra nữa", "deny").text
    assert talk.step == ""
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM dossier_sought")).scalar() == 0


def test_a_question_said_while_leaving_is_passed_on(talk: Talk) -> None:
    talk.say("tra cứu hồ sơ")
    answer = talk.say("thôi khỏi tra nữa, cho hỏi phí làm hộ chiếu", "ask_fee")
    assert answer.reply is None and answer.step == ""
    assert "hộ chiếu" in answer.rest and "tra" not in answer.rest.split()


def test_what_was_given_lapses(talk: Talk, clock: Clock) -> None:
    talk.say(CODE.value)
    clock.pass_by(timedelta(minutes=16).total_seconds())
    assert "mã hồ sơ" in talk.hears("4567").text and talk.step == "code"


def test_neither_code_nor_key_nor_person_can_be_read_in_the_database(talk: Talk, engine: Engine) -> None:
    talk.say(CODE.value)
    talk.say("1111")
    with engine.connect() as connection:
        kept = [str(connection.execute(text(f"SELECT * FROM {t}")).all()) for t in ("dossier_sought", "dossier_try")]
    assert all(kept) and not any(secret in "".join(kept) for secret in ("261105", "1111", "'me'"))


def test_digits_that_are_no_key_are_asked_for_again(talk: Talk) -> None:
    talk.say(CODE.value)
    assert "đúng 4 số" in talk.hears("456").text and talk.step == "key"


def test_a_code_that_cannot_be_read_is_said_to_be(talk: Talk) -> None:
    talk.say("tra hồ sơ")
    assert "chưa đọc được" in talk.hears("H49.18-269999-01").text


def test_news_are_offered_agreed_to_and_stopped(talk: Talk, desk: DossierDesk) -> None:
    talk.say(f"{CODE.value} số cuối 4567")
    assert talk.step == "offer"
    assert "tôi sẽ báo" in talk.hears("", "affirm").text
    assert "không báo" in talk.hears("thôi đừng báo nữa", "deny").text


def test_news_are_agreed_to_in_words_and_only_of_what_was_opened(talk: Talk) -> None:
    talk.say(CODE.value)
    assert "chưa ghi được" in talk.hears("báo tôi khi xong nhé", "nlu_fallback").text
    talk.say(f"{CODE.value} số cuối 4567")
    assert "tôi sẽ báo" in talk.hears("có kết quả thì báo tôi nhé", "nlu_fallback").text


def test_no_news_are_offered_of_what_is_over(talk: Talk) -> None:
    reply = talk.hears("H49.19-261106-0001 số cuối 4567")
    assert reply.kind == "status_result" and not reply.choices


@pytest.mark.parametrize("intent", ["complaint", "handoff"])
def test_a_complaint_that_names_a_code_stays_one(desk: DossierDesk, intent: str) -> None:
    assert not desk.takes(f"hồ sơ {CODE.value} trễ quá, tôi muốn khiếu nại", intent, "")


@pytest.mark.parametrize(
    ("said", "day"),
    [("nộp 5/11/2026", date(2026, 11, 5)), ("ngày 5 tháng 11 năm 2025", date(2025, 11, 5)),
     ("05-11", date(2026, 11, 5)),
     ("30/12", date(2025, 12, 30)), ("31/2/2026", None), ("hôm qua", None), ("12/5/26", date(2026, 5, 12))],
)  # fmt: skip
def test_days_are_read(said: str, day: date | None) -> None:
    assert day_in(said, date(2026, 11, 20)) == day


@given(st.text(max_size=300))
def test_any_text_is_read_without_harm(said: str) -> None:
    key_in(said)
    day_in(said)
    procedure_in(said)


@pytest.mark.parametrize("took", [0.001, 0.2499, 0.25, 0.31, 0.9])
def test_answers_that_hide_something_come_at_even_times(took: float) -> None:
    assert (took + even_time(took)) % 0.25 == pytest.approx(0, abs=1e-9) or even_time(took) == pytest.approx(0)
