from __future__ import annotations

from typing import get_args

import pytest

from actions.compose import answer_about
from actions.compose.names import short_name, spoken_name
from knowledge.model import Procedure, Words
from motcua.reply import PAYLOAD, Aspect
from tests.actions.samples import BOAT, CURATED, curated, of_portal, portal

ASPECTS: tuple[Aspect, ...] = get_args(Aspect)


@pytest.mark.parametrize("aspect", ASPECTS)
def test_every_aspect_of_a_bare_record_has_an_answer(aspect: Aspect) -> None:
    bare = of_portal(methods=[], documents=[], steps=[], legal_basis=[], result="", executing_agency="")
    reply = answer_about(bare, aspect)
    assert reply.kind == "answer" and len(reply.text.splitlines()) > 2


@pytest.mark.parametrize("aspect", ASPECTS)
def test_every_answer_stands_alone(aspect: Aspect) -> None:
    reply = answer_about(of_portal(), aspect)
    assert reply.text.splitlines()[0].startswith("Đăng ký thuyền nan")
    assert "18/07/2026" in reply.text and "https://dichvucong.gov.vn/" in reply.text
    for section in reply.sections:
        for item in section.items:
            assert item.text in reply.text and item.note in reply.text


@pytest.mark.parametrize("aspect", ASPECTS)
def test_an_answer_is_plain_text(aspect: Aspect) -> None:
    for procedure in (of_portal(), Procedure(code=CURATED, curated=curated())):
        text = answer_about(procedure, aspect).text
        assert not any(mark in text for mark in ("**", "##", "](", "\n- ", "\n\n\n", "None"))


def test_a_title_that_the_lead_says_is_not_said_again() -> None:
    assert answer_about(of_portal(), "duration").text.splitlines()[2] == "3 ngày làm việc"


def test_a_shouted_name_is_said_quietly() -> None:
    procedure = of_portal(name="THỦ TỤC CÔNG NHẬN LÀNG NGHỀ ĐAN LƯỚI (CẤP XÃ)")
    assert spoken_name(procedure) == "Công nhận làng nghề đan lưới (cấp xã)"


def test_a_name_as_long_as_a_screen_is_cut_everywhere_but_in_the_overview() -> None:
    procedure = of_portal(name="Thủ tục " + "đăng ký thuyền nan và ghe nhỏ " * 10)
    assert len(short_name(procedure)) <= 131
    assert spoken_name(procedure) in answer_about(procedure, "overview").text
    assert spoken_name(procedure) not in answer_about(procedure, "fee").text


def test_one_provinces_own_procedure_is_labelled() -> None:
    own = of_portal(kind="TTHC đặc thù (do địa phương công bố)", agency="UBND tỉnh Gia Lai")
    assert "thủ tục riêng của tỉnh Gia Lai, chỉ áp dụng ở đó" in answer_about(own, "fee").text
    assert "không áp dụng ở Nghệ An" in answer_about(own, "fee", province="Nghệ An").text
    assert "chỉ áp dụng ở đó" in answer_about(own, "fee", province="Gia Lai").text


def test_the_official_name_stands_beside_the_one_people_use() -> None:
    text = answer_about(Procedure(code=CURATED, curated=curated()), "overview").text
    assert text.splitlines()[:2] == [
        "Mở bến đò",
        "Tên trên Cổng Dịch vụ công: Cấp phép hoạt động bến đò ngang.",
    ]


def test_a_procedure_of_which_only_the_name_is_known_says_so() -> None:
    named = Procedure(code="9.100012", vocabulary=Words(code="9.100012", name="Thủ tục chỉ có tên"))
    reply = answer_about(named, "fee")
    assert "chưa có phần chi tiết" in reply.text and reply.aspect == "fee"


def test_what_was_cut_is_pointed_out_once() -> None:
    steps = [
        {"name": "", "text": "\n".join(f"Bước {n}: " + "nộp hồ sơ cho xã rồi chờ " * 30 for n in (1, 2, 3))}
    ]
    text = answer_about(of_portal(steps=steps), "steps").text
    assert text.count("phần rút gọn") == 1


def test_the_next_questions_lead_to_other_aspects_of_the_same_procedure() -> None:
    for choice in answer_about(of_portal(), "fee").choices:
        found = PAYLOAD.fullmatch(choice.payload)
        assert found and found["code"] == BOAT and found["aspect"] != "fee"


def test_steps_are_told_apart_by_their_marks_and_not_numbered_twice() -> None:
    items = answer_about(of_portal(), "steps").sections[0].items
    assert [item.text for item in items] == [
        "Chủ thuyền nộp hồ sơ",
        "Xã xem xét trong 02 ngày làm việc",
        "Chủ thuyền nhận kết quả",
    ]


def test_steps_of_several_cases_show_the_first_and_name_the_others() -> None:
    text = "Bước 1: Nộp hồ sơ.\nBước 2: Nhận kết quả."
    steps = [{"name": "Thuyền mới", "text": text}, {"name": "Thuyền cũ", "text": text}]
    sections = answer_about(of_portal(steps=steps), "steps").sections
    assert [s.title for s in sections] == ["Thuyền mới", "Trường hợp khác có các bước riêng"]
    assert sections[1].items[0].text == "Thuyền cũ"


def test_time_limits_are_found_where_the_conditions_are_silent() -> None:
    text = answer_about(of_portal(), "condition").text
    assert "Xã xem xét trong 02 ngày làm việc" in text


def test_the_same_record_always_gives_the_same_answer() -> None:
    first, second = (Procedure(code=BOAT, portal=portal(BOAT, "Thủ tục thử")) for _ in range(2))
    assert all(answer_about(first, aspect) == answer_about(second, aspect) for aspect in ASPECTS)
