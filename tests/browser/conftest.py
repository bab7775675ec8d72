"""Headless Chromium at a gateway in front of a simulated bot; skipped where there is no Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from channels.app import create_app
from motcua.database import upgrade
from motcua.settings import Settings
from tests.browser.steps import open_chat
from tests.simulators.rasa import TOKEN, RasaSimulator
from tests.simulators.server import LoopbackServer

_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESKTOP = (360, 740), (1280, 900)


# Not for the whole session: the driver keeps an event loop in this thread, beside which no other test could run one.
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


@pytest.fixture
def rasa() -> Iterator[RasaSimulator]:
    simulator = RasaSimulator()
    with simulator.server:
        yield simulator


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in its newest shape, with nothing in it, to be copied."""
    path = tmp_path_factory.mktemp("database") / "motcua.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def open_gateway(tmp_path: Path, rasa: RasaSimulator, new_database: Path) -> Iterator[Callable[..., LoopbackServer]]:
    """Opens gateways with settings of the test's choice."""
    with ExitStack() as opened:

        def open_one(**changes: Any) -> LoopbackServer:
            defaults: dict[str, Any] = {
                "home": tmp_path,
                "rasa_port": rasa.server.port,
                "internal_token": SecretStr(TOKEN),
                "rate_per_session": "1000/minute",
                "rate_per_address": "10000/minute",
            }
            settings = Settings(**(defaults | changes))
            shutil.copy(new_database, settings.home / "motcua.db")
            return opened.enter_context(LoopbackServer(create_app(settings)))

        yield open_one


@pytest.fixture
def gateway(open_gateway: Callable[..., LoopbackServer]) -> LoopbackServer:
    return open_gateway()


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens pages, each as another visitor's; the test fails when a script raises or a policy is broken.

    To be asked for after the servers, so that the pages are closed before these stop.
    """
    wrong: list[str] = []
    contexts: list[Any] = []

    def watch(page: Any) -> None:
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None,
        )

    def open_page(address: str, size: tuple[int, int] = DESKTOP, **options: Any) -> Any:
        viewport = {"width": size[0], "height": size[1]}
        context = chromium.new_context(viewport=viewport, locale="vi-VN", **options)
        contexts.append(context)
        context.set_default_timeout(15_000)
        context.on("page", watch)
        page = context.new_page()
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def page(request: pytest.FixtureRequest, gateway: LoopbackServer, visit: Callable[..., Any]) -> Any:
    """The demonstration page with the chat open."""
    page = visit(gateway.url, request.param)
    open_chat(page)
    return page


@pytest.fixture
def desktop(gateway: LoopbackServer, visit: Callable[..., Any]) -> Any:
    """The same, on a desktop only."""
    page = visit(gateway.url)
    open_chat(page)
    return page
