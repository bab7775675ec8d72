"""Codes, bare digits and choices: what is read, and what is left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.rasa.grammar import LAST, bare_digits, choice, dossier_codes
from nlu.text import fold


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("H49.18-261105-0001", "H49.18-261105-0001"),
        ("hồ sơ h49.18-261105-0001 tới đâu", "H49.18-261105-0001"),
        ("h49 18 261105 0001", "H49.18-261105-0001"),
        ("H4918-261105-0001", "H49.18-261105-0001"),
        ("h4918261105 0001", "H49.18-261105-0001"),
        ("H49.18–261105–0001.", "H49.18-261105-0001"),
        ("H49-261105-0001", "H49-261105-0001"),
        ("H49.18.26-261105-00012", "H49.18.26-261105-00012"),
        ("000.00.04.H51-200221-0001", "000.00.04.H51-200221-0001"),
        ("000 00 04 h51 200221 0001", "000.00.04.H51-200221-0001"),
    ],
)
def test_a_dossier_code_is_read_however_it_is_typed(typed: str, code: str) -> None:
    assert [found.value for found in dossier_codes(typed)] == [code]


@pytest.mark.parametrize(
    "text",
    [
        "1.001193",
        "0912 345 678",
        "ngày 26/11/2025",
        "B2 hết hạn 261105",
        "xh49.18-261105-0001",
        "H49.18-261305-0001",
        "",
    ],
)
def test_other_numbers_are_no_dossier_code(text: str) -> None:
    assert dossier_codes(text) == []


def test_two_codes_are_found_with_their_places() -> None:
    text = "H49.18-261105-0001 và h12.05-250310-0045"
    assert [text[code.start : code.end] for code in dossier_codes(text)] == [
        "H49.18-261105-0001",
        "h12.05-250310-0045",
    ]


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("2", 2),
        ("(2)", 2),
        ("2️⃣", 2),
        ("số 2", 2),
        ("Cái thứ 2 nha", 2),
        ("mục 3.", 3),
        ("cái thứ hai", 2),
        ("cai thu ba", 3),
        ("thứ nhì", 2),
        ("cái thứ nhứt", 1),
        ("cái đầu tiên", 1),
        ("cái đầu", 1),
        ("đầu tiên ạ", 1),
        ("dạ em chọn cái thứ tư", 4),
        ("lấy cái cuối", LAST),
        ("cái cuối cùng nhé", LAST),
        ("ở dưới cùng", LAST),
        ("số một đi bạn", 1),
        ("trường hợp 2 ạ", 2),
        ("cho tui cái số 1 đi", 1),
        ("thủ tục số hai nhé", 2),
    ],
)
def test_a_choice_is_read(typed: str, place: int) -> None:
    assert choice(typed) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "99",
        "năm",
        "cưới",
        "lam o dau",
        "o dau vay",
        "thứ hai có làm việc không",
        "kết hôn lần thứ hai",
        "15 ngày",
        "lớp 6",
        "1 và 2",
        "bằng lái hạng 2",
        "mức 2 là gì",
        "nộp ở đâu",
        "đau đầu",
        "4567",
    ],
)
def test_a_question_with_a_number_is_no_choice(text: str) -> None:
    assert choice(text) is None


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("4567", "4567"),
        ("0456 ạ", "0456"),
        ("4 số cuối 4567", "4567"),
        ("sđt là 0912345678", "0912345678"),
        ("đuôi 4567 nha", "4567"),
    ],
)
def test_bare_digits_are_read_as_text(typed: str, digits: str) -> None:
    assert bare_digits(typed) == digits


@pytest.mark.parametrize("text", ["12", "phí 5000 đồng", "nghị định 123", "", "sinh năm 1990 có được không"])
def test_digits_inside_a_question_are_not_bare(text: str) -> None:
    assert bare_digits(text) is None


@given(st.text(max_size=300))
def test_any_text_is_read_without_error(text: str) -> None:
    for code in dossier_codes(text):
        assert 0 <= code.start < code.end <= len(text)
    assert choice(text) is None or choice(text) == LAST or 1 <= (choice(text) or 0) <= 20
    digits = bare_digits(text)
    assert digits is None or digits in text


@given(st.sampled_from(["cái thứ hai", "số một", "lấy cái cuối cùng", "mục thứ tư nhé", "cái đầu tiên đi ạ"]))
def test_accents_do_not_matter(text: str) -> None:
    assert choice(fold(text)) == choice(text)


@pytest.mark.parametrize("unit", ["cái ", "số 1 ", "1", "h49.", "a", "dạ em xin chọn "])
def test_rubbish_takes_linear_time(unit: str) -> None:
    text = (unit * 10_000)[:10_000]
    began = time.perf_counter()
    choice(text), bare_digits(text), dossier_codes(text)
    assert time.perf_counter() - began < 1.0
