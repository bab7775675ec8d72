"""What can be done with an answer: rate, copy, print, hear, speak, ask for a person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from motcua.database import open_database
from tests.browser.steps import QUESTION, answers, ask, come_back, open_chat
from tests.simulators.rasa import RasaSimulator
from tests.simulators.server import LoopbackServer

pytestmark = pytest.mark.browser

SPEECH = """
  window.said = [];
  class Said { constructor(text) { this.text = text; } }
  const voices = [{ lang: "en-US", name: "Anna" }, { lang: "vi-VN", name: "Linh" }];
  const speak = (one) => {
    window.said.push([one.lang, one.voice?.name, one.text]);
    window.speaking = one;
  };
  const speech = { getVoices: () => voices, cancel: () => window.said.push("cancel"), speak };
  Object.defineProperty(window, "SpeechSynthesisUtterance", { value: Said });
  Object.defineProperty(window, "speechSynthesis", { value: speech });
  class Recognition {
    start() { window.hearing = this; }
    stop() { this.onend(); }
    abort() {}
    hear(...texts) { this.onresult({ results: texts.map((transcript) => [{ transcript }]) }); }
  }
  Object.defineProperty(window, "webkitSpeechRecognition", { value: Recognition });
  Object.defineProperty(window, "SpeechRecognition", { value: Recognition });
"""
SILENCE = """
  delete window.SpeechRecognition;
  delete window.webkitSpeechRecognition;
  delete window.speechSynthesis;
