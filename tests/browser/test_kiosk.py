"""The kiosk at the counter: large, choices first, and nothing left for the next person."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.steps import QUESTION, answers, ask, within
from tests.simulators.rasa import RasaSimulator
from tests.simulators.server import LoopbackServer

pytestmark = pytest.mark.browser

QR = '<svg xmlns="http://www.w3.org/2000/svg" width="33" height="33"><path d="M0 0h33v33H0z"/></svg>'


@pytest.fixture
def kiosk(gateway: LoopbackServer, visit: Callable[..., Any]) -> Any:
    page = visit("about:blank", (1280, 800))
    page.clock.install()
    page.route("**/phieu/*/qr.svg", lambda route: route.fulfill(content_type="image/svg+xml", body=QR))
    page.goto(f"{gateway.url}/kiosk")
    page.locator(".example").first.wait_for()
    return page


def wait(page: Any, seconds: int) -> None:
    page.clock.run_for(seconds * 1000)


def test_large_choices_come_first(kiosk: Any) -> None:
    size = within(kiosk, "return parseFloat(getComputedStyle(root.querySelector('.example')).fontSize)")
    assert size >= 20
    tiles = kiosk.locator(".example")
    assert tiles.count() >= 6
    assert all(box["height"] >= 64 for box in (tile.bounding_box() for tile in tiles.all()))
    assert kiosk.locator(".panel").bounding_box() == {"x": 0, "y": 0, "width": 1280, "height": 800}
    kiosk.get_by_role("button", name="Đăng ký khai sinh").click()
    answers(kiosk).get_by_text("Giấy chứng sinh").wait_for()


def test_an_answer_is_carried_home_by_a_code_and_no_link_leads_away(kiosk: Any) -> None:
    ask(kiosk, QUESTION)
    code = kiosk.get_by_alt_text("Mã QR của phiếu câu trả lời")
    code.wait_for()
    assert code.get_attribute("src").endswith("/phieu/A7K2-M4QX/qr.svg")
    assert kiosk.locator(".log a").count() == 0
    assert kiosk.get_by_text("Chụp mã này").is_visible()


def test_an_answer_whose_sheet_is_not_there_shows_no_broken_picture(kiosk: Any) -> None:
    kiosk.unroute("**/phieu/*/qr.svg")
    ask(kiosk, QUESTION)
    answers(kiosk).wait_for()
    kiosk.locator(".home").wait_for(state="detached")


def test_it_counts_down_and_then_erases_everything(kiosk: Any, rasa: RasaSimulator) -> None:
    ask(kiosk, QUESTION)
    answers(kiosk).wait_for()
    before = kiosk.evaluate("history.length")
    token = rasa.heard[0].sender
    kiosk.mouse.move(10, 10)
    wait(kiosk, 91)
    asked = kiosk.get_by_role("alertdialog", name="Anh/chị còn ở đây không?")
    asked.wait_for()

    def left() -> int:
        return int(re.search(r"sau (\d+) giây", asked.inner_text())[1])  # type: ignore[index]

    # The clock goes on by itself as well.
    begun = left()
    assert 10 < begun <= 20
    wait(kiosk, 5)
    assert left() <= begun - 5
    wait(kiosk, 16)
    asked.wait_for(state="detached")
    assert answers(kiosk).count() == 0 and kiosk.locator(".mine").count() == 0
    assert kiosk.locator(".greeting").is_visible()
    assert kiosk.get_by_label("Câu hỏi", exact=True).input_value() == ""
    assert kiosk.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert kiosk.evaluate("history.length") == before
    for _ in range(100):
        if rasa.forgotten:
            break
        kiosk.wait_for_timeout(50)
    assert rasa.forgotten == [token]


def test_a_hand_on_the_screen_keeps_the_conversation(kiosk: Any) -> None:
    ask(kiosk, QUESTION)
    answers(kiosk).wait_for()
    wait(kiosk, 80)
    kiosk.mouse.click(640, 300)
    wait(kiosk, 80)
    assert kiosk.locator("[role=alertdialog]").count() == 0
    wait(kiosk, 15)
    kiosk.get_by_role("button", name="Tôi còn ở đây").click()
    wait(kiosk, 60)
    assert answers(kiosk).count() == 1


def test_one_who_wrote_and_sent_nothing_is_forgotten_too(kiosk: Any) -> None:
    kiosk.get_by_label("Câu hỏi", exact=True).fill("chuyện riêng của tôi")
    wait(kiosk, 91)
    wait(kiosk, 21)
    kiosk.locator("[role=alertdialog]").wait_for(state="detached")
    assert kiosk.get_by_label("Câu hỏi", exact=True).input_value() == ""


def test_an_empty_kiosk_asks_nobody(kiosk: Any) -> None:
    wait(kiosk, 300)
    assert kiosk.locator("[role=alertdialog]").count() == 0


def test_starting_over_needs_one_press(kiosk: Any, rasa: RasaSimulator) -> None:
    ask(kiosk, QUESTION)
    answers(kiosk).wait_for()
    kiosk.get_by_role("button", name="Làm lại từ đầu").click()
    answers(kiosk).wait_for(state="detached")
    ask(kiosk, "đăng ký kết hôn")
    answers(kiosk).wait_for()
    assert len({heard.sender for heard in rasa.heard}) == 2


def test_leaving_the_page_erases_too(kiosk: Any, gateway: LoopbackServer, rasa: RasaSimulator) -> None:
    ask(kiosk, QUESTION)
    answers(kiosk).wait_for()
    kiosk.goto(f"{gateway.url}/kiosk")
    kiosk.locator(".example").first.wait_for()
    assert answers(kiosk).count() == 0
    for _ in range(100):
        if rasa.forgotten:
            break
        kiosk.wait_for_timeout(50)
    assert rasa.forgotten == [rasa.heard[0].sender]


def test_the_officer_sees_the_legal_basis_at_the_side(kiosk: Any) -> None:
    ask(kiosk, QUESTION)
    answers(kiosk).wait_for()
    pane = kiosk.get_by_role("complementary", name="Dành cho cán bộ")
    assert pane.count() == 0
    assert "60/2014/QH13" not in answers(kiosk).inner_text()
    kiosk.get_by_role("button", name="Cán bộ", exact=True).click()
    text = pane.inner_text()
    for said in ("1.001193", "60/2014/QH13", "123/2015/NĐ-CP", "18/07/2026", "A7K2-M4QX", "https://dichvucong.gov.vn/"):
        assert said in text
    kiosk.get_by_role("button", name="Làm lại từ đầu").click()
    assert pane.count() == 0


def test_the_time_is_a_setting(open_gateway: Callable[..., LoopbackServer], visit: Callable[..., Any]) -> None:
    page = visit("about:blank")
    page.clock.install()
    page.goto(f"{open_gateway(kiosk_idle=7).url}/kiosk")
    page.locator(".example").first.wait_for()
    ask(page, QUESTION)
    answers(page).wait_for()
    page.mouse.click(640, 300)
    page.clock.run_for(8_000)
    page.locator("[role=alertdialog]").wait_for()


def test_what_was_on_its_way_when_it_erased_does_not_come_back(kiosk: Any) -> None:
    ask(kiosk, QUESTION)
    answers(kiosk).wait_for()
    held: list[Any] = []
    # The conversation is asked for anew, as when the page is shown again, and the answer is slow.
    kiosk.route("**/chat/messages?*", lambda route: held.append((route, route.fetch())))
    kiosk.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    for _ in range(100):
        if held:
            break
        kiosk.wait_for_timeout(50)
    kiosk.get_by_role("button", name="Làm lại từ đầu").click()
    for route, answer in held:
        route.fulfill(response=answer)
    kiosk.wait_for_timeout(300)
    assert held
    assert kiosk.locator(".mine").count() == 0 and answers(kiosk).count() == 0
