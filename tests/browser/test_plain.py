"""The chat at /chat in a browser that runs no scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.steps import QUESTION
from tests.simulators.rasa import RasaSimulator
from tests.simulators.server import LoopbackServer

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_whole_conversation_without_scripts(
    gateway: LoopbackServer, visit: Callable[..., Any], rasa: RasaSimulator, size: tuple[int, int]
) -> None:
    page = visit(f"{gateway.url}/chat", size, java_script_enabled=False)
    page.get_by_label("Câu hỏi", exact=True).fill(QUESTION)
    page.get_by_role("button", name="Gửi", exact=True).click()
    page.get_by_text("Mang theo bản gốc để cán bộ đối chiếu.").wait_for()
    assert page.url.endswith("/chat#moi")
    page.get_by_role("button", name="Lệ phí").click()
    page.get_by_text("được miễn lệ phí").wait_for()
    page.reload()
    assert page.locator(".said").all_inner_texts() == [QUESTION, "Lệ phí"]
    assert rasa.messages == [QUESTION, '/ask_fee{"procedure":"1.001193"}']
    cookies = page.context.cookies()
    assert [(one["name"], one["httpOnly"], one["sameSite"], one["path"]) for one in cookies] == [
        ("motcua_chat", True, "Lax", "/chat")
    ]
    page.get_by_role("link", name="Xóa trò chuyện").click()
    page.get_by_role("button", name="Xóa", exact=True).click()
    page.get_by_text("Đã xóa cuộc trò chuyện.").wait_for()
    assert page.context.cookies() == []
    assert page.locator(".said").count() == 0
