"""Codes and their ends: what is read however it is typed, and what is left alone."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.dossiers.codes import DossierCode, Tail, find_codes, find_tails
from actions.dossiers.errors import BadCode

GAP = st.sampled_from(["", " ", "-", ".", " - ", "–", "\n", " . "])


def codes(text: str) -> list[str]:
    return [found.code.value for found in find_codes(text)]


def tails(text: str) -> list[tuple[str, str]]:
    return [(tail.number, tail.given_on) for tail in find_tails(text)]


@st.composite
def real_codes(draw: st.DrawFn) -> DossierCode:
    day = date(2015, 1, 1) + timedelta(days=draw(st.integers(0, 5000)))
    head = draw(st.sampled_from(["", "000.00.04.", "000.12.28."]))
    sub = f".{draw(st.integers(1, 99)):02d}"
    return DossierCode(f"{head}H{draw(st.integers(1, 63)):02d}{sub}-{day:%y%m%d}-{draw(st.integers(1, 9999)):04d}")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("H49.18-261105-0001", "H49.18-261105-0001"),
        ("hồ sơ h49.18-261105-0001 tới đâu rồi ạ", "H49.18-261105-0001"),
        ("h49 18 261105 0001", "H49.18-261105-0001"),
        ("h4918261105 0001", "H49.18-261105-0001"),
        ("h49182611050001", "H49.18-261105-0001"),
        ("H 49.18 - 261105 - 0001", "H49.18-261105-0001"),
        ("H49.18–261105–0001.", "H49.18-261105-0001"),
        ("H49.18_261105_0001", "H49.18-261105-0001"),
        ("H49.18\n-261105\n-0001", "H49.18-261105-0001"),
        ("H49.l8-26ll05-OOO1", "H49.18-261105-0001"),
        ("H49,18-261105-0001", "H49.18-261105-0001"),
        ("H49-261105-0001", "H49-261105-0001"),
        ("H49.18.26-261105-00012", "H49.18.26-261105-00012"),
        ("H49.108-261105-0001", "H49.108-261105-0001"),
        ("G22.99-251111-004321", "G22.99-251111-004321"),
        ("000.00.04.H51-200221-0001", "000.00.04.H51-200221-0001"),
        ("000 00 04 h51 200221 0001", "000.00.04.H51-200221-0001"),
        ("0000004h512002210001", "000.00.04.H51-200221-0001"),
        ("H49121005120001", "H49.12-100512-0001"),
        ("H49.18-261105-0001 sđt 0912345678", "H49.18-261105-0001"),
    ],
)
def test_a_code_is_read_however_it_is_typed(typed: str, code: str) -> None:
    assert codes(typed) == [code]


def test_every_code_of_a_message_is_found_with_its_place() -> None:
    text = "em có H49.18-261105-0001, 000.00.04.H51-200221-0001 và h49 18 261020 0007 ạ"
    assert [text[found.start : found.end] for found in find_codes(text)] == [
        "H49.18-261105-0001",
        "000.00.04.H51-200221-0001",
        "h49 18 261020 0007",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "1.001193",
        "0912 345 678",
        "ngày 26/11/2025",
        "B2 hết hạn 261105",
        "em là c 001205123456",
        "H49.18-261305-0001",
        "H49.18-260230-0001",
        "xh49.18-261105-0001",
        "loi loi loi loi oi oi",
        "",
    ],
)
def test_other_numbers_are_no_code(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0001", [("0001", "")]),
        ("cuối 0001", [("0001", "")]),
        ("đuôi 0001 ạ", [("0001", "")]),
        ("mã hồ sơ là 0001", [("0001", "")]),
        ("hồ sơ của tôi có đuôi 0001 tới đâu rồi", [("0001", "")]),
        ("261105-0001", [("0001", "261105")]),
        ("2611050001", [("0001", "261105")]),
        ("26 11 05 - 0001", [("0001", "261105")]),
        ("261105-0001 và 261020-0007", [("0001", "261105"), ("0007", "261020")]),
        ("H49.18-261105-0001", []),
        ("0912345678", []),
        ("mất 5000 đồng", []),
        ("hồ sơ 120 ngày", []),
        ("nộp ngày 05/11/2026", []),
        ("tôi muốn làm lại thẻ căn cước", []),
    ],
)
def test_the_end_of_a_code_is_read_where_it_stands_alone(text: str, found: list[tuple[str, str]]) -> None:
    assert tails(text) == found


def test_a_tail_fits_the_codes_that_end_so() -> None:
    code = DossierCode("H49.18-261105-0001")
    assert Tail("0001").fits(code) and Tail("0001", "261105").fits(code)
    assert not Tail("0002").fits(code) and not Tail("0001", "261106").fits(code)


@pytest.mark.parametrize("text", ["", "H49", "H49.18-261105-0001 và", "H49.18-261305-0001", "h49.18-261105-0001 0002"])
def test_what_is_not_one_code_alone_is_refused(text: str) -> None:
    with pytest.raises(BadCode):
        DossierCode.read(text)


def test_no_representation_shows_a_code() -> None:
    code = DossierCode("H49.18-261105-0001")
    assert "261105" not in f"{code!r} {find_codes(str(code))!r} {Tail('0001', '261105')!r}"


@given(code=real_codes(), gaps=st.tuples(GAP, GAP), lower=st.booleans())
def test_any_code_survives_being_typed_with_other_separators(
    code: DossierCode, gaps: tuple[str, str], lower: bool
) -> None:
    typed = f"{code.unit}{gaps[0] or '-'}{code.given_on}{gaps[1] or '-'}{code.number}"
    assert codes(typed.lower() if lower else typed) == [code.value]
    assert DossierCode.read(typed) == code


@given(code=real_codes())
def test_any_code_survives_the_text_of_a_photo(code: DossierCode) -> None:
    unit, _, rest = code.value.partition("-")
    assert codes(f"{unit}-{rest.replace('1', 'l').replace('0', 'O', 2)}") in ([code.value], [])
    assert codes(f"{unit}-{code.given_on}-{code.number.replace('0', 'O')}") == [code.value]


@given(code=real_codes())
def test_a_code_without_separators_is_read_as_a_real_code(code: DossierCode) -> None:
    assert len(codes(code.value.replace("-", "").replace(".", ""))) == 1


@given(text=st.text(max_size=400))
def test_nothing_typed_makes_it_fail(text: str) -> None:
    for found in find_codes(text):
        assert 0 <= found.start < found.end <= len(text)
        assert DossierCode.read(found.code.value) == found.code
    find_tails(text)


@given(text=st.text(alphabet="Hh0149OolI .-–/,\n|", max_size=400))
def test_nothing_like_a_code_makes_it_fail(text: str) -> None:
    for found in find_codes(text):
        assert found.code.received_on
    find_tails(text)


@pytest.mark.parametrize(
    "piece",
    ["H1", "H49 ", "1", "000.00.00.", "h 1 1 1 1 1 ", "so ", "ma so la so ", "o", "0 ", "H0.", " ", ".", "h1 12 12 ",
     "H49.18-26", "26110", "da ", "cuoi "],
)  # fmt: skip
def test_ten_kilobytes_of_rubbish_take_no_time(piece: str) -> None:
    text = piece * (10_000 // len(piece))
    began = time.process_time()
    find_codes(text)
    find_tails(text)
    assert time.process_time() - began < 0.5
