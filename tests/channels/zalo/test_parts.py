from __future__ import annotations

import re
import unicodedata

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from channels.zalo.parts import in_parts, length_of, without_number

SYLLABLES = st.sampled_from(
    ["giấy", "khai", "sinh", "hồ", "sơ", "nộp", "tại", "Ủy", "ban", "xã,", "rồi.", "(nếu", "có)", "1.500.000", "👨‍👩‍👧",
     "🇻🇳", "ế\u0323\u0301", "https://dichvucong.gov.vn/p/home/dvc-chi-tiet.html?ma_thu_tuc=1.001193", "gì?", "–"]
)  # fmt: skip
GAPS = st.sampled_from([" ", " ", " ", "\n", "\n\n", ". ", "  "])
TEXTS = st.lists(st.tuples(SYLLABLES, GAPS), min_size=1, max_size=400).map(lambda ps: "".join(s + g for s, g in ps))
RUBBISH = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=600)


def squeezed(text: str) -> str:
    # Not put into NFC after the white space is gone: marks that stood apart would be sorted anew.
    return re.sub(r"\s+", "", text)


def in_nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def test_a_short_text_is_one_message_without_a_number() -> None:
    assert in_parts("  Miễn lệ phí. ", 2000) == ("Miễn lệ phí.",)
    assert in_parts("x" * 2000, 2000) == ("x" * 2000,)
    assert in_parts("  \n ", 2000) == ()


@given(TEXTS, st.integers(120, 500))
def test_the_parts_hold_everything_in_order_and_each_fits(text: str, most: int) -> None:
    parts = in_parts(text, most)
    assert all(0 < length_of(part) <= most for part in parts)
    assert squeezed("".join(map(without_number, parts))) == squeezed(in_nfc(text))
    if len(parts) > 1:
        assert [part.partition("\n")[0] for part in parts] == [f"({n}/{len(parts)})" for n in range(1, len(parts) + 1)]


@given(TEXTS, st.integers(120, 500))
def test_every_word_and_address_is_whole_in_one_part(text: str, most: int) -> None:
    words = unicodedata.normalize("NFC", text).split()
    found = [word for part in in_parts(text, most) for word in without_number(part).split()]
    assert found == words


@settings(max_examples=200)
@given(RUBBISH, st.integers(40, 90))
@example("a" * 39 + "\u0301" * 200, 40)
@example("👨‍👩‍👧" * 60, 40)
@example("0\u0300 \u0316" + "0" * 37, 40)
def test_rubbish_is_cut_without_loss(text: str, most: int) -> None:
    parts = in_parts(text, most)
    assert all(length_of(part) <= most for part in parts)
    assert squeezed("".join(map(without_number, parts))) == squeezed(in_nfc(text))


@pytest.mark.parametrize("character", ["👨‍👩‍👧", "🇻🇳", "x\u0301\u0323", "👍🏽", "ก็", "한"])
@pytest.mark.parametrize("most", range(40, 52))
def test_a_word_without_end_is_cut_between_characters_as_people_see_them(character: str, most: int) -> None:
    shown = unicodedata.normalize("NFC", character)
    parts = in_parts(character * 60, most)
    assert len(parts) > 1
    assert all(set(regex.findall(r"\X", without_number(part))) == {shown} for part in parts)


def test_it_is_cut_between_paragraphs_before_lines_before_sentences() -> None:
    paragraph = "Nộp tại xã. Mang theo căn cước.\nĐọc kỹ nhé. " * 3
    parts = [without_number(part) for part in in_parts("\n\n".join([paragraph.strip()] * 4), 300)]
    assert len(parts) > 1
    assert all(part.startswith("Nộp tại xã.") and part.endswith("nhé.") for part in parts)


def test_a_long_line_is_cut_after_a_sentence() -> None:
    parts = [without_number(part) for part in in_parts("Một câu vừa phải, dễ đọc. " * 20, 100)]
    assert all(part.endswith("đọc.") for part in parts)


def test_an_address_that_stands_at_the_edge_goes_to_the_next_part_whole() -> None:
    address = "https://dichvucong.gov.vn/p/home/dvc-chi-tiet-thu-tuc-hanh-chinh.html?ma_thu_tuc=1.001193"
    for before in range(60, 140):
        parts = in_parts("x" * before + ":" + address + " hết", 130)
        assert sum(address in part for part in parts) == 1, before


def test_more_than_nine_parts_are_numbered_with_room_for_it() -> None:
    parts = in_parts("Mười chữ cái. " * 400, 100)
    assert len(parts) > 9 and parts[-1].startswith(f"({len(parts)}/{len(parts)})\n")
    assert all(length_of(part) <= 100 for part in parts)


def test_a_message_too_short_for_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        in_parts("x", 39)


def test_the_length_is_counted_so_that_it_is_never_too_small() -> None:
    assert length_of("ề") == length_of(unicodedata.normalize("NFD", "ề")) == 1
    assert length_of("🙂") == 2
