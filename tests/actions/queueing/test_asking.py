"""Numbers and appointments as people talk about them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from actions.queueing.naming import AtHand
from actions.queueing.pending import Pending, interrupted, read_pending, read_step
from knowledge.counters.book import CounterBook
from knowledge.counters.model import Person
from knowledge.counters.sample import sample_counters
from motcua.reply import PAYLOAD
from nlu.text import fold
from tests.actions.queueing.conftest import CLOUD, RIVER, Talk, desk_of, two_centres
from tests.knowledge.counters.conftest import MONDAY, WEEKDAYS, Hall, at, counter, person

OURS = [
    "lấy số",
    "cho tôi lấy số thứ tự phường Mây Trắng",
    "bốc số giùm tui",
    "rút số qua mạng được không",
    "tui muốn xếp hàng làm giấy khai sinh",
    "lấy stt",
    "đặt lịch hẹn",
    "hẹn sáng mai 9 giờ",
    "cho em đặt hẹn chiều thứ tư",
    "còn mấy người nữa",
    "tới số mấy rồi",
    "chừng nào tới lượt tôi",
    "đổi lịch",
    "dời lịch hẹn qua thứ sáu",
    "hủy số",
    "huỷ lịch hẹn giúp tôi",
    "tôi đến rồi",
]
NOT_OURS = [
    "làm khai sinh cần giấy tờ gì",
    "lấy số điện thoại của phường",
    "lấy số định danh cho con",
    "lấy sổ đỏ ở đâu",
    "lay so do o dau",
    "lấy sổ bảo hiểm xã hội",
    "lấy phiếu lý lịch tư pháp",
    "hồ sơ của tôi trễ hẹn",
    "giấy hẹn ghi ngày 5/11 mà chưa có kết quả",
    "phiếu hẹn mất thì sao",
    "xếp hạng di tích",
    "xếp hạng bảo tàng",
    "xep hang di tich cap tinh",
    "đất cho tặng con",
    "dat cho con gai",
    "hủy sổ đỏ cũ",
    "gia hạn tạm trú",
    "chào bạn",
    "9 giờ",
    "1",
    "",
]


@pytest.mark.parametrize("said", [*OURS, *map(fold, OURS)])
def test_what_is_about_numbers_and_appointments_is_taken(talk: Talk, said: str) -> None:
    assert talk.desk.takes(said, "nlu_fallback", "")


@pytest.mark.parametrize("said", NOT_OURS)
def test_what_is_not_is_left_to_others(talk: Talk, said: str) -> None:
    assert not talk.desk.takes(said, "ask_overview", "")


def test_complaints_and_long_letters_are_left_to_others(talk: Talk) -> None:
    assert not talk.desk.takes("xếp hàng cả buổi không ai gọi", "complaint", "")
    assert not talk.desk.takes("tôi đến rồi mà cán bộ phường nói phải về xin lại giấy", "nlu_fallback", "")
    assert not talk.desk.takes("tôi lấy số từ sáng " + "rồi ngồi chờ mãi " * 15, "ask_overview", "")


def test_a_number_is_had_with_one_short_question_at_a_time(talk: Talk) -> None:
    asked = talk.hears("lấy số")
    assert asked.splitlines()[1:] == [f"1. {CLOUD}", f"2. {RIVER}"]
    asked = talk.hears("1", "choose")
    assert "1. Quầy 1" in asked and asked.count("?") == 1
    told = talk.hears("2")
    assert "có số 1 hôm nay tại Quầy 2 – Đất đai" in told and talk.step == ""


def test_the_number_says_how_many_are_before_when_and_what_to_bring(talk: Talk) -> None:
    talk.hall.take("a", "b", counter=talk.hall.first)
    talk.hall.queues.next(talk.hall.first)
    talk.at_hand = AtHand("1.001193", "Đăng ký khai sinh", "Hộ tịch")
    reply = talk.reply("lấy số phường mây trắng")
    assert "số 3" in reply.text and "còn 2 người" in reply.text and "8 giờ 30" in reply.text
    assert "Số 1 phố Mây" in reply.text and "Đăng ký khai sinh" in reply.text
    assert [choice.payload for choice in reply.choices] == ["ask:documents:1.001193"]


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ("lấy số phường Mây Trắng quầy 2", "Quầy 2"),
        ("lay so phuong may trang quay so 2", "Quầy 2"),
        ("bốc số hộ tịch phường Mây Trắng", "Quầy 1"),
        ("lấy số đất đai ở Mây Trắng", "Quầy 2"),
        ("lấy số xã sông xanh", "Quầy chung"),
        ("lay so thu tu song xanh", "Quầy chung"),
    ],
)
def test_who_says_everything_at_once_is_asked_nothing(talk: Talk, said: str, where: str) -> None:
    assert f"hôm nay tại {where}" in talk.hears(said)


def test_the_procedure_at_hand_names_the_counter(talk: Talk) -> None:
    talk.at_hand = AtHand("1.012781", "Cấp sổ", "")
    assert "Quầy 2" in talk.hears("lấy số ở mây trắng")


def test_words_choose_as_well_as_numbers(talk: Talk) -> None:
    talk.say("lấy số")
    talk.say("Mây Trắng", "ask_overview")
    assert "Quầy 1" in talk.hears("chứng thực", "ask_overview")


def test_a_question_in_between_is_not_taken_for_a_name(talk: Talk) -> None:
    talk.say("lấy số")
    assert not talk.desk.takes("khai sinh cần giấy tờ gì", "ask_documents", talk.step)
    answer = talk.say("khai sinh cho con", "ask_overview")
    assert (answer.reply, answer.rest) == (None, "khai sinh cho con")


def test_a_choice_that_is_none_is_asked_again(talk: Talk) -> None:
    talk.say("lấy số")
    assert not talk.desk.takes("", "affirm", talk.step)
    assert "trung tâm nào" in talk.hears("phường Hoa Vàng")


SIX = ["Một", "Hai", "Ba", "Bốn", "Năm", "Sáu"]


def test_more_than_five_centres_are_not_listed(engine: Engine) -> None:
    hall = Hall(engine, *(counter(centre=f"Trung tâm xã Mây {name}") for name in SIX))
    talk = Talk(desk_of(hall), hall)
    asked = talk.hears("lấy số")
    assert "tên phường, xã" in asked and "1." not in asked
    assert "xã Mây Bốn" in talk.hears("may bon")


def test_a_second_number_at_the_same_counter_is_the_first(talk: Talk) -> None:
    talk.say("lấy số xã sông xanh")
    told = talk.hears("lấy số xã sông xanh")
    assert "đang có số" in told and "Số 1" in told
    assert talk.hall.queues.length(talk.hall.book.counters()[2].id) == (0, 1)


def test_how_far_the_queue_is(talk: Talk) -> None:
    river = talk.hall.book.counters()[2].id
    talk.hall.take("a", "b", counter=river)
    talk.say("lấy số sông xanh")
    talk.hall.queues.next(river)
    told = talk.hears("còn mấy người nữa tới tôi", "check_status")
    assert "còn 2 người" in told and "gọi số 1" in told
    for _ in range(2):
        talk.hall.queues.next(river)
    assert "đang được gọi" in talk.hears("tới số mấy rồi")
    talk.hall.queues.next(river, absent=True)
    assert "được gọi lại" in talk.hears("toi so may roi")


def test_who_holds_nothing_hears_of_the_queue_of_a_centre(talk: Talk) -> None:
    assert "chưa có số nào" in talk.hears("tới số mấy rồi")
    talk.hall.take("a", "b", counter=talk.hall.first)
    talk.hall.queues.next(talk.hall.first)
    assert "đang gọi số 1, 1 người đang chờ" in talk.hears("phường mây trắng tới số mấy rồi")


class TestGivingBack:
    def test_a_number(self, talk: Talk) -> None:
        talk.say("lấy số sông xanh")
        assert "Đã hủy số 1" in talk.hears("huy so")
        assert "không giữ số nào" in talk.hears("hủy số")

    def test_one_of_several(self, talk: Talk) -> None:
        talk.say("lấy số sông xanh")
        talk.hall.take("a", counter=talk.hall.first)
        talk.say("lấy số hộ tịch mây trắng")
        assert "2. Số 2, Quầy 1" in talk.hears("hủy số")
        assert "Đã hủy số 2" in talk.hears("2")
        talk.say("lấy số hộ tịch mây trắng")
        assert "Đã hủy số 3" in talk.hears("hủy số 3")

    def test_an_appointment(self, talk: Talk) -> None:
        talk.say("hẹn sáng mai 9 giờ xã sông xanh")
        assert "Đã hủy lịch hẹn 9 giờ, thứ Ba 24/11/2026" in talk.hears("hủy lịch")
        assert "không có lịch hẹn" in talk.hears("hủy lịch")

    def test_of_the_question_itself(self, talk: Talk) -> None:
        talk.say("lấy số")
        assert "dừng lại" in talk.hears("thôi khỏi") and talk.step == ""

    def test_nobody_elses(self, talk: Talk) -> None:
        talk.hall.take("a", counter=talk.hall.first)
        talk.step = Pending("cancel", "which", options=("t1", "a1")).as_text()
        assert "vừa thay đổi" in talk.hears("1")
        assert talk.hall.queues.length(talk.hall.first) == (0, 1)


class TestAppointments:
    def test_a_time_that_is_free_is_booked_at_once(self, talk: Talk) -> None:
        told = talk.hears("hẹn sáng mai 9 giờ xã sông xanh")
        assert "9 giờ, thứ Ba 24/11/2026" in told and "nhắc lúc 17 giờ, thứ Hai 23/11/2026" in told
        (booked,) = talk.hall.appointments.held_by(Person("me"))
        assert booked.start == at(9, day=MONDAY + timedelta(days=1))

    def test_the_wish_is_kept_while_the_place_is_asked_for(self, talk: Talk) -> None:
        talk.say("hẹn sáng mai 9 giờ")
        talk.say("1")
        assert "Đã đặt lịch hẹn cho anh/chị: 9 giờ, thứ Ba" in talk.hears("1")

    def test_no_more_than_five_are_offered_and_a_number_chooses(self, talk: Talk) -> None:
        offered = talk.hears("đặt lịch hẹn sông xanh")
        lines = offered.splitlines()[1:]
        assert len(lines) == 5 and lines[1].startswith("2. 9 giờ 45, thứ Hai")
        assert "Đã đặt lịch hẹn cho anh/chị: 9 giờ 45" in talk.hears("2")

    def test_another_day_or_time_may_be_said_instead(self, talk: Talk) -> None:
        talk.say("đặt lịch hẹn sông xanh")
        offered = talk.hears("chiều mai")
        assert all("thứ Ba" in line for line in offered.splitlines()[1:])
        assert "14 giờ, thứ Ba" in talk.hears("2 giờ")

    def test_a_taken_time_brings_the_nearest_ones(self, talk: Talk) -> None:
        river = talk.hall.book.counters()[2].id
        talk.hall.appointments.book(person("a"), river, at(9, day=MONDAY + timedelta(days=1)))
        offered = talk.hears("hẹn sáng mai 9 giờ xã sông xanh")
        assert "không còn chỗ" in offered
        assert [line[3:].partition(",")[0] for line in offered.splitlines()[1:]] == [
            "8 giờ 15", "8 giờ 30", "8 giờ 45", "9 giờ 15", "9 giờ 30",
        ]  # fmt: skip

    def test_a_time_that_went_while_it_was_chosen_brings_others(self, talk: Talk) -> None:
        river = talk.hall.book.counters()[2].id
        talk.say("đặt lịch hẹn sông xanh")
        talk.hall.appointments.book(person("a"), river, at(9, 45))
        assert "không còn chỗ" in talk.hears("2") and talk.step

    def test_a_day_off_brings_the_next_day(self, talk: Talk) -> None:
        offered = talk.hears("hẹn thứ bảy sông xanh")
        assert "thứ Hai 30/11/2026" in offered

    def test_moving(self, talk: Talk) -> None:
        assert "không có lịch hẹn" in talk.hears("đổi lịch")
        talk.say("hẹn sáng mai 9 giờ xã sông xanh")
        assert "10 giờ, thứ Tư 25/11/2026" in talk.hears("đổi lịch sang thứ 4 10h")
        assert all("thứ Tư" in line for line in talk.hears("doi lich").splitlines()[1:])
        assert "14 giờ, thứ Tư" in talk.hears("2 giờ chiều")

    def test_moving_one_of_two_to_the_time_that_was_said(self, talk: Talk) -> None:
        talk.say("hẹn sáng mai 9 giờ xã sông xanh")
        talk.say("hẹn sáng mai 9 giờ hộ tịch mây trắng")
        talk.say("đổi lịch sang thứ sáu 10h")
        assert "10 giờ, thứ Sáu 27/11/2026, tại Quầy chung" in talk.hears("1")

    def test_limits_are_told(self, talk: Talk) -> None:
        talk.say("hẹn sáng mai 9 giờ xã sông xanh")
        assert "đã có lịch hẹn" in talk.hears("hẹn sáng mai 10 giờ xã sông xanh")
        talk.say("hẹn sáng mai 9 giờ hộ tịch mây trắng")
        assert "tối đa 2 lịch hẹn" in talk.hears("hẹn sáng mai 9 giờ đất đai mây trắng")

    def test_coming_to_it(self, talk: Talk) -> None:
        assert "không có lịch hẹn" in talk.hears("tôi đến rồi")
        talk.say("hẹn sáng mai 9 giờ xã sông xanh")
        assert "từ 8 giờ 30" in talk.hears("toi den roi")
        talk.hall.clock.set(8, 40, day=MONDAY + timedelta(days=1))
        assert "có số 1 hôm nay tại Quầy chung" in talk.hears("tôi đến rồi")
        assert "Số 1" in talk.hears("tôi đến rồi")

    def test_coming_too_late(self, talk: Talk) -> None:
        talk.say("hẹn 9 giờ sáng nay xã sông xanh")
        talk.hall.clock.set(9, 30)
        assert "Lịch hẹn của anh/chị: 9 giờ" in talk.hears("xem lịch hẹn")
        talk.hall.clock.set(9, 31)
        assert "Đã quá giờ" in talk.hears("tôi đến rồi")
        assert "chưa có số nào" in talk.hears("xem lịch hẹn")


class TestWhereThereIsNothing:
    def test_a_closed_counter_offers_an_appointment(self, talk: Talk) -> None:
        talk.hall.clock.set(18)
        reply = talk.reply("lấy số sông xanh")
        assert "không còn nhận số" in reply.text and "thứ Ba 24/11/2026" in reply.text
        assert [choice.payload for choice in reply.choices] == ["say:affirm"]
        assert "1. 7 giờ 30, thứ Ba" in talk.hears("", "affirm")

    def test_a_holiday_is_named(self, talk: Talk) -> None:
        talk.hall.holidays.decided[MONDAY] = "Quốc khánh"
        assert "nghỉ (Quốc khánh)" in talk.hears("lấy số sông xanh")

    def test_no_numbers_left(self, engine: Engine) -> None:
        hall = Hall(engine, counter(capacity=1, week={0: WEEKDAYS[0]}))
        hall.take("a")
        talk = Talk(desk_of(hall), hall)
        assert "phát hết số" in talk.hears("lấy số")

    def test_too_late_for_today_is_said(self, talk: Talk) -> None:
        talk.hall.clock.set(16, 50)
        talk.hall.take("a", "b", counter=talk.hall.book.counters()[2].id)
        assert "có thể không kịp" in talk.hears("lấy số sông xanh")

    def test_no_slots(self, engine: Engine) -> None:
        hall = Hall(engine, counter(slot_places=0))
        talk = Talk(desk_of(hall), hall)
        assert "không còn giờ hẹn" in talk.hears("đặt lịch hẹn") and talk.step == ""

    def test_no_counters_at_all(self, engine: Engine) -> None:
        hall = Hall(engine)
        hall.book.replace([])
        assert "chưa có trung tâm nào" in Talk(desk_of(hall), hall).hears("lấy số")

    def test_a_made_up_centre_says_that_it_is(self, hall: Hall) -> None:
        hall.book.replace(sample_counters(), is_sample=True)
        talk = Talk(desk_of(hall), hall)
        talk.say("lấy số")
        assert "trung tâm mẫu" in talk.hears("1")

    def test_a_database_that_fails_is_an_answer(self, talk: Talk, engine: Engine) -> None:
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE counter_notice"))
            connection.execute(text("DROP TABLE counter_ticket"))
        talk.step = "take.centre.0.0.."
        told = talk.hears("lấy số sông xanh")
        assert "thử lại" in told and talk.step == "take.centre.0.0.."

    def test_a_counter_that_went_while_it_was_chosen(self, talk: Talk) -> None:
        talk.say("lấy số mây trắng")
        talk.hall.book.replace(two_centres()[2:])
        assert "Quầy chung" in talk.hears("1")


class TestTheSlot:
    @given(st.text(max_size=80) | st.none() | st.integers())
    def test_anything_in_it_is_something_awaited_or_nothing(self, slot: object) -> None:
        step, between = read_step(slot)
        assert (read_pending(step) is not None) == bool(step)
        assert 0 <= between <= 9

    @given(
        st.builds(
            Pending,
            st.sampled_from(["take", "book", "move", "cancel"]),
            st.sampled_from(["centre", "counter", "slot", "which", "offer"]),
            st.integers(0, 999_999_999),
            st.integers(0, 999_999_999),
            st.lists(st.from_regex(r"[ta][0-9]{1,9}|[0-9]{12}", fullmatch=True), max_size=5).map(tuple),
            st.just("") | st.just("20261124-540-m"),
        )
    )
    def test_what_is_awaited_survives_it(self, pending: Pending) -> None:
        assert read_pending(pending.as_text()) == pending
        step, reminder = interrupted(pending.as_text(), 0)
        if pending.awaits == "offer":
            assert (step, reminder) == (None, "")
        else:
            assert reminder and read_step(step) == (pending.as_text(), 1)
            assert interrupted(pending.as_text(), 1)[1] == ""
            assert interrupted(pending.as_text(), 2) == (None, "")

    def test_it_holds_no_word_of_the_person(self, talk: Talk) -> None:
        talk.say("lấy số cho bà Bảy nhà cuối xóm")
        assert talk.step == "take.centre.0.0.1,3."


WORDS = [
    "lấy số", "đặt lịch", "đổi lịch", "hủy số", "hủy lịch", "1", "2", "5", "mây trắng", "sông xanh", "đất đai",
    "chiều mai", "9 giờ", "hẹn sáng mai 9 giờ", "còn mấy người", "tôi đến rồi", "thôi", "cái cuối", "có",
]  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.lists(
        st.sampled_from(WORDS),
        max_size=10,
    ),
    intent=st.sampled_from(["nlu_fallback", "affirm", "choose", "ask_overview"]),
)
def test_any_talk_has_answers_and_choices_that_may_be_tapped(talk: Talk, said: list[str], intent: str) -> None:
    for one in said:
        if not talk.desk.takes(one, intent, talk.step):
            continue
        answer = talk.say(one, intent)
        assert answer.reply is not None or answer.rest
        if answer.reply:
            assert "{" not in answer.reply.text and len(answer.reply.text) < 900
            assert answer.reply.text.count("?") <= 1
            assert all(PAYLOAD.fullmatch(choice.payload) for choice in answer.reply.choices)
        assert read_step(talk.step)[0] == talk.step


def test_the_desk_reads_the_counters_anew_each_time(talk: Talk, engine: Engine) -> None:
    CounterBook(engine).replace([counter("Quầy mới", centre="Trung tâm xã Đồi Thông")])
    assert "Quầy mới" in talk.hears("lấy số")
