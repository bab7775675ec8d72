"""WCAG 2.2 AA, as far as machines can tell: axe in every state, the keyboard alone, what a screen reader hears."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.steps import QUESTION, answers, ask, come_back, open_chat, within
from tests.simulators.rasa import Fault, RasaSimulator
from tests.simulators.server import LoopbackServer

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# 400 % zoom of a window of 1280 by 1024 points.
ZOOMED = (320, 256)


@pytest.fixture(scope="module")
def axe() -> str:
    library = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    return (Path(library.__file__).parent / "axe.min.js").read_text("utf-8")


def findings(page: Any, axe: str) -> list[str]:
    # By the driver, and not as a script of the page, whose policy would refuse it.
    if page.evaluate("!window.axe"):
        page.evaluate("(axe) => { (0, eval)(axe) }", axe)
    found = page.evaluate(
        "(tags) => axe.run(document, { runOnly: { type: 'tag', values: tags } })",
        RULES,
    )
    nodes = [(one["id"], node) for one in found["violations"] for node in one["nodes"]]
    return [f"{rule}: {node['target']} {node['failureSummary']}" for rule, node in nodes]


def nothing(page: Any, axe: str, state: str) -> None:
    page.wait_for_timeout(300)  # what fades in has no contrast yet
    assert findings(page, axe) == [], state


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (DESKTOP, "light")], ids=["phone", "desktop"])
def test_axe_finds_nothing_in_any_state_of_the_widget(
    gateway: LoopbackServer,
    visit: Callable[..., Any],
    axe: str,
    rasa: RasaSimulator,
    size: tuple[int, int],
    scheme: str,
) -> None:
    # The driver's own way around the page's policy is needed to bring axe in.
    page = visit(gateway.url, size, color_scheme=scheme, bypass_csp=True)
    nothing(page, axe, "closed")
    open_chat(page)
    nothing(page, axe, "greeting")
    ask(page, QUESTION)
    answers(page).wait_for()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Chưa đúng").click()
    page.get_by_text("Xin chọn điểm chưa đúng").wait_for()
    nothing(page, axe, "answer")
    rasa.fault = Fault.ERROR
    ask(page, "đăng ký kết hôn")
    page.locator(".trouble").wait_for()
    nothing(page, axe, "problem")
    rasa.fault, rasa.delay = Fault.NONE, 1.5
    ask(page, "một câu nữa")
    page.get_by_text("Trợ lý đang tìm").wait_for()
    nothing(page, axe, "waiting")
    page.get_by_text("Trợ lý đang tìm").wait_for(state="detached")
    page.context.set_offline(True)
    ask(page, "mất mạng")
    page.get_by_text("Tôi sẽ tự gửi").wait_for()
    nothing(page, axe, "offline")
    page.context.set_offline(False)
    page.get_by_role("button", name="Xóa trò chuyện").click()
    nothing(page, axe, "erase?")
    page.get_by_role("button", name="Xóa", exact=True).click()
    page.get_by_text("Đã xóa").wait_for()
    nothing(page, axe, "erased")


def test_axe_finds_nothing_at_the_kiosk(gateway: LoopbackServer, visit: Callable[..., Any], axe: str) -> None:
    page = visit(f"{gateway.url}/kiosk", bypass_csp=True)
    page.locator(".example").first.wait_for()
    nothing(page, axe, "start")
    page.get_by_role("button", name="Đăng ký khai sinh").click()
    answers(page).wait_for()
    page.get_by_role("button", name="Cán bộ", exact=True).click()
    nothing(page, axe, "answer with the officer's pane")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_without_scripts(
    gateway: LoopbackServer, visit: Callable[..., Any], axe: str, scheme: str
) -> None:
    page = visit(f"{gateway.url}/chat", PHONE, color_scheme=scheme, bypass_csp=True)
    nothing(page, axe, "greeting")
    page.get_by_label("Câu hỏi", exact=True).fill(QUESTION)
    page.get_by_role("button", name="Gửi", exact=True).click()
    page.locator(".card").wait_for()
    nothing(page, axe, "answer")
    page.get_by_role("link", name="Xóa trò chuyện").click()
    nothing(page, axe, "erase?")


def focused(page: Any) -> str:
    """Gives the name of what has the focus, as it is read out."""
    return str(
        page.evaluate(
            """(() => {
              let here = document.activeElement;
              while (here?.shadowRoot?.activeElement) here = here.shadowRoot.activeElement;
              return here.getAttribute("aria-label") || here.labels?.[0]?.textContent || here.textContent.trim();
            })()"""
        )
    )


def tab_to(page: Any, name: str, key: str = "Tab", most: int = 60) -> None:
    for _ in range(most):
        page.keyboard.press(key)
        if focused(page).startswith(name):
            return
    raise AssertionError(f"{name!r} cannot be reached by {key}; the focus is on {focused(page)!r}")


def test_everything_is_done_by_keyboard_alone(
    gateway: LoopbackServer, visit: Callable[..., Any], rasa: RasaSimulator
) -> None:
    page = visit(gateway.url)
    page.locator(".launcher").wait_for()
    tab_to(page, "Hỏi thủ tục")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('motcua-chat').shadowRoot.activeElement?.matches('textarea')")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    answers(page).wait_for()
    # What the panel covers cannot have the focus.
    assert not page.locator(".launcher").is_visible()
    tab_to(page, "Tờ khai đăng ký khai sinh", "Shift+Tab")
    page.keyboard.press("Space")
    assert page.get_by_text("Đã có 1/2 giấy tờ").is_visible()
    tab_to(page, "Hữu ích")
    page.keyboard.press("Enter")
    page.get_by_text("Cảm ơn anh/chị đã góp ý").wait_for()
    tab_to(page, "Lệ phí")
    page.keyboard.press("Space")
    answers(page).nth(1).wait_for()
    assert rasa.messages[-1] == '/ask_fee{"procedure":"1.001193"}'
    tab_to(page, "Xóa trò chuyện")
    page.keyboard.press("Enter")
    page.locator("dialog.confirm").wait_for()
    page.keyboard.press("Escape")
    assert page.locator("dialog.confirm").count() == 0 and answers(page).count() == 2
    assert focused(page).startswith("Xóa trò chuyện")
    page.keyboard.press("Escape")
    page.locator(".launcher:focus").wait_for()
    assert page.locator(".panel").is_hidden()


def test_the_focus_follows_the_order_of_the_screen(desktop: Any) -> None:
    ask(desktop, QUESTION)
    answers(desktop).wait_for()
    for part in (".talk", ".foot"):
        middles = within(
            desktop,
            f"""
            return [...root.querySelectorAll("{part} :is(button, a, input, textarea)")]
              .filter((one) => one.checkVisibility())
              .map((one) => one.getBoundingClientRect()).map(({{ top, height }}) => top + height / 2);
            """,
        )
        # What stands in one row may differ by a little.
        assert len(middles) >= 3
        assert all(later >= earlier - 8 for earlier, later in pairwise(middles)), middles
    order = "return [...root.querySelector('.panel').children].map((one) => one.className.split(' ').pop())"
    assert within(desktop, order) == ["head", "talk", "announcer", "foot"]
    forced = "return [...root.querySelectorAll('[tabindex]')].filter((one) => one.tabIndex > 0).length"
    assert within(desktop, forced) == 0


def test_on_a_phone_the_focus_cannot_leave_the_chat(gateway: LoopbackServer, visit: Callable[..., Any]) -> None:
    page = visit(gateway.url, PHONE)
    open_chat(page)
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate("['MOTCUA-CHAT', 'BODY'].includes(document.activeElement.tagName)")


class TestScreenReader:
    def listen(self, page: Any) -> None:
        within(
            page,
            """
            window.heard = [];
            for (const live of root.querySelectorAll("[aria-live]:not([aria-live=off])")) {
              new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach((one) => {
                if (one.textContent) window.heard.push(one.textContent);
              }))).observe(live, { childList: true });
            }
            """,
        )

    def test_hears_each_new_answer_once_and_in_full(self, desktop: Any) -> None:
        self.listen(desktop)
        ask(desktop, QUESTION)
        answers(desktop).wait_for()
        ask(desktop, "đăng ký kết hôn")
        answers(desktop).nth(1).wait_for()
        heard = desktop.evaluate("window.heard")
        assert [text.split("\n")[0] for text in heard] == [
            "Trợ lý: Để đăng ký khai sinh, bạn chuẩn bị những giấy tờ sau.",
            "Trợ lý: Bạn muốn hỏi việc nào?",
        ]
        assert "Mang theo bản gốc" in heard[0]
        # The log is there to be walked through, and does not say everything a second time.
        log = desktop.get_by_role("log")
        assert log.get_attribute("aria-live") == "off"
        assert log.locator("[aria-live=polite]:not(.done, .tool), [role=alert]").count() == 0

    def test_hears_nothing_of_a_conversation_that_is_only_restored(self, desktop: Any) -> None:
        ask(desktop, QUESTION)
        answers(desktop).wait_for()
        desktop.reload()
        desktop.locator(".announcer").wait_for(state="attached")
        self.listen(desktop)
        open_chat(desktop)
        answers(desktop).wait_for()
        assert desktop.evaluate("window.heard") == []

    def test_finds_names_roles_and_states(self, desktop: Any) -> None:
        ask(desktop, QUESTION)
        answers(desktop).wait_for()
        assert desktop.get_by_role("dialog", name="Hỏi thủ tục").is_visible()
        assert desktop.get_by_role("list", name="Hỏi tiếp").get_by_role("button").count() == 3
        box = desktop.get_by_role("checkbox", name="Giấy chứng sinh 1 bản chính")
        assert not box.is_checked()
        yes = desktop.get_by_role("button", name="Hữu ích")
        assert yes.get_attribute("aria-pressed") == "false"
        yes.click()
        assert yes.get_attribute("aria-pressed") == "true"
        assert desktop.get_by_role("link", name="In phiếu (mở trong cửa sổ mới)").count() == 1


def overflowing(page: Any) -> list[str]:
    """Names what sticks out of the window sideways."""
    return list(
        within(
            page,
            """
            return [...root.querySelectorAll(".panel *")]
              .filter((one) => one.checkVisibility() && !one.closest(".hidden") && !one.closest("svg"))
              .map((one) => [one, one.getBoundingClientRect()])
              .filter(([, { left, right }]) => right > innerWidth + 1 || left < -1)
              .map(([one]) => one.className || one.tagName);
            """,
        )
    )


def test_at_400_percent_nothing_is_cut_off_and_everything_is_reached(
    gateway: LoopbackServer, visit: Callable[..., Any]
) -> None:
    page = visit(gateway.url, ZOOMED)
    open_chat(page)
    ask(page, QUESTION)
    answers(page).wait_for()
    assert overflowing(page) == []
    for name in ("Lệ phí", "Hữu ích", "Gặp cán bộ"):
        button = page.get_by_role("button", name=name)
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= ZOOMED[1]
    page.get_by_role("button", name="Lệ phí").click()
    answers(page).nth(1).wait_for()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_text_of_twice_the_size_stays_whole(
    gateway: LoopbackServer, visit: Callable[..., Any], size: tuple[int, int]
) -> None:
    page = visit(gateway.url, size)
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": 32}})
    page.reload()
    open_chat(page)
    ask(page, QUESTION)
    answers(page).wait_for()
    assert within(page, "return getComputedStyle(root.querySelector('.card')).fontSize") == "32px"
    assert overflowing(page) == []
    button = page.get_by_role("button", name="Lệ phí")
    button.scroll_into_view_if_needed()
    button.click()
    answers(page).nth(1).wait_for()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_targets_are_large_enough_for_a_finger(
    gateway: LoopbackServer, visit: Callable[..., Any], size: tuple[int, int]
) -> None:
    page = visit(gateway.url, size)
    open_chat(page)
    small = """
      return [...root.querySelectorAll("button, .tool, .ticks label, textarea")]
        .filter((one) => one.checkVisibility())
        .map((one) => [one, one.getBoundingClientRect()])
        .filter(([, { width, height }]) => width < 43.9 || height < 43.9)
        .map(([one]) => one.textContent.trim());
    """
    assert within(page, small) == []
    ask(page, QUESTION)
    answers(page).wait_for()
    page.get_by_role("button", name="Chưa đúng").click()
    assert within(page, small) == []


def test_with_forced_colours_borders_and_marks_stay(gateway: LoopbackServer, visit: Callable[..., Any]) -> None:
    page = visit(gateway.url, forced_colors="active")
    open_chat(page)
    ask(page, QUESTION)
    answers(page).wait_for()
    for part in (".said", ".send", ".launcher", ".tool", ".choice"):
        style = f"getComputedStyle(root.querySelector('{part}'))"
        assert within(page, f"return {style}.borderTopStyle") == "solid"
        assert within(page, f"return parseFloat({style}.borderTopWidth)") >= 1


def test_who_wants_no_motion_gets_none(gateway: LoopbackServer, visit: Callable[..., Any], rasa: RasaSimulator) -> None:
    page = visit(gateway.url, reduced_motion="reduce")
    open_chat(page)
    rasa.delay = 1.0
    ask(page, QUESTION)
    page.get_by_text("Trợ lý đang tìm").wait_for()
    count = "return root.querySelectorAll('*').length && document.getAnimations().length"
    assert within(page, count) == 0
    answers(page).wait_for()
    assert within(page, count) == 0


def test_ticks_are_kept_across_a_reload(desktop: Any) -> None:
    ask(desktop, QUESTION)
    answers(desktop).wait_for()
    desktop.get_by_role("checkbox", name="Giấy chứng sinh").check()
    come_back(desktop)
    assert desktop.get_by_role("checkbox", name="Giấy chứng sinh").is_checked()
    assert not desktop.get_by_role("checkbox", name="Tờ khai đăng ký khai sinh").is_checked()
    assert desktop.get_by_text("Đã có 1/2 giấy tờ").is_visible()
