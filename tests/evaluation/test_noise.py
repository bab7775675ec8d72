"""The noise ladder: seeded, and each rung what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.noise import RUNGS, noisy
from nlu.text import decode_keys, fold

QUESTION = "Vợ chồng tôi muốn đăng ký khai sinh cho con, cần giấy tờ gì và nộp ở đâu?"


@pytest.mark.parametrize("rung", RUNGS)
def test_a_rung_changes_the_question_and_is_the_same_every_time(rung: str) -> None:
    once = noisy(QUESTION, rung, "1")
    assert once != QUESTION
    assert noisy(QUESTION, rung, "1") == once


def test_questions_have_slips_of_their_own() -> None:
    assert len({noisy(QUESTION, "everything", str(seed)) for seed in range(8)}) > 4


def test_without_accents_there_are_none() -> None:
    assert (
        noisy(QUESTION, "unaccented", "1")
        == "Vo chong toi muon dang ky khai sinh cho con, can giay to gi va nop o dau?"
    )


@pytest.mark.parametrize("rung", ["telex", "vni"])
def test_keys_can_be_read_back(rung: str) -> None:
    assert decode_keys(noisy(QUESTION, rung, "1")) == QUESTION


def test_a_hurried_message_has_few_slips() -> None:
    typed = noisy(QUESTION, "typo", "1").split()
    wrong = sum(a != b for a, b in zip(typed, QUESTION.split(), strict=True))
    assert 1 <= wrong <= 8


def test_young_people_shorten() -> None:
    typed = noisy("Không biết làm căn cước công dân mất bao nhiêu tiền vậy", "teencode", "3")
    assert len(typed) < 45


@given(st.text(max_size=60), st.sampled_from(sorted(RUNGS)))
def test_any_text_can_be_put_on_any_rung(text: str, rung: str) -> None:
    assert isinstance(noisy(text, rung, "1"), str)


@given(st.text(max_size=60))
def test_the_unaccented_rung_keeps_the_letters(text: str) -> None:
    assert fold(noisy(text, "unaccented", "1")) == fold(text)
