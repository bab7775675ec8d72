"""Which aspects a message asks for by name: what is read, and what is left alone."""

from __future__ import annotations

import time
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.asking import AskingError, aspects_of
from nlu.asking.aspects import _Table, _table
from nlu.text import fold

ASKED = [
    ("cần giấy tờ gì, bao nhiêu tiền và mấy ngày xong", "documents fee duration"),
    ("đăng ký kết hôn cần giấy tờ gì và nộp ở đâu", "documents where"),
    ("làm lại căn cước hết bao nhiêu tiền, mấy ngày có", "fee duration"),
    ("phí bảo vệ môi trường", ""),
    ("nộp phí bảo vệ môi trường ở đâu", "where"),
    ("xin tiền mai táng phí", ""),
    ("xin tiền mai táng phí cần giấy tờ gì", "documents"),
    ("lệ phí trước bạ", ""),
    ("lệ phí trước bạ nộp ở đâu và bao nhiêu tiền", "where fee"),
    ("chế độ thai sản được hưởng bao nhiêu", "result"),
    ("xin giấy xác nhận điều kiện an ninh trật tự ở đâu", "where"),
    ("giấy phép xây dựng có thời hạn", ""),
    ("đăng ký mẫu con dấu", ""),
    ("đăng ký mẫu dấu ở đâu", "where"),
    ("hồ sơ, lệ phí và thời gian thế nào", "documents fee duration"),
    ("cho hỏi lệ phí, thời gian", "fee duration"),
    ("còn lệ phí thì sao", "fee"),
    ("tôi muốn làm sổ đỏ", ""),
    ("làm hộ chiếu", ""),
    ("thủ tục đăng ký khai sinh", ""),
    ("mẫu đơn tải ở đâu", "form"),
    ("mẫu đơn lấy ở đâu, nộp ở đâu", "form where"),
    ("viết đơn theo mẫu nào, có nộp online được không", "form online"),
    ("nộp online được không và mất bao nhiêu tiền", "online fee"),
    ("nộp online có giảm lệ phí không", ""),
    ("bao lâu có kết quả, kết quả là giấy gì", "duration result"),
    ("giấy đó có giá trị bao lâu", "result"),
    ("xong được cấp giấy gì", "result"),
    ("ai được hưởng, mỗi tháng nhận được bao nhiêu tiền", "condition result"),
    ("theo luật nào, không làm có bị phạt không", "legal"),
    ("không đăng ký thì bị phạt bao nhiêu tiền", "legal"),
    ("bao nhiêu tuổi được thi bằng lái, học phí bao nhiêu", "condition fee"),
    ("các bước làm thế nào", "steps"),
    ("làm thế nào và cần những gì", "steps documents"),
    ("quy trình thế nào, mất mấy ngày, bao nhiêu tiền", "steps duration fee"),
    ("ra xã hay lên tỉnh, đem theo gì", "where documents"),
    ("trong mấy ngày phải đi khai tử, nộp ở đâu", "condition where"),
    ("hồ sơ của tôi tới đâu rồi", ""),
    ("trung tâm hành chính công ở đâu", ""),
    ("mấy giờ mở cửa", ""),
    ("bao nhiêu bộ hồ sơ, có cần công chứng không", "documents"),
    ("màu nào đẹp", ""),
    ("cám ơn bạn", ""),
    ("cần chi, nhiêu tiền, mấy bữa có", "documents fee duration"),
    ("đk kết hôn cần j, bn tiền v ad", "documents fee"),
    ("chủ nhà không cho mượn giấy tờ, giờ đăng ký tạm trú cần giấy gì và làm ở đâu", "documents where"),
    (
        "nhà tôi mới xây xong. Xin hỏi hoàn công cần những giấy tờ gì? Nộp ở cơ quan nào? Mất bao lâu?",
        "documents where duration",
    ),
    ("xin giấy độc thân ở đâu", "where"),
    ("thì xin giấy gì", ""),
    ("hoàn thuế thu nhập cá nhân", ""),
    ("xin miễn giảm học phí cần giấy gì", "documents"),
    ("đăng ký thời gian làm thêm giờ", ""),
    ("gia hạn thời hạn cho thuê đất", ""),
    ("kết quả", "result"),
    ("điều kiện và hồ sơ", "condition documents"),
    ("hồ sơ gồm những gì", "documents"),
    ("hồ sơ đăng ký hộ kinh doanh gồm những gì", "documents"),
    ("thành phần hồ sơ", "documents"),
    ("thời hạn giải quyết là mấy ngày", "duration"),
    ("nộp hồ sơ rồi làm gì tiếp", "steps"),
    ("mức phạt bao nhiêu", "legal"),
    ("ủy quyền cho con đi nộp được không, cần giấy gì", "condition documents"),
    ("vào trang nào để nộp, lệ phí bao nhiêu", "online fee"),
    ("cơ quan nào cấp giấy phép lao động", "where"),
    ("rứa nộp ở mô, mất mấy bữa", "where duration"),
    ("cấp lại giấy phép lái xe", ""),
    ("tặng cho đất cho con thì thuế phải đóng bao nhiêu", "fee"),
    ("hạn chót là khi nào", "condition"),
    ("làm căn cước bao giờ lấy được", "duration"),
    ("có lấy liền không", "duration"),
    ("xin mẫu tờ khai", "form"),
    ("giấy khai sinh có giá trị mấy năm", "result"),
    ("phải làm gì, gặp ai", "steps where"),
    ("công bố kết quả nghiên cứu khoa học", ""),
    ("phúc khảo kết quả thi", ""),
    ("khiếu nại quyết định thu hồi đất ở đâu", "where"),
    ("thẩm định quy trình vận hành hồ chứa mất bao lâu", "duration"),
    ("đăng ký hợp đồng theo mẫu cần giấy tờ gì", "documents"),
    ("làm mất giấy tờ gốc rồi", ""),
    ("em cần hỏi thủ tục, giấy tờ, chi phí đổi bằng lái", "documents"),
    ("nộp hồ sơ ở đâu và khi nào nhận được kết quả", "where duration"),
    ("lệ phí trước bạ bao nhiêu", "fee"),
    ("phí bảo vệ môi trường bao nhiêu, nộp ở đâu", "fee where"),
    ("xin cấp giấy chứng nhận đủ điều kiện vệ sinh an toàn thực phẩm", ""),
    (
        "xin cấp giấy chứng nhận đủ điều kiện vệ sinh an toàn thực phẩm cần điều kiện gì, hồ sơ gồm những gì",
        "condition documents",
    ),
    ("hỗ trợ chi phí học tập được bao nhiêu tiền một tháng", "result"),
    ("được trợ cấp bao nhiêu", "result"),
    ("thủ tục ra sao, đóng bao nhiêu, chờ mấy tuần", "steps fee duration"),
    ("xin link nộp hồ sơ", "online"),
    ("cho em hỏi giấy tờ, lệ phí với ạ", "documents fee"),
    ("đăng ký tạm trú trên vneid được không, có mất phí không", "online fee"),
    ("xin trích lục bản sao, lấy ở đâu", "where"),
    ("nhà nước có chính sách gì cho người già", ""),
    ("anh ơi giúp em với", ""),
]


