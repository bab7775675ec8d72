"""The console in headless Chromium: by keyboard, under its policy, from 360 pixels on."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from fastapi import APIRouter
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from channels.app import create_app
from channels.console import accounts
from channels.console import app as console_app
from channels.console.access import needs
from channels.console.page import Page
from channels.console.permissions import Permission, Role
from channels.console.showing import show
from motcua.database import open_database, upgrade
from motcua.settings import Settings
from tests.simulators.rasa import TOKEN
from tests.simulators.server import LoopbackServer

pytestmark = pytest.mark.browser

PASSWORD = "nước chảy đá mòn 7"
_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SIZES = {"laptop": (1280, 720), "phone": (360, 740)}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if binary is None:
        pytest.skip("Chromium is not installed")
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=_QUIET)
        yield browser
        browser.close()


def by_htmx() -> Page:
    """A page as others are added: a button of htmx, and a route that this member may not use."""
    router = APIRouter(prefix="/trial")

    @router.post("/count", dependencies=[needs(Permission.STAFF_MANAGE)])
    async def count(request: Request) -> Response:
        return HTMLResponse("<p>42</p>")

    @router.post("/secret", dependencies=[needs(Permission.CONVERSATIONS_REVEAL)])
    async def secret(request: Request) -> Response:
        return HTMLResponse("<p>secret</p>")

    @router.get("", dependencies=[needs(Permission.STAFF_MANAGE)])
    async def page(request: Request) -> Response:
        shown = show(request, "home/home.html")
        buttons = (
            '<button id="count" hx-post="/console/trial/count" hx-target="#result">count</button>'
            '<button id="secret" hx-post="/console/trial/secret" hx-target="#result">secret</button>'
            '<div id="result"></div></main>'
        )
        return HTMLResponse(bytes(shown.body).decode().replace("</main>", buttons))

    return Page(router)


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[LoopbackServer, Settings]]:
    settings = Settings(home=tmp_path, internal_token=SecretStr(TOKEN))
    upgrade(settings.database)
    create = console_app.create_console
    pages = (*console_app.PAGES, by_htmx())
    monkeypatch.setattr("channels.app.create_console", lambda desk, proxies: create(desk, proxies, pages))
    with LoopbackServer(create_app(settings)) as server:
        yield server, settings


@pytest.fixture(params=SIZES)
def page(request: pytest.FixtureRequest, chromium: Any, console: tuple[LoopbackServer, Settings]) -> Iterator[Any]:
    """An open page; a test fails when a script raises or the policy is broken."""
    width, height = SIZES[request.param]
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="vi-VN")
    context.set_default_timeout(20_000)
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    opened.size = request.param
    opened.goto(f"{console[0].url}/console")
    yield opened
    context.close()
    assert wrong == []


def look(page: Any, name: str) -> None:
    """Checks that nothing is cut off and what axe finds, and keeps a picture where the environment asks for one."""
    wide = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide[0] <= wide[1], f"{name} is wider than the window"
    assert page.locator("h1").count() == 1
    folder = os.environ.get("MOTCUA_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/console-{name}-{page.size}.png", full_page=True)
    axe = importlib.util.find_spec("axe_playwright_python")
    if axe and axe.origin:
        page.evaluate(Path(axe.origin).with_name("axe.min.js").read_text(encoding="utf-8"))
        found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
        assert found == [], (name, found)


def first_code(settings: Settings, name: str, *roles: Role) -> str:
    engine = open_database(settings.database)
    with engine.begin() as connection:
        code = accounts.add(connection, "motcua", name, "", roles, code_hours=1)
    engine.dispose()
    return code


def come_in(page: Any, settings: Settings) -> None:
    code = first_code(settings, "lan", Role.ADMINISTRATOR)
    page.goto(page.url)
    page.get_by_role("link", name="Tôi có mã dùng một lần").click()
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mã dùng một lần").fill(code)
    page.get_by_label("Mật khẩu mới", exact=True).fill(PASSWORD)
    page.get_by_label("Nhập lại mật khẩu mới").fill(PASSWORD)
    page.get_by_role("button", name="Đặt mật khẩu và đăng nhập").click()
    page.get_by_role("heading", name="Chào lan").wait_for()


def test_the_first_administrator_comes_in_and_makes_an_account(
    page: Any, console: tuple[LoopbackServer, Settings]
) -> None:
    assert "motcua staff add" in page.locator("pre").inner_text()
    look(page, "1-nobody-yet")
    come_in(page, console[1])
    look(page, "2-home")
    page.locator(".tiles").get_by_role("link", name="Tài khoản Thêm người").click()
    page.get_by_role("link", name="Thêm tài khoản").click()
    page.get_by_label("Tên đăng nhập").fill("hoa.nguyen")
    page.get_by_label("Tên hiển thị").fill("Nguyễn Thị Hoa")
    page.get_by_label("Biên tập").check()
    page.get_by_label("Duyệt").check()
    look(page, "3-add")
    page.get_by_role("button", name="Tạo tài khoản").click()
    assert re.fullmatch(r"[A-Z2-9]{4}(-[A-Z2-9]{4}){3}", page.locator("code").inner_text())
    look(page, "4-code")
    page.get_by_role("link", name="Tôi đã đưa mã").click()
    look(page, "5-staff")
    page.get_by_role("link", name="hoa.nguyen").click()
    page.get_by_label("Thống kê").check()
    page.get_by_role("button", name="Lưu vai trò").click()
    page.get_by_text("Đã lưu vai trò.").wait_for()
    look(page, "6-account")
    page.get_by_role("navigation").get_by_role("link", name="Nhật ký").click()
    assert page.get_by_role("row").count() >= 4
    look(page, "7-audit")
    page.get_by_label("Việc").select_option(label="Đổi vai trò")
    page.get_by_role("button", name="Lọc").click()
    assert page.get_by_role("row").count() == 2


def test_a_second_factor_is_set_up_and_asked_for(page: Any, console: tuple[LoopbackServer, Settings]) -> None:
    come_in(page, console[1])
    page.get_by_role("link", name="Tài khoản của tôi").click()
    look(page, "8-me")
    page.get_by_role("link", name="Bật xác thực lớp hai").click()
    assert page.locator(".picture svg").bounding_box()["width"] > 200
    secret = page.locator(".secret").inner_text().replace(" ", "")
    look(page, "9-set-up")
    page.get_by_label("Mã xác thực", exact=True).fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Bật xác thực lớp hai").click()
    recovery = page.locator(".codes code").all_inner_texts()
    assert len(recovery) == 10
    look(page, "10-recovery")
    page.get_by_role("link", name="Tôi đã cất").click()
    page.get_by_role("button", name="Đăng xuất", exact=True).click()
    page.get_by_text("Anh/chị đã đăng xuất.").wait_for()
    look(page, "11-sign-in")
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu").fill("not the password")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    look(page, "12-wrong")
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Xác thực lớp hai").wait_for()
    look(page, "13-second")
    page.get_by_label("Mã xác thực").fill(recovery[0])
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Chào lan").wait_for()


def test_everything_is_reached_by_keyboard_alone(page: Any, console: tuple[LoopbackServer, Settings]) -> None:
    code = first_code(console[1], "lan", Role.ADMINISTRATOR)
    page.goto(f"{console[0].url}/console/one-time-code")
    # The first field has the focus already.
    for text in ("lan", code, PASSWORD, PASSWORD):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Chào lan").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/console/staff"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Tài khoản", exact=True).wait_for()


def test_htmx_carries_the_token_and_shows_refusals(page: Any, console: tuple[LoopbackServer, Settings]) -> None:
    come_in(page, console[1])
    page.goto(f"{console[0].url}/console/trial")
    page.locator("#count").click()
    page.locator("#result", has_text="42").wait_for()
    page.locator("#secret").click()
    page.locator("#notices", has_text="Không có quyền").wait_for()
    assert page.locator("#result").inner_text() == "42"
    page.context.clear_cookies()
    page.locator("#count").click()
    page.get_by_role("heading", name="Đăng nhập").wait_for()


def test_pages_serve_without_scripts(chromium: Any, console: tuple[LoopbackServer, Settings]) -> None:
    context = chromium.new_context(java_script_enabled=False)
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{console[0].url}/console")
    come_in(page, console[1])
    page.get_by_role("navigation").get_by_role("link", name="Tài khoản").click()
    page.get_by_role("heading", name="Tài khoản", exact=True).wait_for()
    context.close()
