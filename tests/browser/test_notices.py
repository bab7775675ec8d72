"""Notices on the page: shown when they come, once, also after a break and a reload."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from channels.notices import WebNotices
from motcua.database import open_database
from motcua.notice import Notice, Outcome
from motcua.reply import Reply
from tests.simulators.server import LoopbackServer

pytestmark = pytest.mark.browser

SAID = "Hồ sơ có số cuối 0001 đã xử lý xong."


def test_a_notice_is_shown_once_live_after_a_break_and_after_a_reload(
    page: Any, gateway: LoopbackServer, tmp_path: Path
) -> None:
    page.get_by_label("Câu hỏi", exact=True).fill("đăng ký khai sinh")
    page.keyboard.press("Enter")
    page.locator(".theirs").wait_for()
    session = page.evaluate("sessionStorage.getItem('motcua.session')").split(".")[0]
    notices = WebNotices(open_database(f"sqlite:///{tmp_path / 'motcua.db'}"))

    def deliver(number: int) -> None:
        reply = Reply(kind="status_result", text=f"{SAID} ({number})")
        assert notices.deliver(Notice(f"{number:032x}", session, reply)) is Outcome.SENT

    deliver(1)
    page.get_by_text(f"{SAID} (1)").wait_for()
    page.goto("about:blank")
    # It stands in the history and is kept for the next stream as well.
    deliver(2)
    page.goto(gateway.url)
    page.get_by_text(f"{SAID} (2)").wait_for()
    page.wait_for_timeout(3000)
    assert page.get_by_text(SAID).count() == 2
    page.reload()
    page.get_by_text(f"{SAID} (2)").wait_for()
    deliver(3)
    page.get_by_text(f"{SAID} (3)").wait_for()
    page.wait_for_timeout(3000)
    assert page.get_by_text(SAID).count() == 3
    assert page.locator(".mine").count() == 1
