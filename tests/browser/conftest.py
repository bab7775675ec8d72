"""Headless Chromium at a gateway in front of a simulated bot; skipped where there is no Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from channels.app import create_app
from motcua.database import upgrade
from motcua.settings import Settings
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


@pytest.fixture
def gateway(tmp_path: Path, rasa: RasaSimulator) -> Iterator[LoopbackServer]:
    settings = Settings(
        home=tmp_path,
        rasa_port=rasa.server.port,
        internal_token=SecretStr(TOKEN),
        rate_per_session="1000/minute",
        rate_per_address="10000/minute",
    )
    upgrade(settings.database)
    with LoopbackServer(create_app(settings)) as server:
        yield server


@pytest.fixture(params=[(360, 740), (1280, 900)], ids=["phone", "desktop"])
def page(request: pytest.FixtureRequest, chromium: Any, gateway: LoopbackServer) -> Iterator[Any]:
    """The chat page, open; a test fails when its script raises or its policy is broken."""
    width, height = request.param
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="vi-VN")
    context.set_default_timeout(8_000)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console",
        lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None,
    )
    page.goto(gateway.url)
    yield page
    context.close()
    assert wrong == []
