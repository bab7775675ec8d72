"""A visitor at the chat page."""

from __future__ import annotations

from typing import Any

import pytest

from motcua.reply import Choice, Item, Reply, Section, Source
from tests.simulators import rasa as simulated
from tests.simulators.rasa import Fault, RasaSimulator

pytestmark = pytest.mark.browser

QUESTION = "làm giấy khai sinh cho con cần giấy tờ gì"
HOSTILE = "<img src=x onerror=\"document.title='hit'\"><script>document.title='hit'</script>"


def ask(page: Any, text: str) -> None:
    page.get_by_label("Câu hỏi", exact=True).fill(text)
    page.keyboard.press("Enter")


def answers(page: Any) -> Any:
    return page.locator(".theirs")


def test_an_answer_shows_documents_counts_source_and_receipt(page: Any) -> None:
    ask(page, QUESTION)
    card = answers(page).locator(".card")
    card.wait_for()
    assert card.get_by_role("heading").all_inner_texts() == ["Giấy tờ phải nộp", "Giấy tờ phải xuất trình"]
    assert card.get_by_role("listitem").count() == 3
    assert card.locator(".count").all_inner_texts() == ["1 bản chính", "1 bản chính"]
    link = card.get_by_role("link")
    assert link.get_attribute("href").startswith("https://dichvucong.gov.vn/")
    assert link.get_attribute("rel") == "noopener noreferrer"
    text = card.inner_text()
    assert "18/07/2026" in text and "A7K2-M4QX" in text and "60/2014/QH13" in text
    # What the sections show is not told twice, what only the text says is told.
    assert text.count("Giấy chứng sinh") == 1
    assert "Mang theo bản gốc để cán bộ đối chiếu." in text


def test_nothing_is_wider_than_the_window(page: Any) -> None:
    ask(page, QUESTION)
    answers(page).wait_for()
    ask(page, "x" * 300)
    answers(page).nth(1).wait_for()
    width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1]


def test_a_choice_is_asked_by_keyboard_alone(page: Any, rasa: RasaSimulator) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    answers(page).wait_for()
    while page.evaluate("document.activeElement.textContent") != "Lệ phí":
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    answers(page).nth(1).wait_for()
    assert rasa.messages == [QUESTION, '/ask_fee{"procedure":"1.001193"}']
    assert page.locator(".mine .said").all_inner_texts() == [QUESTION, "Lệ phí"]


def test_a_screen_reader_hears_the_new_answer_only(page: Any) -> None:
    log = page.get_by_role("log")
    assert (log.get_attribute("aria-live"), log.get_attribute("aria-relevant")) == ("polite", "additions")
    ask(page, QUESTION)
    answers(page).wait_for()
    page.reload()
    page.locator("#log[aria-live=off]").wait_for()
    page.locator("#log[aria-live=polite]").wait_for()


def test_while_the_bot_thinks_the_page_says_so(page: Any, rasa: RasaSimulator) -> None:
    rasa.delay = 0.6
    ask(page, QUESTION)
    page.get_by_role("status").get_by_text("đang tìm câu trả lời").wait_for()
    answers(page).wait_for()
    assert page.get_by_role("status").inner_text() == ""


def test_messages_sent_fast_are_answered_in_their_order(page: Any, rasa: RasaSimulator) -> None:
    rasa.delay = 0.1
    for n in range(4):
        ask(page, f"câu {n}")
    answers(page).nth(3).wait_for()
    assert rasa.messages == [f"câu {n}" for n in range(4)]


def test_a_failed_question_is_asked_again_with_one_button(page: Any, rasa: RasaSimulator) -> None:
    rasa.fault = Fault.ERROR
    ask(page, QUESTION)
    page.get_by_text("Xin lỗi").wait_for()
    rasa.fault = Fault.NONE
    page.get_by_role("button", name="Thử lại").click()
    page.get_by_text("Giấy chứng sinh").wait_for()
    assert page.locator(".trouble").count() == 0
    assert page.locator(".mine").count() == 1


def test_without_a_network_the_question_waits_for_the_button(page: Any) -> None:
    page.context.set_offline(True)
    ask(page, QUESTION)
    page.get_by_text("kiểm tra mạng").wait_for()
    page.context.set_offline(False)
    page.get_by_role("button", name="Thử lại").click()
    page.get_by_text("Giấy chứng sinh").wait_for()


