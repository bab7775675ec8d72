from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.places.gazetteer import Gazetteer
from knowledge.places.model import Place
from knowledge.places.names import all_names, lost_old_names, units_of_the_table
from knowledge.places.old_names import OldCommune, old_communes
from knowledge.places.units import Unit, Units, read_units
from nlu.text import fold
from tests.knowledge.places.conftest import HANOI, HCM


def names(found: list[Place]) -> list[str]:
    return [place.commune or place.province for place in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("phường Bến Thành quận 1", ["Phường Bến Thành"]),
        ("phuong ben thanh, quan 1, tp hcm", ["Phường Bến Thành"]),
        ("p. Bến Thành", ["Phường Bến Thành"]),
        ("bến thành q1", ["Phường Bến Thành"]),
        ("benthanh q.1", ["Phường Bến Thành"]),
        ("Phường Đa Kao, Quận 1, Thành phố Hồ Chí Minh", ["Phường Sài Gòn", "Phường Tân Định"]),
        ("P.01 Q.05 TP.HCM", ["Phường Chợ Quán"]),
        ("xã Tam Đàn huyện Phú Ninh tỉnh Quảng Nam", ["Xã Chiên Đàn"]),
        ("làm khai sinh ở phường 12 quận Gò Vấp thì ra đâu", ["Phường An Hội Tây"]),
        ("phường Văn Miếu", ["Phường Văn Miếu - Quốc Tử Giám"]),
        ("tỉnh Hà Tây", [HANOI]),
        ("Sông Bé", ["Thành phố Đồng Nai", HCM]),
        ("tp hcm", [HCM]),
        ("tp.HCM", [HCM]),
        ("Sài Gòn", [HCM]),
        ("tỉnh bình dương", [HCM]),
        ("Huế", ["Thành phố Huế"]),
        ("dak lak", ["Tỉnh Đắk Lắk"]),
        ("tỉnh Đồng Nai", ["Thành phố Đồng Nai"]),
        ("thành phố Đồng Nai", ["Thành phố Đồng Nai"]),
        ("quận 2", ["Phường An Khánh", "Phường Bình Trưng", "Phường Cát Lái"]),
        ("em ở Láng ạ", ["Phường Láng"]),
        ("đặc khu phú quốc", ["Đặc khu Phú Quốc"]),
    ],
)
def test_a_place_is_found_by_any_of_its_names(bare: Gazetteer, text: str, found: list[str]) -> None:
    assert names(bare.find_places(text)) == found


@pytest.mark.parametrize(
    ("text", "first", "count"),
    [
        ("Thủ Đức", "Phường Thủ Đức", 12),
        ("thuduc", "Phường Thủ Đức", 12),
        ("quận Thủ Đức", "Phường Thủ Đức", 12),
        ("quận Bình Thạnh", "Phường Bình Thạnh", 5),
        ("huyen cu chi", "Xã Củ Chi", 7),
        ("Biên Hòa", "Phường Biên Hòa", 10),
        ("q1", "Phường Bến Thành", 4),
    ],
)
def test_an_old_district_gives_all_its_communes_of_today(bare: Gazetteer, text: str, first: str, count: int) -> None:
    found = bare.find_places(text)
    assert (found[0].commune, len(found)) == (first, count)


def test_what_a_place_was_known_as_is_told(bare: Gazetteer) -> None:
    assert bare.find_places("tỉnh Hà Tây")[0].known_as == "Tỉnh Hà Tây"
    assert bare.find_places("Đa Kao")[0].known_as == f"Phường Đa Kao, Quận 1, {HCM}"
    assert bare.find_places("quận 1")[0].known_as == f"Quận 1, {HCM}"
    assert bare.find_places("phường Bến Thành quận 1")[0].known_as == ""


def test_a_name_of_several_places_gives_them_all_and_more_words_tell_them_apart(bare: Gazetteer) -> None:
    assert len({place.province for place in bare.find_places("huyện Châu Thành")}) == 5
    in_ben_tre = bare.find_places("châu thành bến tre")
    assert {place.province for place in in_ben_tre} == {"Tỉnh Vĩnh Long"} and len(in_ben_tre) == 6


def test_typed_accents_tell_two_names_apart(bare: Gazetteer) -> None:
    assert names(bare.find_places("xã Lộc Thạnh, Đồng Nai")) == ["Xã Lộc Thạnh"]
    assert {"Xã Lộc Thạnh", "Xã Lộc Thành"} <= set(names(bare.find_places("xa loc thanh, dong nai")))
    assert names(bare.find_places("phường Bên Thanh quận 1")) == ["Phường Bến Thành"]


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "?", "1", "quận", "phường xã tỉnh", "đánh giá lại hồ sơ", "danh gia lai ho so", "hai bên thống nhất",
        "tôi muốn xin giấy xác nhận độc thân", "lệ phí bao nhiêu", "7 ngày làm việc", "mã H49.18-261105-0001",
        "🙂" * 50,
    ],
)  # fmt: skip
def test_what_names_no_place_finds_none(bare: Gazetteer, text: str) -> None:
    assert bare.find_places(text) == []


def test_a_polite_word_is_no_part_of_a_name(bare: Gazetteer) -> None:
    assert "Phường An Bình" in names(bare.find_places("Phường An Bình ạ"))
    assert names(bare.find_places("phường An Bình A")) != names(bare.find_places("phường An Bình ạ"))


