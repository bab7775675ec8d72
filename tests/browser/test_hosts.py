"""The widget on portals that know nothing of it: other origins, strict policies, hostile styles, any colour."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.portal_site import PortalSite
from tests.browser.steps import QUESTION, answers, ask, come_back, open_chat, within
from tests.simulators.server import LoopbackServer

pytestmark = pytest.mark.browser

COLOURS = ["#ffff00", "yellow", "#fff", "#8f1d22", "rgb(0 120 60 / 40%)", "hsl(200 90% 60%)", "#777"]
HOSTILE = """
* { all: unset !important; }
*, ::before, ::after {
  position: static !important; display: inline !important; color: red !important; font-size: 3px !important;
  visibility: hidden !important; opacity: 0 !important; transform: rotate(20deg) !important;
  background: lime !important;
}
body { filter: blur(0); transform: translateX(0); }
html { font-size: 3px; }
button, input, textarea, dialog, section, div, p { display: none !important; }
"""


@pytest.fixture
def portal() -> Iterator[PortalSite]:
    site = PortalSite()
    with site.server:
        yield site


@pytest.fixture
def gateway(portal: PortalSite, open_gateway: Callable[..., LoopbackServer]) -> LoopbackServer:
    """A gateway that the portal may use, and whose line stands on it."""
    gateway = open_gateway(allowed_origins=portal.origin)
    portal.line = line_of(gateway)
    return gateway


def line_of(gateway: LoopbackServer) -> str:
    page = httpx.get(gateway.url, trust_env=False).text
    [line] = re.findall(r'<code id="snippet">(.*?)</code>', page, re.DOTALL)
    return unescape(line)


def told(line: str, **attributes: str) -> str:
    more = "".join(f' data-{name}="{value}"' for name, value in attributes.items())
    return line.replace(" async", f" async{more}", 1)


def converse(page: Any) -> None:
    open_chat(page)
    ask(page, QUESTION)
    answers(page).get_by_text("Giấy chứng sinh").wait_for()


def test_one_line_puts_it_on_another_site(
    portal: PortalSite, gateway: LoopbackServer, visit: Callable[..., Any]
) -> None:
    page = visit(portal.origin)
    converse(page)
    come_back(page)
    assert page.locator(".mine").count() == 1
    assert page.evaluate("Object.keys(localStorage).every((key) => key.startsWith('motcua@'))")


def test_a_site_that_is_not_on_the_list_gets_no_answer(
    portal: PortalSite, open_gateway: Callable[..., LoopbackServer], visit: Callable[..., Any]
) -> None:
    gateway = open_gateway(allowed_origins="https://portal.example.gov.vn")
    # Without integrity the script itself would load; the API does not answer.
    portal.line = f'<script src="{gateway.url}/widget.js"></script>'
    page = visit(portal.origin)
    open_chat(page)
    ask(page, QUESTION)
    page.get_by_text("Chưa có mạng").wait_for()
    assert answers(page).count() == 0


@pytest.mark.parametrize("trusted_types", ["", "; require-trusted-types-for 'script'"], ids=["strict", "trusted-types"])
def test_the_strictest_policy_is_enough(
    portal: PortalSite, gateway: LoopbackServer, visit: Callable[..., Any], trusted_types: str
) -> None:
    portal.policy = f"default-src 'none'; script-src {gateway.url}; connect-src {gateway.url}{trusted_types}"
    page = visit(portal.origin, PHONE)
    converse(page)
    assert within(page, "return getComputedStyle(root.querySelector('.head')).backgroundColor") == "rgb(143, 29, 34)"
    page.get_by_label("Câu hỏi", exact=True).fill("một\nhai\nba\nbốn")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_hostile_style_does_not_reach_it(
    portal: PortalSite, open_gateway: Callable[..., LoopbackServer], visit: Callable[..., Any], size: tuple[int, int]
) -> None:
    gateway = open_gateway(allowed_origins=portal.origin)
    portal.line = line_of(gateway)
    looks = []
    for style in ("", HOSTILE):
        portal.style = style
        page = visit(portal.origin, size)
        page.locator(".launcher").wait_for()
        boxes = [page.locator(".launcher").bounding_box()]
        converse(page)
        page.locator(".typing:not(.on)").wait_for(state="attached")
        parts = [".panel", ".head", ".talk", ".foot", "textarea", ".send", ".card", ".choice >> nth=0"]
        boxes += [page.locator(part).first.bounding_box() for part in parts]
        looks.append([[round(box[side]) for side in ("x", "y", "width", "height")] for box in boxes])
        shown = "return getComputedStyle(root.querySelector('.card')).visibility"
        assert within(page, shown) == "visible"
    # Scrolling ends at a fraction of a point.
    sides = [(a, b) for one, other in zip(*looks, strict=True) for a, b in zip(one, other, strict=True)]
    assert all(abs(plain - hostile) <= 2 for plain, hostile in sides), looks


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_any_colour_keeps_its_words_readable(
    portal: PortalSite, gateway: LoopbackServer, visit: Callable[..., Any], scheme: str
) -> None:
    portal.body = "".join(f'<motcua-chat data-mode="page" data-colour="{colour}"></motcua-chat>' for colour in COLOURS)
    page = visit(portal.origin, color_scheme=scheme)
    page.locator(".greeting").nth(len(COLOURS) - 1).wait_for()
    ratios = page.evaluate(
        """
        () => {
          const light = (rgb) => {
            const [r, g, b] = rgb.match(/[\\d.]+/g).map(Number).slice(0, 3)
              .map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const ratio = (one, other) => {
            const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
            return (high + 0.05) / (low + 0.05);
          };
          return [...document.querySelectorAll("motcua-chat")].map(({ shadowRoot }) => {
            const of = (part, name) => getComputedStyle(shadowRoot.querySelector(part))[name];
            return [
              ratio(of(".head", "backgroundColor"), of(".head", "color")),
              ratio(of(".send", "backgroundColor"), of(".send", "color")),
              ratio(of(".greeting h3", "color"), of(".panel", "backgroundColor")),
              ratio(of(".foot .plain", "color"), of(".foot", "backgroundColor")),
            ];
          });
        }
        """
    )
    assert min(ratio for one in ratios for ratio in one) >= 4.5, dict(zip(COLOURS, ratios, strict=True))
    heads = page.locator(".head").evaluate_all("(all) => all.map((one) => getComputedStyle(one).backgroundColor)")
    assert len(set(heads)) >= 5


def test_words_that_are_no_colour_change_nothing(
    portal: PortalSite, gateway: LoopbackServer, visit: Callable[..., Any]
) -> None:
    portal.line = told(portal.line, colour="red;} * {display:none")
    page = visit(portal.origin)
    open_chat(page)
    assert within(page, "return getComputedStyle(root.querySelector('.head')).backgroundColor") == "rgb(143, 29, 34)"


def test_attributes_say_how_it_looks_and_speaks(
    portal: PortalSite, gateway: LoopbackServer, visit: Callable[..., Any]
) -> None:
    line = portal.line.replace('data-title="Hỏi thủ tục"', 'data-title="Ask &lt;b&gt;us"')
    line = line.replace('data-province="tỉnh Hoa Lư"', 'data-province="Ha Giang"')
    portal.line = told(line, language="en", position="left", greeting="Hello &amp; <i>welcome</i>")
    page = visit(portal.origin)
    open_chat(page)
    assert page.locator(".panel").bounding_box()["x"] < 100
    assert page.get_by_role("heading", name="Ask <b>us").is_visible()
    assert page.get_by_text("Hello & <i>welcome</i>").is_visible()
    assert page.get_by_text("Assistant for administrative procedures · Ha Giang").is_visible()
    assert page.get_by_placeholder("Type in Vietnamese…").is_visible()
    page.get_by_label("Question", exact=True).fill(QUESTION)
    page.keyboard.press("Enter")
    card = page.locator(".card")
    card.wait_for()
    assert card.get_attribute("lang") == "vi"
    assert "1 original(s)" in card.inner_text()
    assert page.get_by_role("button", name="Helpful").is_visible()


def test_a_page_may_carry_the_element_itself(
    portal: PortalSite, gateway: LoopbackServer, visit: Callable[..., Any]
) -> None:
    portal.body = '<div id="box"><motcua-chat data-mode="page" data-title="Hỏi tại đây"></motcua-chat></div>'
    portal.style = "#box { height: 600px; }"
    page = visit(portal.origin)
    assert page.locator("motcua-chat").count() == 1
    ask(page, QUESTION)
    answers(page).get_by_text("Giấy chứng sinh").wait_for()
    assert page.locator(".launcher").count() == 0
    assert page.locator(".panel").bounding_box()["height"] == 600


def test_a_browser_without_constructable_sheets_gets_the_same_look(
    gateway: LoopbackServer, visit: Callable[..., Any]
) -> None:
    page = visit("about:blank", PHONE)
    page.add_init_script(
        "window.CSSStyleSheet = class { constructor() { throw new TypeError('Illegal constructor') } }"
    )
    page.goto(gateway.url)
    open_chat(page)
    page.wait_for_load_state("networkidle")
    assert within(page, "return root.adoptedStyleSheets.length") == 0
    assert within(page, "return getComputedStyle(root.querySelector('.head')).backgroundColor") == "rgb(143, 29, 34)"
    assert page.locator(".panel").bounding_box()["width"] == PHONE[0]


def test_a_browser_that_keeps_nothing_still_converses(gateway: LoopbackServer, visit: Callable[..., Any]) -> None:
    page = visit("about:blank")
    refused = "{ get() { throw new DOMException('denied', 'SecurityError') } }"
    page.add_init_script(
        f"for (const kind of ['localStorage', 'sessionStorage']) Object.defineProperty(window, kind, {refused})"
    )
    page.goto(gateway.url)
    converse(page)
    ask(page, "đăng ký kết hôn")
    answers(page).nth(1).wait_for()


def test_a_script_that_was_changed_on_its_way_is_not_run(
    portal: PortalSite, gateway: LoopbackServer, visit: Callable[..., Any]
) -> None:
    portal.line = portal.line.replace("sha384-", "sha384-AAAA", 1)
    page = visit(portal.origin)
    page.wait_for_load_state("networkidle")
    assert page.locator("motcua-chat").count() == 0


def test_twice_the_line_is_one_widget(portal: PortalSite, gateway: LoopbackServer, visit: Callable[..., Any]) -> None:
    portal.line = portal.line * 2
    page = visit(portal.origin)
    converse(page)
    assert page.locator("motcua-chat").count() == 1
