from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions import wording
from actions.steps.danger import find_danger
from nlu.text import fold
from tests.actions.conftest import Say

NOW = [
    ("fire", "cháy nhà rồi cứu với"),
    ("fire", "nhà tôi đang cháy"),
    ("fire", "chung cư bên cạnh bốc cháy kìa"),
    ("fire", "cháy nhà thì gọi ai"),
    ("violence", "anh ta đang đánh con tôi"),
    ("violence", "có người cầm dao dọa nhà tôi"),
    ("violence", "hắn đang dọa giết tôi"),
    ("suicide", "em không muốn sống nữa"),
    ("suicide", "bạn em đang định tự tử"),
    ("dying", "ba tôi sắp chết rồi"),
    ("dying", "có người bất tỉnh rồi, gọi cấp cứu giùm"),
    ("dying", "con tôi bị rắn cắn"),
    ("swindle", "họ tự xưng là công an phường bắt tôi đọc mã otp"),
]

PAPERWORK = [
    "thủ tục thẩm duyệt phòng cháy chữa cháy",
    "phòng cháy chữa cháy karaoke cần gì",
    "bảo hiểm tai nạn lao động hưởng thế nào",
    "xin giấy phép dịch vụ cứu hộ giao thông",
    "bị cháy mất sổ đỏ thì làm lại ở đâu",
    "nhà cháy hết giấy tờ, xin cấp lại căn cước",
    "nhà bị cháy có được hỗ trợ không",
    "khai tử cho người tự tử",
    "người chết đuối thì làm giấy chứng tử ở đâu",
    "bố tôi mất rồi, làm khai tử thế nào",
    "tờ khai cháy hàng",
    "quán cơm chay đăng ký kinh doanh",
    "anh tôi mất khi lao vào cứu cháy nhà bên cạnh",
    "nhà cháy rồi thì thuế đất năm nay tính sao",
    "bà sau đột quỵ không đi lại được",
    "ho kinh doanh dang chay thu may",
    "xin cưu mang trẻ mồ côi",
    "chạy thử xe mới có cần giấy không",
    "kinh doanh bình chữa cháy",
    "đường Bãi Cháy làm căn cước ở đâu",
    "mua bảo hiểm cháy nổ bắt buộc",
    "cứu trợ thiên tai xin ở đâu",
]

PAST = [
    "chồng dọa giết, tôi phải bỏ nhà đi",
    "chồng đánh tôi giờ tôi phải làm sao",
    "bị bạo hành thì xin cấm tiếp xúc thế nào",
]


@pytest.mark.parametrize(("kind", "text"), NOW)
def test_danger_that_is_there_is_noticed(kind: str, text: str) -> None:
    danger = find_danger(text)
    assert danger is not None and danger.kind == kind and danger.is_now


@pytest.mark.parametrize(("kind", "text"), NOW)
def test_danger_is_noticed_without_accents_too(kind: str, text: str) -> None:
    danger = find_danger(fold(text))
    assert danger is not None and danger.kind == kind


@pytest.mark.parametrize("text", PAPERWORK)
def test_paperwork_that_names_a_danger_is_no_danger(text: str) -> None:
    assert find_danger(text) is None or not find_danger(text).is_now  # type: ignore[union-attr]


@pytest.mark.parametrize("text", [t for t in PAPERWORK if "cháy" not in t.lower().split()])
def test_paperwork_typed_without_accents_is_no_danger_either(text: str) -> None:
    danger = find_danger(fold(text))
    assert danger is None or not danger.is_now


@pytest.mark.parametrize(("kind", "text"), NOW)
def test_numbers_to_call_come_before_anything_else(kind: str, text: str, say: Say) -> None:
    reply = say(text).reply
    assert reply is not None and reply.kind == "handoff"
    assert all(number in reply.text for number in ("113", "114", "115", "111", "18001096"))


@pytest.mark.parametrize("text", PAST)
def test_violence_that_is_not_said_to_be_now_is_answered_after_the_numbers(text: str, say: Say) -> None:
    reply = say(text).reply
    assert reply is not None and reply.text.startswith(wording.say("danger.before"))


def test_the_conversation_goes_on_after_the_numbers(say: Say) -> None:
    code = say("đăng ký thuyền nan").target
    say("nhà tôi đang cháy")
    assert say("mất mấy ngày", "ask_duration").target == code


@given(st.text(max_size=300))
def test_any_text_can_be_looked_at(text: str) -> None:
    danger = find_danger(text)
    assert danger is None or wording.say(f"danger.{danger.kind}")
