from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.places.model import Office, Place
from knowledge.places.offices import distance_km, nearest_offices, office_lines
from tests.knowledge.places.conftest import HANOI, HCM

BEN_THANH, SAI_GON, CU_CHI = (10.7721, 106.6983), (10.7797, 106.6990), (10.9733, 106.4930)


def office(name: str, code: str, commune: str, point: tuple[float, float] | None, province: str = "79") -> Office:
    latitude, longitude = point or (None, None)
    return Office(
        name=name, province_code=province, province=HCM if province == "79" else HANOI, commune_code=code,
        commune=commune, address="Số 1", latitude=latitude, longitude=longitude,
    )  # fmt: skip


OFFICES = (
    office("A Hà Nội", "00199", "Phường Láng", (21.02, 105.80), "01"),
    office("Củ Chi", "27496", "Xã Củ Chi", CU_CHI),
    office("Sài Gòn", "26740", "Phường Sài Gòn", SAI_GON),
    office("Bến Thành", "26743", "Phường Bến Thành", BEN_THANH),
    office("Thành phố", "", "", None),
    office("Không tọa độ", "26737", "Phường Tân Định", None),
)
PLACE = Place("79", HCM, "26743", "Phường Bến Thành")


def names(where: Place | tuple[float, float], k: int = 9) -> list[str]:
    return [near.office.name for near in nearest_offices(OFFICES, where, k)]


def test_the_communes_own_office_comes_first_then_the_provinces_then_by_distance() -> None:
    assert names(PLACE) == ["Bến Thành", "Thành phố", "Sài Gòn", "Củ Chi", "Không tọa độ"]
    assert names(PLACE, 2) == ["Bến Thành", "Thành phố"]


def test_a_province_gives_its_own_offices_first() -> None:
    assert names(Place("79", HCM))[0] == "Thành phố"
    assert names(Place("01", HANOI)) == ["A Hà Nội"]
    assert names(Place("96", "Tỉnh Cà Mau")) == []


def test_a_commune_without_a_code_is_known_by_its_name() -> None:
    assert names(Place("79", HCM, "", "Phường Bến Thành"))[0] == "Bến Thành"


def test_a_point_gives_the_nearest_of_the_whole_country_that_have_one() -> None:
    near = nearest_offices(OFFICES, (10.7720, 106.6980), 9)
    assert [one.office.name for one in near] == ["Bến Thành", "Sài Gòn", "Củ Chi", "A Hà Nội"]
    assert near[0].kilometres is not None and near[0].kilometres < 0.1


def test_distances_are_those_of_the_map() -> None:
    assert distance_km((21.0285, 105.8542), (10.7769, 106.7009)) == pytest.approx(1140, abs=15)
    assert distance_km(BEN_THANH, BEN_THANH) == 0


degrees = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(degrees, degrees)
def test_a_distance_is_the_same_both_ways_and_never_more_than_half_the_earth(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    there, back = distance_km(one, other), distance_km(other, one)
    assert math.isclose(there, back, abs_tol=1e-6) and 0 <= there <= 20_016


@given(degrees, st.integers(-1, 10))
def test_nearest_first_and_no_more_than_asked(point: tuple[float, float], k: int) -> None:
    far = [near.kilometres for near in nearest_offices(OFFICES, point, k)]
    assert far == sorted(far, key=lambda km: km or 0) and len(far) == min(max(k, 0), 4)


def test_an_office_is_told_in_lines_without_empty_ones() -> None:
    whole = Office(
        "Trung tâm", "79", HCM, "26743", "Phường Bến Thành", "Số 1 đường Lê Lợi", "Thứ Hai đến Thứ Sáu", "028 3000 0000"
    )
    assert office_lines(whole) == (
        "Trung tâm", f"Số 1 đường Lê Lợi, Phường Bến Thành, {HCM}", "Thứ Hai đến Thứ Sáu", "028 3000 0000",
    )  # fmt: skip
    assert office_lines(OFFICES[4]) == ("Thành phố", f"Số 1, {HCM}")
