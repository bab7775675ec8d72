"""The facts beneath: provinces, the table of old names, lists of units."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.places.errors import BadUnits
from knowledge.places.old_names import old_communes
from knowledge.places.provinces import provinces
from knowledge.places.reading import agrees, habits, parts_of, split_kind, syllables
from knowledge.places.units import read_units
from nlu.text import fold


def test_there_are_34_provinces_made_of_63() -> None:
    today = provinces().today.values()
    former = [name for one in today for name in one.made_of]
    assert (len(today), len(former), len(set(former))) == (34, 63, 63)
    assert sorted(len(one.made_of) for one in today) == [1] * 11 + [2] * 17 + [3] * 6


def test_the_table_of_old_names_and_our_provinces_agree() -> None:
    ours = {name: one.name for one in provinces().today.values() for name in one.made_of}
    theirs = {old.province: old.today_province for old in old_communes()}
    assert ours.keys() == theirs.keys()
    for former, today in theirs.items():
        # Đồng Nai became a city after the table was made.
        assert split_kind(ours[former])[1] == split_kind(today)[1], former


def test_former_provinces_lie_in_provinces_of_today() -> None:
    known = provinces()
    assert all(code in known.today for codes in known.older.values() for code in codes)
    former = {name for one in known.today.values() for name in one.made_of}
    assert known.also.keys() <= former and not former & known.older.keys()


def test_former_districts_and_their_communes_are_in_the_table() -> None:
    for older in provinces().older_districts:
        mine = [old for old in old_communes() if old.province == older.province and old.district in older.became]
        assert {old.district for old in mine} == set(older.became)
        assert set(older.communes) <= {old.name.partition(" ")[2] for old in mine}


def test_the_table_holds_the_whole_country() -> None:
    lines = old_communes()
    assert len({(old.province, old.district, old.name) for old in lines}) > 10_000
    assert len({(old.today_province, old.today) for old in lines}) == 3321


def test_only_islands_had_no_communes_and_every_name_is_spelled_out() -> None:
    assert {old.district for old in old_communes() if not old.name} == {
        "Huyện Bạch Long Vĩ", "Huyện Côn Đảo", "Huyện Cồn Cỏ", "Huyện Hoàng Sa", "Huyện Lý Sơn",
    }  # fmt: skip
    assert all(" " in name for old in old_communes() for name in (old.name, old.today) if name)


def test_a_kind_is_written_in_many_ways_and_means_one() -> None:
    assert {kind for kind in habits().kinds.values()} == {
        "phuong", "xa", "thi tran", "dac khu", "quan", "huyen", "thi xa", "thanh pho", "tinh",
    }  # fmt: skip
    assert all(word == fold(word) for short in habits().kinds for word in short)


def test_syllables_stand_apart_from_numbers_and_signs() -> None:
    assert syllables("Q1, P.05 – TP.HCM") == ["q", "1", "p", "5", "tp", "hcm"]
    assert syllables("Thanh Hoá") == ["thanh", "hóa"]
    assert parts_of("Tân An, Thành phố") == [["tân", "an"], ["thành", "phố"]]


@pytest.mark.parametrize(
    ("typed", "name", "agreement"),
    [
        (["bến", "thành"], ["bến", "thành"], 2),
        (["ben", "thanh"], ["bến", "thành"], 1),
        (["bến", "thanh"], ["bến", "thành"], 2),
        (["bên", "thành"], ["bến", "thành"], 0),
        (["benthanh"], ["bến", "thành"], 1),
        (["gia", "lai"], ["gia", "lai"], 1),
    ],
)
def test_typed_accents_agree_or_do_not(typed: list[str], name: list[str], agreement: int) -> None:
    assert agrees(typed, name) == agreement


@given(st.text(max_size=100))
def test_any_text_splits_into_syllables(text: str) -> None:
    assert all(one == one.lower() and one.isalnum() for one in syllables(text))


def written(folder: Path, content: Any) -> Path:
    path = folder / "units.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_a_list_is_read_in_nfc_with_capitals(tmp_path: Path) -> None:
    communes = [{"code": "00199", "name": "phường La\u0301ng"}]
    read = read_units(written(tmp_path, changed(name="thành phố Ha\u0300 Nội", communes=communes)))
    assert read.provinces == {"01": "Thành phố Hà Nội"}
    assert [(u.code, u.name) for u in read.communes] == [("00199", "Phường Láng")]


def changed(**province: Any) -> dict[str, Any]:
    first: dict[str, Any] = {"code": "01", "name": "Thành phố Hà Nội", "communes": [{"code": "00199", "name": "Xã A"}]}
    return {"provinces": [first | province]}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ([], "units.json"),
        ({}, "provinces"),
        ({"provinces": []}, "provinces"),
        (changed(code="1"), "code"),
        (changed(code="77"), "no province of code 77"),
        (changed(name="Hà Nội"), "name"),
        (changed(communes=[]), "communes"),
        (changed(communes=[{"code": "199", "name": "Xã A"}]), "code"),
        (changed(communes=[{"code": "00199", "name": "A"}]), "name"),
        (changed(communes=[{"code": "00199", "name": "Xã A"}, {"code": "00199", "name": "Xã B"}]), "twice"),
    ],
)
def test_a_file_that_is_no_list_of_units_is_refused_in_one_line(tmp_path: Path, content: Any, reason: str) -> None:
    with pytest.raises(BadUnits, match=reason) as refused:
        read_units(written(tmp_path, content))
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadUnits, match=r"none\.json cannot be read"):
        read_units(tmp_path / "none.json")
