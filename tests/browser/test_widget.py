"""A visitor with the chat open on a portal's page."""

from __future__ import annotations

from typing import Any

import pytest

from motcua.reply import Choice, Item, Reply, Section, Source
from tests.browser.steps import QUESTION, answers, ask, come_back, within
from tests.simulators import rasa as simulated
from tests.simulators.rasa import Fault, RasaSimulator

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=\"document.title='hit'\"><script>document.title='hit'</script>"


def test_an_answer_shows_documents_counts_source_and_receipt(page: Any) -> None:
    ask(page, QUESTION)
    card = answers(page).locator(".card")
    card.wait_for()
    assert card.get_by_role("heading").all_inner_texts() == ["Giấy tờ phải nộp", "Giấy tờ phải xuất trình"]
    assert card.get_by_role("listitem").count() == 3
    assert card.locator(".count").all_inner_texts() == ["1 bản chính", "1 bản chính"]
    link = card.get_by_role("link", name="Cổng Dịch vụ công quốc gia")
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
    page.keyboard.press("Escape")
    page.locator(".launcher:focus").wait_for()
    page.keyboard.press("Enter")
    page.get_by_label("Câu hỏi", exact=True).focus()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    answers(page).wait_for()
    for _ in range(30):
        if within(page, "return root.activeElement.textContent") == "Lệ phí":
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    answers(page).nth(1).wait_for()
    assert rasa.messages == [QUESTION, '/ask_fee{"procedure":"1.001193"}']
    assert page.locator(".mine .said").all_inner_texts() == [QUESTION, "Lệ phí"]


def test_while_the_bot_thinks_the_page_says_so(desktop: Any, rasa: RasaSimulator) -> None:
    rasa.delay = 0.6
    ask(desktop, QUESTION)
    desktop.get_by_text("đang tìm câu trả lời").wait_for()
    answers(desktop).wait_for()
    desktop.get_by_text("đang tìm câu trả lời").wait_for(state="detached")


def test_messages_sent_fast_are_answered_in_their_order(desktop: Any, rasa: RasaSimulator) -> None:
    rasa.delay = 0.1
    for n in range(4):
        ask(desktop, f"câu {n}")
    answers(desktop).nth(3).wait_for()
    assert rasa.messages == [f"câu {n}" for n in range(4)]


def test_a_failed_question_is_asked_again_with_one_button(desktop: Any, rasa: RasaSimulator) -> None:
    rasa.fault = Fault.ERROR
    ask(desktop, QUESTION)
    desktop.get_by_text("Xin lỗi").wait_for()
    rasa.fault = Fault.NONE
    desktop.get_by_role("button", name="Thử lại").click()
    answers(desktop).get_by_text("Giấy chứng sinh").wait_for()
    assert desktop.locator(".trouble").count() == 0
    assert desktop.locator(".mine").count() == 1


def test_the_conversation_survives_a_reload(desktop: Any) -> None:
    ask(desktop, QUESTION)
    answers(desktop).wait_for()
    before = desktop.get_by_role("log").inner_text()
    assert "Giấy chứng sinh" in before
    come_back(desktop)
    answers(desktop).wait_for()
    assert desktop.get_by_role("log").inner_text() == before
    desktop.get_by_role("button", name="Nơi nộp").click()
    answers(desktop).nth(1).wait_for()


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
    assert page.evaluate("localStorage.length") == 0
    come_back(page)
    assert answers(page).count() == 0


def test_a_session_that_has_ended_is_renewed(desktop: Any) -> None:
    desktop.evaluate("localStorage.setItem(`motcua@${location.origin}.token`, JSON.stringify('0'.repeat(32) + '.x'))")
    ask(desktop, QUESTION)
    answers(desktop).get_by_text("Giấy chứng sinh").wait_for()
    desktop.get_by_text("Phiên trước đã hết").wait_for()


def test_what_people_and_records_say_is_never_markup(
    desktop: Any, rasa: RasaSimulator, monkeypatch: pytest.MonkeyPatch
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
    title = desktop.title()
    ask(desktop, HOSTILE)
    answers(desktop).wait_for()
    come_back(desktop)
    answers(desktop).wait_for()
    assert desktop.title() == title
    assert desktop.locator(".log img, .log script, .log a:not(.tool)").count() == 0
    assert HOSTILE in desktop.locator(".mine .said").inner_text()


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
    desktop: Any, monkeypatch: pytest.MonkeyPatch, address: str, is_link: bool
) -> None:
    reply = Reply(kind="other", text=f"Xem tại {address}.", source=Source(url=address))
    monkeypatch.setattr(simulated, "_reply_to", lambda _: reply)
    ask(desktop, "ở đâu")
    answers(desktop).wait_for()
    assert address in answers(desktop).inner_text() or is_link
    assert desktop.locator(".log a").count() == (2 if is_link else 0)
    assert desktop.get_by_text("ngoài danh mục").count() == (0 if is_link else 2)


def test_a_list_to_choose_from_is_shown_once_and_numbered(desktop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    choices = (
        Choice(title="Kết hôn trong nước", payload="ask:overview:1.000894"),
        Choice(title="Kết hôn với người nước ngoài", payload="ask:overview:1.000806"),
    )
    text = "Chọn một việc:\n1. Kết hôn trong nước\n2. Kết hôn với người nước ngoài\nhoặc nhắn số thứ tự."
    reply = Reply(kind="clarify", text=text, choices=choices)
    monkeypatch.setattr(simulated, "_reply_to", lambda _: reply)
    ask(desktop, "kết hôn")
    answers(desktop).wait_for()
    assert desktop.locator(".choice").all_inner_texts() == [
        "1. Kết hôn trong nước",
        "2. Kết hôn với người nước ngoài",
    ]
    assert answers(desktop).inner_text().count("Kết hôn trong nước") == 1
    assert "hoặc nhắn số thứ tự." in answers(desktop).inner_text()
