"""An officer in a real browser: what the pages do by themselves, and what axe thinks of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from channels.app import create_app
from channels.console import sessions
from channels.console.access import SESSION_COOKIE
from channels.console.tables import StaffAccount
from channels.handover.hours import write_week
from channels.storage import now
from motcua.database import open_database
from motcua.settings import Settings
from tests.browser.conftest import chromium
from tests.channels.handover.conftest import ALWAYS, add_officer, worked_always
from tests.simulators.server import LoopbackServer

pytestmark = pytest.mark.browser

__all__ = ["chromium"]

A_SMALL_LAPTOP = {"width": 1280, "height": 800}
PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def axe() -> str:
    library = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    return (Path(library.__file__).parent / "axe.min.js").read_text("utf-8")


@pytest.fixture
def server(make_settings: Callable[..., Settings], tmp_path: Path) -> Iterator[LoopbackServer]:
    worked_always(tmp_path)
    with LoopbackServer(create_app(make_settings())) as running:
        yield running


@pytest.fixture
def token(server: LoopbackServer, tmp_path: Path) -> str:
    """The session of an officer who has just signed in."""
    engine = open_database(f"sqlite:///{tmp_path / 'motcua.db'}")
    with engine.begin() as connection:
        add_officer(connection)
        write_week(connection, ALWAYS)
        number = connection.scalar(select(StaffAccount.id))
        assert number is not None
        made = sessions.begin(connection, number, 10, now())
    engine.dispose()
    return made


class Person:
    """A visitor of the chat."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        http.headers["Authorization"] = f"Bearer {http.post('/chat/sessions').json()['token']}"
        self._said = 0

    def say(self, text: str) -> list[dict[str, Any]]:
        self._said += 1
        body = {"client_message_id": f"m{self._said}", "text": text}
        replies: list[dict[str, Any]] = self._http.post("/chat/messages", json=body).json()["replies"]
        return replies

    def told(self) -> str:
        messages = self._http.get("/chat/messages").json()["messages"]
        return "\n".join(reply["text"] for message in messages for reply in message["replies"])


@pytest.fixture
def person(server: LoopbackServer) -> Iterator[Person]:
    with httpx.Client(base_url=f"{server.url}/api/v1", trust_env=False, timeout=30) as http:
        yield Person(http)


def test_a_case_is_seen_coming_taken_answered_and_handed_back(
    chromium: Any, server: LoopbackServer, person: Person, token: str, axe: str
) -> None:
    # The driver's own way around the page's policy is needed to bring axe in; what breaks the policy is told below.
    context = chromium.new_context(viewport=A_SMALL_LAPTOP, locale="vi-VN", bypass_csp=True)
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": f"{server.url}/console"}])
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))

    def nothing(state: str) -> None:
        page.evaluate("(axe) => window.axe || (0, eval)(axe)", axe)
        found = page.evaluate("() => axe.run(document)")["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == [], state

    page.goto(f"{server.url}/console/conversations")
    page.get_by_text("Không có ai đang chờ.").wait_for()
    nothing("an empty queue")
    person.say("làm khai sinh")
    person.say("gặp cán bộ")
    page.get_by_role("link", name="Xem").click()  # the queue has seen it coming by itself
    nothing("a waiting case")
    page.get_by_role("button", name="Nhận trả lời").click()
    page.get_by_role("textbox", name="Trả lời").fill("Tôi đang xem hồ sơ")
    assert person.say("cần thêm giấy gì") == []
    page.get_by_text("cần thêm giấy gì").wait_for()
    assert page.get_by_role("textbox", name="Trả lời").input_value() == "Tôi đang xem hồ sơ", "what is typed stays"
    page.get_by_role("button", name="Gửi", exact=True).click()
    page.get_by_text("Đã gửi.").wait_for()
    nothing("a case in hand")
    page.get_by_label("Lý do xem").select_option("dossier")
    page.get_by_role("button", name="Mở xem").click()
    page.get_by_text("Đang hiện phần bị che").wait_for()
    nothing("a case that is open")
    page.get_by_role("button", name="Giao lại cho trợ lý").click()
    page.get_by_text("Đã giao lại cho trợ lý.").wait_for()
    assert "Cán bộ: Tôi đang xem hồ sơ" in person.told() and person.say("làm khai sinh")
    for address in ("conversations/hours", "reports", "receipts?code=A7K2-QW3E"):
        page.goto(f"{server.url}/console/{address}")
        nothing(address)
    context.close()
    assert wrong == []
