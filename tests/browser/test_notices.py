"""Notices in the chat: shown when they come, once, also after a break and a reload; counted while it is closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from channels.notices import WebNotices
from motcua.database import open_database
from motcua.notice import Notice, Outcome
from motcua.reply import Reply
from tests.browser.steps import answers, ask, come_back, open_chat
from tests.simulators.server import LoopbackServer

pytestmark = pytest.mark.browser

SAID = "Hồ sơ có số cuối 0001 đã xử lý xong."


class Office:
    """Sends notices into the conversation that a page shows."""

    def __init__(self, page: Any, home: Path) -> None:
        token = page.evaluate("JSON.parse(localStorage.getItem(`motcua@${location.origin}.token`))")
        self._session = token.split(".")[0]
        self._notices = WebNotices(open_database(f"sqlite:///{home / 'motcua.db'}"))

    def deliver(self, number: int) -> None:
        reply = Reply(kind="status_result", text=f"{SAID} ({number})")
        assert self._notices.deliver(Notice(f"{number:032x}", self._session, reply)) is Outcome.SENT


def test_a_notice_is_shown_once_live_after_a_break_and_after_a_reload(
    page: Any, gateway: LoopbackServer, tmp_path: Path
) -> None:
    ask(page, "đăng ký khai sinh")
    answers(page).wait_for()
    office = Office(page, tmp_path)
    office.deliver(1)
    page.get_by_text(f"{SAID} (1)").last.wait_for()
    page.goto("about:blank")
    # It stands in the history and is kept for the next stream as well.
    office.deliver(2)
    page.goto(gateway.url)
    open_chat(page)
    page.get_by_text(f"{SAID} (2)").wait_for()
    page.wait_for_timeout(3000)
    assert page.locator(".card").get_by_text(SAID).count() == 2
    come_back(page)
    page.get_by_text(f"{SAID} (2)").wait_for()
    office.deliver(3)
    page.locator(".card").get_by_text(f"{SAID} (3)").wait_for()
    page.wait_for_timeout(3000)
    assert page.locator(".card").get_by_text(SAID).count() == 3
    assert page.locator(".mine").count() == 1


def test_what_comes_while_the_chat_is_closed_is_counted_on_the_button(desktop: Any, tmp_path: Path) -> None:
    ask(desktop, "đăng ký khai sinh")
    answers(desktop).wait_for()
    office = Office(desktop, tmp_path)
    desktop.keyboard.press("Escape")
    desktop.locator(".panel").wait_for(state="hidden")
    office.deliver(1)
    desktop.get_by_role("button", name="Hỏi thủ tục, 1 tin chưa đọc").wait_for()
    office.deliver(2)
    desktop.locator(".badge").get_by_text("2").wait_for()
    desktop.reload()
    desktop.locator(".badge").get_by_text("2").wait_for()
    open_chat(desktop)
    desktop.locator(".badge").wait_for(state="hidden")
    come_back(desktop)
    assert desktop.locator(".badge").is_hidden()
