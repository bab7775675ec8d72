"""What is asked for around procedures: own data, guides, life events, the sheet to print."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.steps.around import AskPrivacy, AskSheet, FindGuide, FindLifeEvent
from actions.turn import Turn
from actions.world import World
from knowledge.guides import events, guides
from nlu.text import fold
from tests.actions.samples import BOAT

GUIDED = {
    "quên mật khẩu vneid thì làm sao": "vneid",
    "đăng nhập cổng dịch vụ công kiểu gì": "portal_sign_in",
    "nop ho so online the nao": "filing_online",
    "đóng phí qua mạng được không": "paying_online",
    "em ở trọ, ra phường khác nộp được không": "anywhere",
    "mất giấy hẹn rồi có lấy được không": "receiving",
}


@pytest.mark.parametrize("text", GUIDED)
def test_how_things_around_procedures_are_done_is_told(text: str) -> None:
    turn = Turn(text)
    FindGuide().run(turn)
    assert turn.status == "guide" and turn.guide and turn.guide.key == GUIDED[text]


@pytest.mark.parametrize(
    "text",
    [
        "đăng ký kết hôn nộp online được không",
        "cấp tài khoản vneid cho công ty",
        "nộp phạt nguội qua mạng",
        "làm hộ chiếu nộp qua mạng cần giấy tờ gì",
    ],
)
def test_a_question_about_a_procedure_is_no_question_for_a_guide(text: str) -> None:
    turn = Turn(text)
    FindGuide().run(turn)
    assert turn.status == "open"


def test_amid_a_procedure_its_own_record_says_how_it_is_filed() -> None:
    turn = Turn("nộp online thế nào", procedure=BOAT)
    FindGuide().run(turn)
    assert turn.status == "open"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("bạn có lưu tin nhắn của tôi không", "privacy"),
        ("xóa hết dữ liệu đi", "erase"),
        ("xoa lich su tro chuyen", "erase"),
        ("xóa đăng ký thường trú", "open"),
        ("xóa thế chấp sổ đỏ", "open"),
        ("lịch sử đất đai", "open"),
    ],
)
def test_ones_own_data_are_asked_for_in_ones_own_words(text: str, status: str) -> None:
    turn = Turn(text)
    AskPrivacy().run(turn)
    assert turn.status == status


def test_the_sheet_is_that_of_the_procedure_at_hand(world: World) -> None:
    turn = Turn("in ra giùm em với", procedure=BOAT, aspect="overview")
    AskSheet(world).run(turn)
    assert turn.target and turn.target.code == BOAT and turn.aspect == "documents" and turn.sheet
    alone = Turn("in ra giùm em với")
    AskSheet(world).run(alone)
    assert alone.target is None


class _Knowing(World):
    """Knows every code, for the table of events names real ones."""

    def __init__(self, world: World) -> None:
        self._any = world.procedure(BOAT)

    def procedure(self, code: str):  # type: ignore[no-untyped-def]
        return self._any


def event_of(text: str, world: World, **of: str) -> str:
    turn = Turn(text, intent=of.pop("intent", "ask_overview"), **of)  # type: ignore[arg-type]
    FindLifeEvent(_Knowing(world)).run(turn)
    return turn.lead


HAPPENED = {
    "vợ tôi mới sinh em bé": "birth",
    "nha co nguoi mat gio phai lam gi": "death",
    "ba tôi mất hôm qua": "death",
    "sắp chuyển nhà cần làm giấy tờ gì": "moving",
    "tụi em sắp cưới": "marriage",
    "mới mua lại xe máy cũ": "used_vehicle",
    "tính mở quán cơm": "eatery",
    "tôi bị mất ví hết giấy tờ": "lost_wallet",
}


@pytest.mark.parametrize("text", HAPPENED)
def test_what_happened_leads_to_its_bundle(text: str, world: World) -> None:
    assert event_of(text, world) == next(event.lead for event in events() if event.key == HAPPENED[text])


@pytest.mark.parametrize(
    "text",
    [
        "mới sinh con làm giấy khai sinh ở đâu",
        "mẹ tôi làm mất điện thoại",
        "ba mất sổ đỏ",
        "mất bằng lái xe",
        "mở quán karaoke",
        "xây nhà xưởng",
        "sắp cưới người nước ngoài",
        "mua xe cũ mất giấy tờ",
    ],
)
def test_a_question_with_a_matter_of_its_own_is_searched(text: str, world: World) -> None:
    assert event_of(text, world) == ""


def test_amid_a_conversation_an_event_counts_only_with_a_question(world: World) -> None:
    assert event_of("bà cụ mất rồi", world, procedure=BOAT) == ""
    assert event_of("bà cụ mất rồi", world, procedure=BOAT, intent="ask_steps") != ""


def test_a_detail_is_never_answered_with_a_bundle(world: World) -> None:
    assert event_of("mới sinh con", world, intent="ask_fee") == ""


@pytest.mark.parametrize("event", events(), ids=lambda event: event.key)
def test_every_phrase_of_an_event_leads_to_it_with_and_without_accents(event, world: World) -> None:  # type: ignore[no-untyped-def]
    for phrase in event.said:
        plain = phrase.replace("*", "tôi")
        assert event_of(plain, world) == event.lead, plain
        assert event_of(fold(plain), world), plain


@pytest.mark.parametrize("guide", guides(), ids=lambda guide: guide.key)
def test_every_phrase_of_a_guide_leads_to_it(guide) -> None:  # type: ignore[no-untyped-def]
    for phrase in guide.said:
        turn = Turn(phrase)
        FindGuide().run(turn)
        assert turn.guide is not None and turn.guide.key == guide.key, phrase


@given(st.text(max_size=200))
def test_any_text_passes_without_a_fault(text: str) -> None:
    turn = Turn(text)
    AskPrivacy().run(turn)
    FindGuide().run(turn)
