"""What a message and a record's conditions say of a person's case."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.cases import Case, facts, hear
from actions.cases.facts import hear_answer, hear_whom, read_condition
from nlu.text import fold

HEARD = {
    "đăng ký tạm trú nhà thuê cần giấy gì": {"home": "rented"},
    "em về ở với ba mẹ chồng thì nhập hộ khẩu sao": {"home": "family"},
    "làm giùm ba tôi cái căn cước": {"doer": "other"},
    "tôi chưa kết hôn, xin giấy độc thân": {"marriage": "single"},
    "ly hôn rồi thì cần thêm giấy gì": {"marriage": "parted"},
    "làm căn cước cho con dưới 14 tuổi": {"age": "child"},
    "tôi tự đi làm, nộp qua mạng": {"doer": "self", "filing": "online"},
    "phí bao nhiêu": {},
}


@pytest.mark.parametrize("text", HEARD)
def test_facts_are_heard_in_peoples_own_words(text: str) -> None:
    assert hear(text) == HEARD[text]


@pytest.mark.parametrize("text", [t for t in HEARD if "giùm" not in t])
def test_they_are_heard_without_accents_as_well(text: str) -> None:
    assert hear(fold(text)) == HEARD[text]


def test_a_message_that_says_both_leaves_a_fact_open() -> None:
    assert "home" not in hear("nhà thuê hay nhà của mình thì khác gì")


def test_whom_somebody_acts_for_is_heard() -> None:
    assert hear_whom("làm giùm mẹ tôi") == "mẹ"
    assert hear_whom("làm giùm người ta") == ""


@pytest.mark.parametrize(
    ("said", "value"),
    [("nhà thuê ạ", "rented"), ("Nhà người thân", "family"), ("nha cua toi", "own"), ("không biết", "")],
)
def test_an_answer_is_taken_by_its_words_or_its_name(said: str, value: str) -> None:
    assert hear_answer(said, facts()["home"]) == value


CONDITIONS = {
    "": ({}, False),
    "nhập vào nhà thuê, mượn, ở nhờ": ({"home": "rented"}, True),
    "về ở với người thân: chồng, vợ, cha mẹ, con…": ({"home": "family"}, True),
    "nhờ người khác làm thay": ({"doer": "other"}, True),
    "nhờ người khác làm thay mà chưa có tài khoản định danh điện tử": ({"doer": "other"}, False),
    "Tự xin cho mình, nộp trên mạng": ({"doer": "self", "filing": "online"}, True),
    "đã ly hôn, hoặc vợ/chồng đã mất": ({"marriage": "parted"}, True),
    "nhận lương từ nước ngoài, tổ chức quốc tế, đại sứ quán, lãnh sự quán": ({}, False),
    "hộ gia đình, cá nhân buôn bán không phải đăng ký hộ kinh doanh": ({}, False),
    "người nước ngoài hoặc người Việt Nam": ({}, False),
    "bé sinh ra không có Giấy chứng sinh": ({}, False),
    "tự đăng ký người phụ thuộc là người Việt Nam": ({}, False),
}


@pytest.mark.parametrize("when", CONDITIONS)
def test_a_condition_is_read_only_where_it_is_certain(when: str) -> None:
    condition = read_condition(when)
    assert (dict(condition.needs), condition.whole) == CONDITIONS[when]


def test_every_value_of_a_fact_can_be_heard_and_read() -> None:
    for fact in facts().values():
        for value in fact.values.values():
            if fact.question:
                assert hear_answer(value.name, fact) == value.key, value.name


@given(st.text(max_size=300))
def test_any_text_is_heard_without_a_fault(text: str) -> None:
    for fact, value in hear(text).items():
        assert value in facts()[fact].values
    read_condition(text)


def test_a_long_message_is_heard_in_time() -> None:
    began = time.perf_counter()
    hear("nhà thuê làm giùm người ta " * 400)
    assert time.perf_counter() - began < 2


def test_a_case_survives_the_slot_and_rubbish_in_it() -> None:
    case = Case({"home": "rented"}, ("home",), "marriage", "mẹ")
    assert Case.read(case.slot()) == case
    assert Case.read({"known": {"home": "castle", 3: 4}, "asked": "x", "pending": 7}) == Case()
    assert Case.read(["no", "dict"]) == Case()


def test_only_lasting_facts_go_on_to_another_procedure() -> None:
    case = Case({"home": "rented", "doer": "other"}, ("home",), "home", "mẹ").elsewhere()
    assert dict(case.known) == {"doer": "other"} and case.whom == "mẹ" and not case.asked