@pytest.mark.parametrize(("message", "aspects"), ASKED)
def test_what_is_asked_by_name_is_read_in_order(message: str, aspects: str) -> None:
    assert aspects_of(message) == tuple(aspects.split())


@pytest.mark.parametrize("message", [message for message, _ in ASKED])
def test_missing_accents_make_no_difference(message: str) -> None:
    assert aspects_of(fold(message)) == aspects_of(message)


def test_accents_that_are_typed_must_be_those_of_the_phrase() -> None:
    assert aspects_of("mấy ngày") == aspects_of("mấy ngay") == ("duration",)
    assert aspects_of("máy ngày hỏng") == ()


def test_a_clause_ends_what_a_gap_may_span() -> None:
    assert aspects_of("mẫu đơn xin cấp lại ở đâu") == ("form",)
    assert aspects_of("đây là mẫu đơn, làm ở đâu") == ("where",)


def test_the_story_of_a_long_letter_asks_nothing() -> None:
    story = "Hôm trước tôi hỏi cán bộ là nộp ở đâu thì họ chỉ tôi lên phường. " * 3 + "Nhà tôi ở xa lắm. "
    assert aspects_of(f"{story}Vậy xin cho hỏi làm lại giấy này hết bao nhiêu tiền?") == ("fee",)


@given(st.text(max_size=300))
def test_any_text_is_read_without_error(text: str) -> None:
    found = aspects_of(text)
    assert len(set(found)) == len(found)


@given(st.lists(st.sampled_from([message for message, _ in ASKED]), max_size=4))
def test_messages_put_together_ask_for_no_more_than_their_parts(messages: list[str]) -> None:
    together = aspects_of(". ".join(messages))
    assert set(together) <= {aspect for message in messages for aspect in aspects_of(message)} | LISTED


# Two bare names in one message make a list, one alone in a message that asks something else does not.
LISTED = {"result"}


@pytest.mark.parametrize("unit", ["có ", "bao nhiêu ", "mẫu ", "a", "hồ sơ,", "?!", "phí có được miễn "])
def test_rubbish_takes_linear_time(unit: str) -> None:
    aspects_of("")
    began = time.perf_counter()
    aspects_of((unit * 10_000)[:10_000])
    assert time.perf_counter() - began < 2.0


def test_a_message_takes_about_a_thousandth_of_a_second() -> None:
    aspects_of("")
    times = []
    for message, _ in ASKED:
        began = time.perf_counter()
        aspects_of(message)
        times.append(time.perf_counter() - began)
    assert median(times) < 0.01


@pytest.mark.parametrize("pattern", ["* ở đâu", "mẫu *", "[mẫu]"])
def test_a_faulty_pattern_is_named(pattern: str) -> None:
    table = {kind: [] for kind in (*_kinds(), "nothing", "around")} | {"fee": [pattern]}
    with pytest.raises(AskingError, match="begins or ends with a gap"):
        _Table(table | {"listed": {kind: [] for kind in _kinds()}})


def test_a_table_without_an_aspect_is_refused() -> None:
    with pytest.raises(AskingError, match="one list for each aspect"):
        _Table({"fee": []})


def _kinds() -> set[str]:
    return {phrase.kind for phrases in _table().by_first.values() for phrase in phrases} - {"nothing"}
