"""Abbreviations and teencode written out, and a table that is sane."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.text import clean, expand, fold, words
from nlu.text.expansion import abbreviations, regional_words

TABLE = abbreviations()
REGIONAL = regional_words()
_VOWEL = re.compile("[aeiouy]")
_LICENCE_CLASSES_AND_PRONOUNS = set("abcdefmnt")
# Words of their own when typed without accents, and units: expanding them would change the meaning.
_OTHER_WORDS = {
    "hong",
    "kg",
    "cm",
    "km",
    "con",
    "lam",
    "di",
    "xe",
    "the",
    "ma",
    "ca",
    "to",
    "an",
    "bang",
    "hang",
}
# "dt" is "diện tích" or "dân tộc" as often as "điện thoại".
_OTHERWISE_WITHOUT_Đ = {"đt"}

mixed = st.lists(
    st.one_of(
        st.sampled_from(sorted(TABLE)),
        st.sampled_from(["làm", "Giấy", "?", ", ", " ", "/", "12", "_"]),
        st.text(max_size=5),
    ),
    max_size=12,
).map(" ".join)


def test_short_forms_are_single_words_in_lower_case() -> None:
    assert [short for short in TABLE if words(short) != [short] or short != short.lower()] == []


def test_full_forms_are_clean_and_contain_no_short_form() -> None:
    assert [full for full in TABLE.values() if clean(full) != full or full != full.lower()] == []
    assert {short: full for short, full in TABLE.items() if set(words(full)) & TABLE.keys()} == {}


def test_a_short_form_with_đ_is_there_without_it_too() -> None:
    without = {short: short.replace("đ", "d") for short in TABLE if "đ" in short}
    missing = {short for short, bare in without.items() if TABLE.get(bare) != TABLE[short]}
    assert missing == _OTHERWISE_WITHOUT_Đ


def test_ambiguous_letters_and_words_are_no_short_forms() -> None:
    assert not TABLE.keys() & (_LICENCE_CLASSES_AND_PRONOUNS | _OTHER_WORDS)


def test_every_expansion_says_more_than_letters() -> None:
    assert [full for full in TABLE.values() if not _VOWEL.search(fold(full))] == []


@settings(deadline=None)
@given(mixed)
def test_expanding_twice_is_expanding_once(text: str) -> None:
    assert expand(expand(text)) == expand(text)


@settings(deadline=None)
@given(mixed)
def test_text_grows_by_no_more_than_its_expansions(text: str) -> None:
    longest = max(len(full) for full in (TABLE | REGIONAL).values())
    assert len(expand(text)) <= len(text) + longest * len(text.split())


@settings(deadline=None)
@given(st.text())
def test_text_without_short_forms_or_regional_words_is_left(text: str) -> None:
    said = {w.lower() for w in re.findall(r"[^\W_]+", text)}
    if not said & TABLE.keys() and not said & {phrase.split()[0] for phrase in REGIONAL}:
        assert expand(text) == text


def test_regional_words_are_clean_and_put_in_nothing_that_is_in_a_table() -> None:
    meant = {said: full for said, full in REGIONAL.items() if said != full}
    assert [full for full in meant.values() if clean(full) != full or full != full.lower()] == []
    assert {said: full for said, full in meant.items() if expand(full) != full} == {}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Mần giấy khai sanh ở mô rứa?", "làm giấy khai sinh ở đâu thế?"),
        ("tui chở má đi, hết nhiêu vậy", "tôi chở mẹ đi, hết bao nhiêu vậy"),
        ("bao nhiêu tiền, mất bao nhiêu", "bao nhiêu tiền, mất bao nhiêu"),
        ("quy mô hộ gia đình, khám răng, lãnh sự", "quy mô hộ gia đình, khám răng, lãnh sự"),
        ("đổi bằng hạng E, e ở quê", "đổi bằng hạng E, em ở quê"),
        ("đăng ký vi nét ai đi", "đăng ký vneid"),
    ],
)
def test_regional_words_are_said_as_the_records_say_them(said: str, meant: str) -> None:
    assert expand(said) == meant


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("lam cccd ko can j", "lam căn cước công dân không can gì"),
        ("ĐK tạm trú ntn?", "đăng ký tạm trú như thế nào?"),
        ("dk khai sinh", "đăng ký khai sinh"),
        ("đổi GPLX/BLX", "đổi giấy phép lái xe/bằng lái xe"),
        ("mất BHYT,BHXH", "mất bảo hiểm y tế,bảo hiểm xã hội"),
        ("mua oto cty", "mua ô tô công ty"),
        ("vk ck đki kết hôn", "vợ chồng đăng ký kết hôn"),
        # Only whole words: codes, forms and amounts stay.
        ("mẫu CT01 100k dkx1", "mẫu CT01 100k dkx1"),
        ("thẻ bị hong, 5 kg, hạng A", "thẻ bị hong, 5 kg, hạng A"),
    ],
)
def test_what_people_type_is_written_out(typed: str, expected: str) -> None:
    assert expand(typed) == expected


def test_a_question_in_full_is_left() -> None:
    question = "Đăng ký khai sinh cho con thì cần giấy tờ gì, nộp ở đâu, bao lâu có kết quả?"
    assert expand(question) == question