"""


@pytest.fixture
def talking(gateway: LoopbackServer, visit: Callable[..., Any]) -> Any:
    """A page in a browser that speaks and hears."""
    page = visit("about:blank")
    page.add_init_script(SPEECH)
    page.goto(gateway.url)
    open_chat(page)
    return page


def ratings(home: Path) -> list[tuple[bool, str]]:
    engine = open_database(f"sqlite:///{home / 'motcua.db'}")
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT useful, reason FROM message_rating").all()
    engine.dispose()
    return [(bool(useful), reason) for useful, reason in rows]


def test_a_rating_is_kept_and_the_last_one_counts(page: Any, tmp_path: Path) -> None:
    ask(page, QUESTION)
    answers(page).wait_for()
    useful, wrong = page.get_by_role("button", name="Hữu ích"), page.get_by_role("button", name="Chưa đúng")
    useful.click()
    page.get_by_text("Cảm ơn anh/chị đã góp ý.").wait_for()
    assert ratings(tmp_path) == [(True, "")]
    assert not page.get_by_role("button", name="Khó hiểu").is_visible()
    wrong.click()
    page.get_by_text("Xin chọn điểm chưa đúng").wait_for()
    page.get_by_role("button", name="Khó hiểu").click()
    page.get_by_text("Cảm ơn anh/chị đã góp ý.").wait_for()
    assert ratings(tmp_path) == [(False, "unclear")]
    come_back(page)
    assert wrong.get_attribute("aria-pressed") == "true"
    assert page.get_by_role("button", name="Khó hiểu").get_attribute("aria-pressed") == "true"
    assert useful.get_attribute("aria-pressed") == "false"


def test_a_rating_that_could_not_be_sent_says_so(desktop: Any) -> None:
    ask(desktop, QUESTION)
    answers(desktop).wait_for()
    desktop.context.set_offline(True)
    desktop.get_by_role("button", name="Hữu ích").click()
    desktop.get_by_text("Không kết nối được").wait_for()


def test_only_answers_are_rated(desktop: Any) -> None:
    ask(desktop, "đăng ký kết hôn")
    answers(desktop).wait_for()
    assert desktop.get_by_role("button", name="Hữu ích").count() == 0


@pytest.mark.parametrize("secure", [True, False])
def test_an_answer_is_copied_as_plain_text(gateway: LoopbackServer, visit: Callable[..., Any], secure: bool) -> None:
    page = visit(gateway.url, permissions=["clipboard-read", "clipboard-write"])
    if not secure:
        page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })")
    open_chat(page)
    ask(page, QUESTION)
    answers(page).wait_for()
    page.get_by_role("button", name="Sao chép").click()
    page.get_by_role("button", name="Đã chép").wait_for()
    if not secure:
        page.evaluate("delete navigator.clipboard")
    text = page.evaluate("navigator.clipboard.readText()")
    assert text.startswith("Để đăng ký khai sinh") and "Mang theo bản gốc" in text


def test_a_list_of_documents_leads_to_its_printed_sheet(desktop: Any, gateway: LoopbackServer) -> None:
    ask(desktop, QUESTION)
    answers(desktop).wait_for()
    link = desktop.get_by_role("link", name="In phiếu")
    assert link.get_attribute("href") == f"{gateway.url}/phieu/A7K2-M4QX"
    assert link.get_attribute("target") == "_blank"
    desktop.get_by_role("button", name="Lệ phí").click()
    answers(desktop).nth(1).wait_for()
    assert desktop.get_by_role("link", name="In phiếu").count() == 1


def test_a_person_is_asked_for_with_one_press(desktop: Any, rasa: RasaSimulator) -> None:
    desktop.get_by_role("button", name="Gặp cán bộ").click()
    desktop.locator(".mine").get_by_text("Gặp cán bộ").wait_for()
    answers(desktop).wait_for()
    assert len(rasa.messages) <= 1 and rasa.messages in ([], ["/handoff"])


class TestReadingAloud:
    def test_a_vietnamese_voice_reads_the_answer_without_its_addresses(self, talking: Any) -> None:
        ask(talking, QUESTION)
        answers(talking).wait_for()
        talking.get_by_role("button", name="Đọc to").click()
        talking.get_by_role("button", name="Dừng đọc").wait_for()
        lang, voice, text = talking.evaluate("window.said.at(-1)")
        assert (lang, voice) == ("vi-VN", "Linh")
        assert text.startswith("Để đăng ký khai sinh") and "http" not in text
        talking.evaluate("window.speaking.onend()")
        talking.get_by_role("button", name="Đọc to").wait_for()

    def test_it_stops_by_hand_and_by_the_next_question(self, talking: Any) -> None:
        ask(talking, QUESTION)
        answers(talking).wait_for()
        talking.get_by_role("button", name="Đọc to").click()
        talking.get_by_role("button", name="Dừng đọc").click()
        talking.get_by_role("button", name="Đọc to").wait_for()
        assert talking.evaluate("window.said.at(-1)") == "cancel"
        talking.get_by_role("button", name="Đọc to").click()
        ask(talking, "đăng ký kết hôn")
        talking.get_by_role("button", name="Dừng đọc").wait_for(state="detached")
        assert talking.evaluate("window.said.at(-1)") == "cancel"


class TestDictation:
    def test_what_is_heard_stands_in_the_line_and_is_not_sent_by_itself(
        self, talking: Any, rasa: RasaSimulator
    ) -> None:
        talking.get_by_label("Câu hỏi", exact=True).fill("cho tôi hỏi")
        talking.get_by_role("button", name="Nói thay vì gõ").click()
        talking.evaluate("window.hearing.hear('đăng')")
        talking.evaluate("window.hearing.hear('đăng ký', 'khai sinh')")
        stop = talking.get_by_role("button", name="Dừng ghi giọng nói")
        assert stop.get_attribute("aria-pressed") == "true"
        stop.click()
        assert talking.get_by_label("Câu hỏi", exact=True).input_value() == "cho tôi hỏi đăng ký khai sinh"
        assert talking.evaluate("window.hearing.lang") == "vi-VN"
        assert rasa.messages == []
        talking.get_by_role("button", name="Gửi", exact=True).click()
        answers(talking).wait_for()
        assert rasa.messages == ["cho tôi hỏi đăng ký khai sinh"]

    def test_a_browser_without_it_shows_no_button(self, gateway: LoopbackServer, visit: Callable[..., Any]) -> None:
        page = visit("about:blank")
        page.add_init_script(SILENCE)
        page.goto(gateway.url)
        open_chat(page)
        assert page.get_by_role("button", name="Nói thay vì gõ").count() == 0
        ask(page, QUESTION)
        answers(page).wait_for()
        assert page.get_by_role("button", name="Đọc to").count() == 0


def test_a_question_of_the_page_opens_the_chat_and_is_asked(
    gateway: LoopbackServer, visit: Callable[..., Any], rasa: RasaSimulator
) -> None:
    page = visit(gateway.url)
    page.get_by_role("button", name="Hộ tịch").click()
    answers(page).wait_for()
    assert rasa.messages == ["thủ tục đăng ký khai sinh"]


def test_the_line_of_html_is_copied_from_the_page(gateway: LoopbackServer, visit: Callable[..., Any]) -> None:
    page = visit(gateway.url, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Chép dòng này").click()
    page.get_by_role("button", name="Đã chép").wait_for()
    line = page.evaluate("navigator.clipboard.readText()")
    assert line.startswith(f'<script src="{gateway.url}/widget/') and 'integrity="sha384-' in line
