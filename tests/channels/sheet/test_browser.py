"""The sheet in Chromium: on a telephone, on a desk, and on paper."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pypdf import PdfReader

from channels.app import create_app
from motcua.database import upgrade
from motcua.settings import Settings
from tests.browser.conftest import chromium  # noqa: F401
from tests.channels.sheet import samples as s
from tests.channels.sheet.test_page import SimulatedFacts
from tests.simulators.server import LoopbackServer

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home: Path = tmp_path_factory.mktemp("sheet")
    settings = Settings(home=home, internal_token=SecretStr("token"), rate_per_address="10000/minute")
    upgrade(settings.database)
    many = s.section("Giấy tờ phải nộp", *(f"Giấy tờ thứ {n} của bến cá {'rất dài ' * n}" for n in range(1, 25)))
    s.store(home / "motcua.db", s.reply("documents", "Giấy tờ\n\nLưu ý chung.", many, s.CASES))
    app = create_app(settings)
    app.state.sheets._facts = SimulatedFacts(s.FACTS)
    with LoopbackServer(app) as server:
        yield f"{server.url.rstrip('/')}/phieu/{s.RECEIPT}"
    shutil.rmtree(home, ignore_errors=True)


@pytest.mark.parametrize(("width", "height"), [(320, 640), (1280, 900)], ids=["phone", "desktop"])
def test_nothing_sticks_out_and_boxes_can_be_ticked(
    chromium: Any,  # noqa: F811
    address: str,
    width: int,
    height: int,
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="vi-VN")
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(address, wait_until="networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.get_by_role("button", name="In phiếu này").is_visible()
    page.get_by_label("Giấy tờ thứ 1 của").check()
    assert page.get_by_label("Giấy tờ thứ 1 của").is_checked()
    assert page.get_by_alt_text("Quét để mở lại phiếu").evaluate("image => image.naturalWidth") > 0
    context.close()
    assert wrong == []


def test_the_page_prints_on_a4_without_its_buttons(chromium: Any, address: str) -> None:  # noqa: F811
    page = chromium.new_page()
    page.goto(address, wait_until="networkidle")
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    page.close()
    assert {(round(p.mediabox.width), round(p.mediabox.height)) for p in printed.pages} == {(595, 842)}
    said = " ".join(" ".join(p.extract_text() for p in printed.pages).split())
    assert "Giấy tờ thứ 24 của bến cá" in said and "Giấy ủy quyền" in said and s.RECEIPT in said
    assert "In phiếu này" not in said
