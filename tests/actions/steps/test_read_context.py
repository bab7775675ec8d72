from __future__ import annotations

import pytest

from actions.steps.read_context import changes_the_case, content_words
from nlu.text import fold
from tests.actions.conftest import Say
from tests.actions.samples import BOAT, BOAT_LOST, KITE

FOLLOW_UPS = [
    "thế nộp ở đâu", "có mất tiền không", "còn lệ phí thì sao", "bao lâu thì xong", "mấy hôm có rứa",
    "nộp chỗ mô", "hết nhiêu tiền", "cần mang theo những gì", "làm online được không",
    "dạ cho em hỏi thêm cần giấy tờ gì ạ",
    "mẫu đơn tải ở đâu", "căn cứ vào luật nào", "các bước làm như thế nào", "can giay to j", "bn tien", "phí?",
    "ở đâu", "mấy ngày", "thủ tục này mất phí ko ạ", "rồi bao giờ thì lấy được", "mần răng", "kết quả nhận được là gì",
    "điều kiện gì", "quy trình ntn", "có nộp qua mạng được không vậy", "nói rõ hơn được không", "tốn tiền hông",
    "lm ở đâu z ad", "giấy đó nộp ở đâu", "vậy thời gian thì sao ạ",
]  # fmt: skip

NAMING = [
    ("phí đổi bằng lái", ["doi", "bang", "lai"]),
    ("niêm yết mấy ngày", ["niem", "yet"]),
    ("xin bản sao", ["ban", "sao"]),
]


@pytest.mark.parametrize("text", FOLLOW_UPS)
def test_a_follow_up_names_nothing(text: str) -> None:
    assert content_words(text) == []


@pytest.mark.parametrize("text", FOLLOW_UPS)
def test_a_follow_up_typed_without_accents_names_nothing(text: str) -> None:
    assert content_words(fold(text)) == []


@pytest.mark.parametrize(("text", "left"), NAMING)
def test_what_is_named_is_left(text: str, left: list[str]) -> None:
    assert content_words(text) == left


@pytest.mark.parametrize(
    "text", ["à không, mất chứ không phải hỏng", "nếu thuyền thuê thì sao", "nhầm, thuyền cũ"]
)
def test_another_case_is_noticed(text: str) -> None:
    assert changes_the_case(text) and changes_the_case(fold(text))


@pytest.mark.parametrize("text", ["con tôi chưa có giấy", "con toi chua co giay", "nộp ở đâu"])
def test_a_child_is_no_other_case(text: str) -> None:
    assert not changes_the_case(text)


@pytest.mark.parametrize("text", FOLLOW_UPS)
def test_a_follow_up_stays_with_the_procedure_at_hand(text: str, say: Say) -> None:
    assert say("đăng ký thuyền nan").status == "answered"
    turn = say(text, "ask_fee")
    assert turn.target is not None and turn.target.code == BOAT and turn.follows


def test_a_message_that_names_another_procedure_switches(say: Say) -> None:
    say("đăng ký thuyền nan")
    turn = say("xin phép thả diều cần giấy tờ gì", "ask_documents")
    assert turn.target is not None and turn.target.code == KITE


def test_a_follow_up_with_nothing_before_it_is_asked_back(say: Say) -> None:
    turn = say("mất mấy ngày", "ask_duration")
    assert turn.reply is not None and turn.reply.kind == "clarify" and not turn.reply.choices


OFFERED = [
    {"title": "Đăng ký thuyền nan lần đầu", "code": BOAT},
    {"title": "Cấp lại giấy đăng ký thuyền nan bị mất", "code": BOAT_LOST},
    {"title": "Xin phép thả diều sáo", "code": KITE},
]


@pytest.fixture
def offered(world: object) -> Say:
    from actions.conversation import read_turn, slots_after
    from actions.pipeline import answer, steps

    slots: dict[str, object] = {"offered": OFFERED, "aspect": "fee", "question": "thuyền"}

    def one(text: str, intent: str = "choose", **entities: object):  # type: ignore[no-untyped-def]
        message = {
            "intent": {"name": intent},
            "entities": [{"entity": name, "value": value} for name, value in entities.items()],
        }
        turn = answer(read_turn(text, message, slots), steps(world))  # type: ignore[arg-type]
        slots.update(slots_after(turn))
        return turn

    return one


@pytest.mark.parametrize(("number", "code"), [(1, BOAT), (2, BOAT_LOST), (3, KITE), (-1, KITE)])
def test_a_number_chooses_and_keeps_what_was_asked(offered: Say, number: int, code: str) -> None:
    turn = offered("số", number=number)
    assert turn.target is not None and turn.target.code == code
    assert turn.reply is not None and turn.reply.aspect == "fee"


@pytest.mark.parametrize("number", [0, 4, 99, -2])
def test_a_number_outside_the_list_shows_the_list_again(offered: Say, number: int) -> None:
    reply = offered("số", number=number).reply
    assert (
        reply is not None and reply.kind == "clarify" and len(reply.choices) == 3 and "1 đến 3" in reply.text
    )


def test_a_number_typed_later_still_means_the_same_list(offered: Say) -> None:
    offered("số", number=2)
    offered("mất mấy ngày", "ask_duration")
    offered("số", number=9)
    turn = offered("số", number=3)
    assert turn.target is not None and turn.target.code == KITE


def test_a_number_with_nothing_offered_is_asked_back(say: Say) -> None:
    reply = say("2", "choose", number=2).reply
    assert reply is not None and reply.kind == "clarify" and not reply.choices


@pytest.mark.parametrize(
    ("text", "code"), [("cấp lại", BOAT_LOST), ("bị mất", BOAT_LOST), ("thả diều", KITE), ("lan dau", BOAT)]
)
def test_words_of_a_title_choose_it(offered: Say, text: str, code: str) -> None:
    turn = offered(text, "ask_overview")
    assert turn.target is not None and turn.target.code == code


def test_words_that_several_titles_share_choose_none(offered: Say) -> None:
    assert not offered("thuyền nan", "ask_overview").follows
