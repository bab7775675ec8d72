from __future__ import annotations

import pytest

from actions.compose import answer_about
from actions.compose.offices import agencies, centre
from actions.compose.old_units import names_district
from tests.actions.samples import method, of_portal, portal


def where(**changes: object) -> str:
    return answer_about(of_portal(**changes), "where").text


def test_the_commune_centre_takes_what_the_commune_decides() -> None:
    assert "Trung tâm Phục vụ hành chính công cấp xã" in where()


@pytest.mark.parametrize(
    "agency", ["Chi cục Hải quan khu vực", "Công an cấp xã", "Thuế cơ sở", "Bảo hiểm xã hội tỉnh"]
)
def test_offices_with_counters_of_their_own_are_named_whatever_the_level_says(agency: str) -> None:
    text = where(executing_agency=agency, level=["Cấp xã"])
    assert agency in text and "nộp tại Trung tâm" not in text


def test_nobody_is_sent_to_the_district() -> None:
    text = where(executing_agency="Ủy ban nhân dân huyện; Phòng Văn hóa quận")
    assert "huyện;" not in text and "quận" not in text
    assert "Quy định cũ" in text and "Trung tâm Phục vụ hành chính công" in text


def test_a_district_address_is_left_out() -> None:
    text = where(receiving_address="Trung tâm hành chính công cấp huyện; Bộ phận một cửa cấp xã")
    assert "Nơi tiếp nhận: Bộ phận một cửa cấp xã." in text


def test_old_wording_inside_steps_is_pointed_out() -> None:
    steps = [{"name": "", "text": "Nộp hồ sơ tại Ủy ban nhân dân huyện."}]
    assert "theo quy định cũ" in answer_about(of_portal(steps=steps), "steps").text


@pytest.mark.parametrize("text", ["trước ngày nộp", "đường huyện Sóc", "Bệnh viện huyện Mường"])
def test_names_of_places_are_no_district_offices(text: str) -> None:
    assert not names_district(text)


def test_thirty_branches_are_cut_and_counted() -> None:
    branches = "; ".join(f"Chi nhánh Văn phòng đăng ký đất đai số {n}" for n in range(1, 31))
    named, more = agencies(portal("9.100001", "Thủ tục thử", executing_agency=branches))
    assert len(named) == 4 and more == 26


def test_a_comma_inside_a_name_does_not_part_it() -> None:
    named, _ = agencies(
        portal("9.100001", "Thủ tục thử", executing_agency="Sở Văn hóa, Thể thao và Du lịch, Sở Y tế")
    )
    assert named == ["Sở Văn hóa, Thể thao và Du lịch", "Sở Y tế"]


def test_a_department_and_a_commune_give_both_centres() -> None:
    assert (
        centre(portal("9.100001", "Thủ tục thử", executing_agency="Sở Y tế, Ủy ban nhân dân cấp xã"))
        == "both"
    )


def test_ways_of_filing_read_as_a_sentence() -> None:
    text = where(methods=[method("Trực tiếp"), method("Trực tuyến"), method("Dịch vụ bưu chính")])
    assert "Cách nộp: trực tiếp, qua mạng, gửi bưu điện." in text


def test_filing_online_is_named_only_where_the_record_does() -> None:
    assert "không ghi cách nộp qua mạng" in answer_about(of_portal(), "online").text
    online = answer_about(of_portal(methods=[method("Trực tuyến")]), "online").text
    assert "nộp được qua mạng" in online and "https://dichvucong.gov.vn/" in online