def test_a_name_alone_counts_after_a_word_of_place(bare: Gazetteer) -> None:
    assert bare.find_places("hai bên thống nhất rồi thì nộp đơn thế nào") == []
    assert bare.find_places("tôi ở Thống Nhất thì nộp đơn thế nào") != []


def test_two_places_of_one_message_are_both_found(bare: Gazetteer) -> None:
    found = names(bare.find_places("từ Thủ Đức chuyển về huyện Củ Chi"))
    assert "Phường Thủ Đức" in found and "Xã Củ Chi" in found


def test_a_province_that_does_not_fit_is_not_hidden(bare: Gazetteer) -> None:
    assert names(bare.find_places("Bến Thành, Hà Nội")) == ["Phường Bến Thành", HANOI]


def test_the_own_province_comes_first() -> None:
    at_home = Gazetteer(home="tỉnh Bến Tre")
    assert at_home.find_places("huyện Châu Thành")[0].province == "Tỉnh Vĩnh Long"


def test_communes_have_the_codes_of_the_imported_list(coded: Gazetteer) -> None:
    assert [place.code for place in coded.find_places("phường bến thành")] == ["26743"]
    assert [place.code for place in coded.find_places("quận 1")] == ["26743", "26761", "26740", "26737"]
    assert [place.name for place in coded.communes("01")] == [f"Phường Láng, {HANOI}", f"Phường Đống Đa, {HANOI}"]


def test_old_communes_that_lead_nowhere_are_counted(coded: Gazetteer) -> None:
    assert lost_old_names(coded.units) > 9_000
    assert lost_old_names(units_of_the_table()) == 0


def test_a_commune_whose_kind_has_changed_since_is_still_led_to() -> None:
    changed = Units({"79": HCM}, (Unit("27496", "Phường Củ Chi", "79"),))
    assert "27496" in [place.code for place in Gazetteer(changed).find_places("thị trấn Củ Chi")]


TABLE = [old for old in old_communes() if old.name]


@given(st.sampled_from(TABLE), st.booleans())
def test_every_old_commune_leads_to_its_commune_of_today(bare: Gazetteer, old: OldCommune, accents: bool) -> None:
    text = f"{old.name}, {old.district}, {old.province}"
    found = bare.find_places(text if accents else fold(text))
    assert (old.today, old.today_province) in [(p.commune, _as_in_the_table(p.province)) for p in found]


def _as_in_the_table(province: str) -> str:
    return "Tỉnh Đồng Nai" if province == "Thành phố Đồng Nai" else province


@given(st.sampled_from(units_of_the_table().communes), st.sampled_from(["{}", "tôi ở {}", "{} ạ", "cho hỏi gần {}"]))
def test_every_commune_of_today_is_found_by_its_name(bare: Gazetteer, unit: Unit, around: str) -> None:
    name, code = unit.name, unit.province_code
    for text in (name, fold(name), name.upper(), name.lower()):
        assert (name, code) in [(p.commune, p.province_code) for p in bare.find_places(around.format(text))]


@given(st.text(max_size=300))
def test_any_text_finds_places_of_today_or_none(bare: Gazetteer, text: str) -> None:
    found = bare.find_places(text)
    assert len({(p.province_code, p.commune) for p in found}) == len(found)
    assert all(p.province_code in bare.units.provinces for p in found)


@given(st.lists(st.sampled_from(["quận", "1", "phường", "tân", "an", "bình", "thành", "phố", "hà", "nội", ",", "ở"])))
def test_any_heap_of_syllables_is_read(bare: Gazetteer, heap: list[str]) -> None:
    assert bare.find_places(" ".join(heap)) == bare.find_places(" ".join(heap))


def test_a_message_is_read_in_under_five_milliseconds(bare: Gazetteer) -> None:
    chosen = random.Random(7).sample(TABLE, 300)
    took = []
    for old in chosen:
        text = f"tôi ở {fold(old.name)} {old.district} thì nộp hồ sơ ở đâu"
        began = time.perf_counter()
        bare.find_places(text)
        took.append(time.perf_counter() - began)
    assert sorted(took)[150] < 0.005


@pytest.mark.parametrize("heap", ["phường 1 ", "tân an bình hòa ", "quận 1 tp hcm hà nội ", "x "])
def test_no_heap_of_names_takes_long(bare: Gazetteer, heap: str) -> None:
    began = time.perf_counter()
    bare.find_places(heap * 5000)
    assert time.perf_counter() - began < 1.0


def test_no_name_is_empty() -> None:
    assert all(spelled and all(spelled) and name.places for spelled, name in all_names(units_of_the_table()))


@pytest.mark.shared
def test_the_whole_list_of_units_is_found_and_no_old_commune_is_lost(shared: Path) -> None:
    units = read_units(shared / "data" / "units.json")
    assert (len(units.provinces), len(units.communes), lost_old_names(units)) == (34, 3321, 0)
    gazetteer = Gazetteer(units)
    for unit in units.communes:
        for text in (f"{unit.name}, {units.provinces[unit.province_code]}", fold(unit.name)):
            assert unit.code in {place.code for place in gazetteer.find_places(text)}, text
