"""Bad networks: nothing is lost, nothing is asked twice, and the person knows what goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from channels.notices import WebNotices
from motcua.database import open_database
from motcua.notice import Notice
from motcua.reply import Reply
from tests.browser.conftest import PHONE
from tests.browser.steps import QUESTION, answers, ask, come_back, open_chat, within
from tests.simulators.rasa import RasaSimulator
from tests.simulators.server import LoopbackServer

pytestmark = pytest.mark.browser

MESSAGES = "**/api/v1/chat/messages"
EVENTS = "**/api/v1/chat/events"


def test_what_is_asked_offline_goes_once_and_in_order_when_the_network_is_back(
    desktop: Any, rasa: RasaSimulator
) -> None:
    desktop.context.set_offline(True)
    ask(desktop, QUESTION)
    ask(desktop, "đăng ký kết hôn")
    desktop.get_by_text("Tôi sẽ tự gửi khi có mạng lại").wait_for()
    desktop.context.set_offline(False)
    answers(desktop).nth(1).wait_for()
    assert rasa.messages == [QUESTION, "đăng ký kết hôn"]
    assert (
        desktop.locator(".mine, .theirs").evaluate_all("(all) => all.map((one) => one.classList[1])")
        == [
            "mine",
            "theirs",
        ]
        * 2
    )
    assert desktop.get_by_text("Tôi sẽ tự gửi").count() == 0


def test_it_goes_even_after_the_page_was_loaded_anew(desktop: Any, rasa: RasaSimulator) -> None:
    desktop.route(MESSAGES, lambda route: route.abort())
    ask(desktop, QUESTION)
    desktop.get_by_text("Tôi sẽ tự gửi khi có mạng lại").wait_for()
    come_back(desktop)
    desktop.locator(".mine").get_by_text(QUESTION).wait_for()
    desktop.unroute(MESSAGES)
    answers(desktop).wait_for()
    assert rasa.messages == [QUESTION]


def test_an_answer_lost_on_its_way_is_fetched_again_and_not_asked_again(desktop: Any, rasa: RasaSimulator) -> None:
    lost = []

    def lose_first(route: Any) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
        else:
            lost.append(route.fetch())
            route.abort("connectionreset")

    desktop.route(MESSAGES, lose_first)
    ask(desktop, QUESTION)
    answers(desktop).wait_for()
    assert len(lost) == 1
    assert rasa.messages == [QUESTION]


def test_the_time_between_tries_grows(desktop: Any) -> None:
    times: list[float] = []

    def refuse(route: Any) -> None:
        times.append(desktop.evaluate("performance.now()"))
        route.abort()

    # The page's own clock is turned by hand, so that nobody waits.
    desktop.clock.install()
    desktop.route(MESSAGES, lambda route: refuse(route) if route.request.method == "POST" else route.continue_())
    ask(desktop, QUESTION)
    for wait in (0, 1000, 2000, 4000, 8000):
        desktop.clock.run_for(wait)
        desktop.get_by_text("Tôi sẽ tự gửi khi có mạng lại").wait_for()
    gaps = [round((late - early) / 1000) for early, late in pairwise(times)]
    assert gaps[:3] == [1, 2, 4]


def test_an_answer_that_stalls_says_so_after_eight_seconds_and_can_be_asked_for_again(
    desktop: Any, rasa: RasaSimulator
) -> None:
    held: list[Any] = []
    desktop.clock.install()
    desktop.route(MESSAGES, lambda route: held.append(route) if not held else route.continue_())
    ask(desktop, QUESTION)
    desktop.get_by_text("Trợ lý đang tìm").wait_for()
    desktop.clock.run_for(7_500)
    assert desktop.get_by_text("lâu hơn thường lệ").count() == 0
    desktop.clock.run_for(1_000)
    desktop.get_by_text("lâu hơn thường lệ").wait_for()
    desktop.get_by_role("button", name="Thử lại").click()
    answers(desktop).wait_for()
    assert desktop.get_by_text("lâu hơn thường lệ").count() == 0
    assert rasa.messages == [QUESTION]


def test_a_proxy_page_instead_of_an_answer_counts_as_a_bad_network(desktop: Any, rasa: RasaSimulator) -> None:
    desktop.route(MESSAGES, lambda route: route.fulfill(status=502, body="<html>Bad gateway</html>"))
    ask(desktop, QUESTION)
    desktop.get_by_text("Tôi sẽ tự gửi khi có mạng lại").wait_for()
    desktop.unroute(MESSAGES)
    answers(desktop).wait_for()
    assert rasa.messages == [QUESTION]


def test_too_many_questions_are_told_how_long_to_wait(
    open_gateway: Callable[..., LoopbackServer], visit: Callable[..., Any], rasa: RasaSimulator
) -> None:
    page = visit(open_gateway(rate_per_session="2/minute").url, PHONE)
    open_chat(page)
    for n in range(2):
        ask(page, f"câu {n}")
        answers(page).nth(n).wait_for()
    ask(page, "câu 2")
    page.get_by_text("Anh/chị gửi hơi nhanh").wait_for()
    assert "Thử lại sau" in page.locator(".trouble").inner_text()
    assert rasa.messages == ["câu 0", "câu 1"]
    assert page.get_by_role("button", name="Thử lại").is_visible()


class TestLaterReplies:
    @pytest.fixture
    def deliver(self, tmp_path: Path) -> Callable[[Any, int], None]:
        def put(page: Any, number: int) -> None:
            token = page.evaluate("JSON.parse(localStorage.getItem(`motcua@${location.origin}.token`))")
            notices = WebNotices(open_database(f"sqlite:///{tmp_path / 'motcua.db'}"))
            notices.deliver(Notice(f"{number:032x}", token.split(".")[0], Reply(kind="other", text=f"Tin số {number}")))

        return put

    def test_where_no_stream_passes_they_are_asked_for(self, desktop: Any, deliver: Callable[[Any, int], None]) -> None:
        desktop.clock.install()
        desktop.route(EVENTS, lambda route: route.abort())
        ask(desktop, QUESTION)
        answers(desktop).wait_for()
        deliver(desktop, 1)
        for _ in range(40):
            desktop.clock.run_for(1_000)
            if desktop.locator(".card").get_by_text("Tin số 1").count():
                break
        desktop.locator(".card").get_by_text("Tin số 1").wait_for()

    def test_a_stream_that_breaks_is_opened_again(self, desktop: Any, deliver: Callable[[Any, int], None]) -> None:
        opened = []

        def break_first(route: Any) -> None:
            opened.append(1)
            if len(opened) == 1:
                route.fulfill(status=200, content_type="text/event-stream", body=": listening\n\n")
            else:
                route.continue_()

        desktop.route(EVENTS, break_first)
        ask(desktop, QUESTION)
        answers(desktop).wait_for()
        deliver(desktop, 1)
        desktop.locator(".card").get_by_text("Tin số 1").wait_for()
        assert len(opened) >= 2

    def test_an_officer_answers_in_the_same_place_and_is_announced_once(
        self, desktop: Any, deliver: Callable[[Any, int], None]
    ) -> None:
        ask(desktop, QUESTION)
        answers(desktop).wait_for()
        body = json.dumps({"message_id": "f" * 32, "replies": []})
        desktop.route(
            MESSAGES,
            lambda route: (
                route.fulfill(status=200, content_type="application/json", body=body)
                if route.request.method == "POST"
                else route.continue_()
            ),
        )
        ask(desktop, "tôi cần gặp người")
        desktop.locator(".officer").get_by_text("Cán bộ sẽ trả lời tại đây").wait_for()
        ask(desktop, "còn một việc nữa")
        desktop.get_by_text("Trợ lý đang tìm").wait_for(state="detached")
        assert desktop.locator(".officer").count() == 1
        deliver(desktop, 1)
        desktop.locator(".card").get_by_text("Tin số 1").wait_for()

    def test_a_restored_conversation_with_an_officer_is_not_called_unanswered(self, desktop: Any) -> None:
        ask(desktop, QUESTION)
        answers(desktop).wait_for()

        def entry(number: int, text: str, *replies: Reply) -> dict[str, Any]:
            return {
                "message_id": f"{number:032x}",
                "client_message_id": f"m{number}" if text else f"notice:{number}",
                "text": text,
                "received_at": "2026-11-22T08:00:00Z",
                "replies": [reply.model_dump(mode="json") for reply in replies],
            }

        messages = [
            entry(1, "gặp cán bộ", Reply(kind="handoff", text="Tôi đã chuyển cho cán bộ.")),
            entry(2, "tôi hỏi thêm"),
            entry(3, "", Reply(kind="other", text="Cán bộ đây.")),
            entry(4, "còn một việc"),
            entry(5, "khai sinh", Reply(kind="other", text="Trợ lý đây.")),
            entry(6, "câu bị mất"),
        ]
        body = json.dumps({"messages": messages})
        desktop.route("**/chat/messages?*", lambda route: route.fulfill(content_type="application/json", body=body))
        come_back(desktop)
        desktop.get_by_text("Câu hỏi này chưa được trả lời").wait_for()
        assert desktop.locator(".officer").count() == 1
        assert desktop.locator(".state").count() == 1
        assert desktop.locator(".mine", has_text="câu bị mất").locator(".state").count() == 1


class TestTabs:
    def test_two_tabs_show_one_conversation(self, desktop: Any, gateway: LoopbackServer, rasa: RasaSimulator) -> None:
        other = desktop.context.new_page()
        other.goto(gateway.url)
        open_chat(other)
        ask(desktop, QUESTION)
        answers(other).get_by_text("Giấy chứng sinh").wait_for()
        ask(other, "đăng ký kết hôn")
        answers(desktop).nth(1).wait_for()
        for tab in (desktop, other):
            assert tab.locator(".mine .said").all_inner_texts() == [QUESTION, "đăng ký kết hôn"]
            assert answers(tab).count() == 2
        assert len({heard.sender for heard in rasa.heard}) == 1

    def test_erasing_in_one_erases_in_the_other(self, desktop: Any, gateway: LoopbackServer) -> None:
        ask(desktop, QUESTION)
        answers(desktop).wait_for()
        other = desktop.context.new_page()
        other.goto(gateway.url)
        open_chat(other)
        answers(other).wait_for()
        desktop.get_by_role("button", name="Xóa trò chuyện").click()
        desktop.get_by_role("button", name="Xóa", exact=True).click()
        answers(other).wait_for(state="detached")
        assert within(other, "return root.querySelector('.greeting').hidden") is False

    def test_what_a_closed_tab_could_not_send_goes_from_another(
        self, desktop: Any, gateway: LoopbackServer, rasa: RasaSimulator
    ) -> None:
        other = desktop.context.new_page()
        other.goto(gateway.url)
        open_chat(other)
        desktop.context.set_offline(True)
        ask(desktop, QUESTION)
        desktop.get_by_text("Tôi sẽ tự gửi khi có mạng lại").wait_for()
        other.locator(".mine").get_by_text(QUESTION).wait_for()
        desktop.close()
        other.context.set_offline(False)
        answers(other).wait_for()
        assert rasa.messages == [QUESTION]


def test_an_answer_that_comes_after_erasing_is_not_shown_nor_asked_again(desktop: Any, rasa: RasaSimulator) -> None:
    ask(desktop, "xin chào")
    answers(desktop).wait_for()
    rasa.delay = 1.2
    ask(desktop, QUESTION)
    desktop.get_by_text("Trợ lý đang tìm").wait_for()
    desktop.get_by_role("button", name="Xóa trò chuyện").click()
    desktop.get_by_role("button", name="Xóa", exact=True).click()
    desktop.get_by_text("Đã xóa cuộc trò chuyện.").wait_for()
    desktop.get_by_text("Trợ lý đang tìm").wait_for(state="detached")
    assert answers(desktop).count() == 0
    assert rasa.messages == ["xin chào", QUESTION]
    assert desktop.evaluate("localStorage.length") == 0
