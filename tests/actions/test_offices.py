"""Where centres are, and what communes are called today."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.offices import OfficeDesk, asks_for_office, asks_for_unit
from knowledge.places import Office, PlaceBook
from knowledge.places.store import PlaceStore
from motcua.database import open_database, upgrade


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> PlaceBook:
    folder: Path = tmp_path_factory.mktemp("places")
    url = f"sqlite:///{folder / 'places.db'}"
    upgrade(url)
    engine = open_database(url)
    PlaceStore(engine).write_offices(
        [
            Office(
                "Trung tâm Phục vụ hành chính công phường Bến Thành",
                "79",
                "Thành phố Hồ Chí Minh",
                commune="Phường Bến Thành",
                address="92 Nguyễn Trãi",
                hours="Thứ Hai đến Thứ Sáu, 7:30 – 17:00",
                phone="028 1234",
            )
        ],
        "own table",
    )
    return PlaceBook(engine)


@pytest.fixture(scope="module")
def desk(book: PlaceBook) -> OfficeDesk:
    return OfficeDesk(book)


@pytest.mark.parametrize(
    "text", ["trung tâm hành chính công ở đâu", "giờ làm việc thế nào", "thu 7 co lam khong", "ủy ban phường ở đâu"]
)
def test_questions_about_centres_are_known(text: str) -> None:
    assert asks_for_office(text)


def test_questions_about_todays_names_are_known() -> None:
    assert asks_for_unit("quận Bình Thạnh giờ là phường nào") and not asks_for_unit("đăng ký tạm trú ở phường")


def test_the_nearest_centre_is_told_with_hours_and_telephone(desk: OfficeDesk) -> None:
    reply, asks = desk.answer("trung tâm hành chính công phường Bến Thành ở đâu")
    assert reply.kind == "office_info" and not asks
    assert "92 Nguyễn Trãi" in reply.text and "7:30" in reply.text and "028 1234" in reply.text


def test_without_a_place_it_is_asked_for(desk: OfficeDesk) -> None:
    reply, asks = desk.answer("trung tâm hành chính công ở đâu")
    assert asks and "xã, phường nào" in reply.text


def test_where_no_centre_is_known_it_is_said_with_whom_to_ask(desk: OfficeDesk) -> None:
    reply, _ = desk.answer("xã Đất Mũi tỉnh Cà Mau")
    assert "chưa có địa chỉ" in reply.text and "18001096" in reply.text


def test_an_abolished_district_gives_todays_communes_to_choose_from(desk: OfficeDesk) -> None:
    reply, asks = desk.answer("quận Bình Thạnh giờ là phường nào")
    assert asks and "Phường Gia Định" in reply.text and "Quận Bình Thạnh" in reply.text


def test_an_old_province_is_named_by_its_new_one(desk: OfficeDesk) -> None:
    reply, asks = desk.answer("tỉnh Hà Tây nay thuộc tỉnh nào")
    assert "Hà Nội" in reply.text and not asks


def test_words_that_ask_are_no_place_themselves(desk: OfficeDesk) -> None:
    assert not desk.names_place("trung tâm hành chính công ở đâu")
