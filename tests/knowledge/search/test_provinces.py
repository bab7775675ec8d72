"""Provinces in the names of agencies and in what people write."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.search.provinces import Provinces, province_key, province_name
from nlu.text import fold

PROVINCES = Provinces(["gia lai", "hà nội", "huế", "hồ chí minh", "hà tĩnh", "", "gia lai"])


@pytest.mark.parametrize(
    ("agency", "name"),
    [
        ("UBND tỉnh Gia Lai", "gia lai"),
        ("Uỷ ban nhân dân tỉnh Hà Tĩnh", "hà tĩnh"),
        ("UBND Thành phố Hồ Chí Minh", "hồ chí minh"),
        ("Trung tâm phục vụ hành chính công Thành phố Hà Nội", "hà nội"),
        ("Sở Xây dựng - tỉnh Quảng Ngãi", "quảng ngãi"),
        ("TP. Huế", "huế"),
        ("tp huế", "huế"),
        ("Bà Rịa - Vũng Tàu", "bà rịa vũng tàu"),
        ("UBND Thanh Hoá", "thanh hóa"),
        ("Gia Lai", "gia lai"),
        ("", ""),
    ],
)
def test_ranks_and_offices_are_taken_off(agency: str, name: str) -> None:
    assert province_name(agency) == name


@pytest.mark.parametrize("setting", ["Đắk Lắk", "dak lak", "tỉnh Đắk Lắk", "tinh dak lak", "UBND tỉnh Đắk Lắk"])
def test_a_key_hangs_neither_on_rank_nor_on_accents(setting: str) -> None:
    assert province_key(setting) == "dak lak"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("ở Gia Lai thì sao", ["gia lai"]),
        ("ở gia lai, thì sao", ["gia lai"]),
        ("(Hà Nội)", ["ha noi"]),
        ("o ha noi", ["ha noi"]),
        ("từ Hà Nội vào TP Hồ Chí Minh", ["ha noi", "ho chi minh"]),
        ("Hà Nội, Huế rồi lại Hà Nội", ["hue", "ha noi"]),
        ("đánh giá lại tài sản", []),
        ("trồng hoa huệ", []),
        ("nội hà", []),
        ("hà", []),
        ("", []),
    ],
)
def test_named_provinces_come_in_the_order_of_their_last_mention(text: str, keys: list[str]) -> None:
    assert PROVINCES.named(text) == keys


@settings(deadline=None)
@given(st.text(max_size=100))
def test_any_text_is_taken(text: str) -> None:
    assert set(PROVINCES.named(text)) <= {"gia lai", "ha noi", "hue", "ho chi minh", "ha tinh"}
    assert province_key(text) == fold(province_name(text))
