"""Script in every field, stored and reflected: it is shown as text, everywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from motcua.reply import Choice, Item, Reply, Section, Source
from tests.browser.steps import answers, ask, come_back, open_chat, within
from tests.simulators import rasa as simulated
from tests.simulators.server import LoopbackServer

pytestmark = pytest.mark.browser

ATTACKS = [
    '<img src=x onerror="window.hit=1">',
    "<script>window.hit=1</script>",
    '"><svg onload=window.hit=1>',
    "javascript:window.hit=1//.gov.vn",
    'https://dichvucong.gov.vn" onmouseover="window.hit=1',
    "{{constructor.constructor('window.hit=1')()}}${window.hit=1}",
    '</textarea></title></style><iframe srcdoc="<script>parent.hit=1</script>">',
]


def reply_with(attack: str) -> Reply:
    return Reply(
        kind="answer",
        text=f"{attack}\nhttps://dichvucong.gov.vn/{attack}",
        procedure=attack,
        aspect="documents",
        sections=(Section(title=attack, items=(Item(text=attack, originals=1, copies=2, note=attack),)),),
        choices=(Choice(title=attack[:80], payload=attack), Choice(title=attack[:80], payload="say:help")),
        source=Source(url=attack, data_date=attack, legal_basis=(attack, attack)),
        receipt=attack,
    )


def said(part: Any) -> str:
    """Gives the text of a part as it was sent, without what we add to addresses."""
    text = str(part.text_content())
    for added in (" (mở trong cửa sổ mới)", " (địa chỉ ngoài danh mục, hãy cẩn thận)"):
        text = text.replace(added, "")
    return text


def harmless(page: Any) -> None:
    assert page.evaluate("window.hit") is None
    assert within(page, "return root.querySelectorAll('script, iframe, object, embed, .log svg [onload]').length") == 0
    addresses = within(page, "return [...root.querySelectorAll('a')].map((one) => one.href)")
    origin = page.evaluate("location.origin")
    assert all(one.startswith((f"{origin}/phieu/", "https://dichvucong.gov.vn/")) for one in addresses), addresses
    names = "return [...root.querySelectorAll('*')].flatMap((one) => one.getAttributeNames())"
    assert [name for name in within(page, names) if name.startswith("on")] == []


def test_in_every_field_of_an_answer_and_in_what_is_asked(desktop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, attack in enumerate(ATTACKS):
        monkeypatch.setattr(simulated, "_reply_to", lambda _, attack=attack: reply_with(attack))
        ask(desktop, attack)
        card = answers(desktop).nth(number).locator(".card")
        card.wait_for()
        assert said(desktop.locator(".said").nth(number)) == attack
        assert said(card).count(attack) >= 4
        for part in (".part h3", ".words", ".note"):
            assert attack in said(card.locator(part).first)
        # A payload that no answer may offer does not even reach the page.
        assert answers(desktop).nth(number).locator(".choice").all_inner_texts() == [attack[:80]]
        card.get_by_role("checkbox").check()
        harmless(desktop)
    desktop.locator(".choice").last.click()
    answers(desktop).nth(len(ATTACKS)).wait_for()
    come_back(desktop)
    answers(desktop).nth(len(ATTACKS)).wait_for()
    harmless(desktop)


def test_at_the_kiosk_and_in_the_officers_pane(
    gateway: LoopbackServer, visit: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit(f"{gateway.url}/kiosk")
    page.get_by_role("button", name="Cán bộ", exact=True).click()
    for number, attack in enumerate(ATTACKS):
        monkeypatch.setattr(simulated, "_reply_to", lambda _, attack=attack: reply_with(attack))
        ask(page, attack)
        answers(page).nth(number).wait_for()
        assert attack in page.locator(".pane").inner_text()
        harmless(page)


def test_in_what_the_gateway_says_of_a_problem(desktop: Any) -> None:
    attack = ATTACKS[0]
    problem = json.dumps({"title": attack, "detail": attack, "next": attack})
    desktop.route(
        "**/api/v1/chat/messages",
        lambda route: route.fulfill(status=422, content_type="application/problem+json", body=problem),
    )
    ask(desktop, "xin chào")
    desktop.locator(".trouble").wait_for()
    assert attack in desktop.locator(".trouble").inner_text()
    harmless(desktop)


def test_in_what_another_script_of_the_site_left_in_the_storage(
    gateway: LoopbackServer, visit: Callable[..., Any]
) -> None:
    page = visit(gateway.url)
    page.evaluate(
        """(attack) => {
          const name = `motcua@${location.origin}`;
          const waiting = { id: attack, said: { text: attack }, title: attack };
          localStorage.setItem(`${name}.queue`, JSON.stringify([waiting]));
          localStorage.setItem(`${name}.marks`, JSON.stringify({ [attack]: attack }));
          localStorage.setItem(`${name}.seen`, JSON.stringify(attack));
        }""",
        ATTACKS[0],
    )
    page.reload()
    open_chat(page)
    page.locator(".said").wait_for()
    harmless(page)
    page.evaluate("for (const key of Object.keys(localStorage)) localStorage.setItem(key, '{broken')")
    page.reload()
    open_chat(page)
    assert page.locator(".greeting").is_visible()