def test_the_conversation_survives_a_reload(page: Any) -> None:
    ask(page, QUESTION)
    answers(page).wait_for()
    before = page.get_by_role("log").inner_text()
    page.reload()
    answers(page).wait_for()
    assert page.get_by_role("log").inner_text() == before
    page.get_by_role("button", name="Nơi nộp").click()
    answers(page).nth(1).wait_for()


def test_erasing_asks_first_and_then_leaves_nothing(page: Any) -> None:
    ask(page, QUESTION)
    answers(page).wait_for()
    page.get_by_role("button", name="Xóa trò chuyện").click()
    page.get_by_role("button", name="Giữ lại").click()
    assert answers(page).count() == 1
    page.get_by_role("button", name="Xóa trò chuyện").click()
    page.get_by_role("button", name="Xóa", exact=True).click()
    page.get_by_text("Đã xóa cuộc trò chuyện.").wait_for()
    assert answers(page).count() == 0
    assert page.evaluate("sessionStorage.length") == 0
    page.reload()
    assert answers(page).count() == 0


def test_a_session_that_has_ended_is_renewed(page: Any) -> None:
    page.evaluate("sessionStorage.setItem('motcua.session', '0'.repeat(32) + '.x')")
    ask(page, QUESTION)
    page.get_by_text("Giấy chứng sinh").wait_for()
    page.get_by_text("Phiên trước đã hết").wait_for()


def test_what_people_and_records_say_is_never_markup(
    page: Any, rasa: RasaSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = Reply(
        kind="answer",
        text=HOSTILE,
        sections=(Section(title=HOSTILE, items=(Item(text=HOSTILE, originals=1, note=HOSTILE),)),),
        choices=(Choice(title=HOSTILE[:80], payload="say:help"),),
        source=Source(url="javascript:document.title='hit'", data_date=HOSTILE, legal_basis=(HOSTILE,)),
        receipt=HOSTILE,
    )
    monkeypatch.setattr(simulated, "_reply_to", lambda _: hostile)
    title = page.title()
    ask(page, HOSTILE)
    answers(page).wait_for()
    page.reload()
    answers(page).wait_for()
    assert page.title() == title
    assert page.locator("#log img, #log script, #log a").count() == 0
    assert HOSTILE in page.locator(".mine .said").inner_text()


@pytest.mark.parametrize(
    ("address", "is_link"),
    [
        ("https://dichvucong.gov.vn/p/1?a=b", True),
        ("https://gov.vn.evil.example/", False),
        ("https://dichvucong.gov.vn@evil.example/", False),
        ("https://evilgov.vn/", False),
    ],
)
def test_links_lead_to_allowed_domains_only(
    page: Any, monkeypatch: pytest.MonkeyPatch, address: str, is_link: bool
) -> None:
    reply = Reply(kind="other", text=f"Xem tại {address}.", source=Source(url=address))
    monkeypatch.setattr(simulated, "_reply_to", lambda _: reply)
    ask(page, "ở đâu")
    answers(page).wait_for()
    assert address in answers(page).inner_text() or is_link
    assert page.locator("#log a").count() == (2 if is_link else 0)


def test_a_list_to_choose_from_is_shown_once_and_numbered(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    choices = (
        Choice(title="Kết hôn trong nước", payload="ask:overview:1.000894"),
        Choice(title="Kết hôn với người nước ngoài", payload="ask:overview:1.000806"),
    )
    text = "Chọn một việc:\n1. Kết hôn trong nước\n2. Kết hôn với người nước ngoài\nhoặc nhắn số thứ tự."
    reply = Reply(kind="clarify", text=text, choices=choices)
    monkeypatch.setattr(simulated, "_reply_to", lambda _: reply)
    ask(page, "kết hôn")
    answers(page).wait_for()
    assert page.locator(".choice").all_inner_texts() == [
        "1. Kết hôn trong nước",
        "2. Kết hôn với người nước ngoài",
    ]
    assert answers(page).inner_text().count("Kết hôn trong nước") == 1
    assert "hoặc nhắn số thứ tự." in answers(page).inner_text()
