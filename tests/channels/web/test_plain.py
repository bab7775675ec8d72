"""The chat without JavaScript, as a browser without it uses it: links, forms, cookies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.inbox import Entry
from motcua.reply import Choice, Item, Reply, Section, Source
from tests.simulators import rasa as simulated
from tests.simulators.rasa import Fault, RasaSimulator

pytestmark = pytest.mark.anyio

QUESTION = "làm giấy khai sinh cho con cần giấy tờ gì"
HOSTILE = "<img src=x onerror=alert(1)><script>alert(1)</script>\"'><b onload='x'>"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Form:
    """One form of a page."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """What a browser without JavaScript makes of a page."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.status, self.text = answer.status_code, ""
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        self._button: tuple[str, str] | None = None
        self._area = ""
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.handlers += [name for name in has if name.startswith("on")]
        if tag == "form":
            assert has["method"] == "post"
            self.forms.append(Form(has["action"]))
        elif tag == "input":
            self.forms[-1].fields[has["name"]] = has["value"]
        elif tag == "button":
            self._button = has.get("name", ""), has.get("value", "")
        elif tag == "textarea":
            self._area = has["name"]
            self.forms[-1].fields[self._area] = ""
        elif tag == "a":
            self.links.append(has["href"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._button = None
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._area:
            self.forms[-1].fields[self._area] += data
        if self._button is not None:
            self.forms[-1].buttons.append((*self._button, data.strip()))

    def button(self, title: str) -> tuple[str, dict[str, str]]:
        """Gives where a button's form goes and what it sends."""
        for form in self.forms:
            for name, value, shown in form.buttons:
                if shown == title:
                    return form.action, form.fields | ({name: value} if name else {})
        raise AssertionError(f"no button {title!r}")


class Browser:
    """Follows links and sends forms, with cookies and without scripts."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def open(self, path: str = "/chat") -> Page:
        return Page(await self.http.get(path))

    async def press(self, page: Page, title: str, **typed: str) -> Page:
        action, fields = page.button(title)
        return await self.send(action, fields | typed)

    async def send(self, action: str, fields: dict[str, str], **headers: str) -> Page:
        told = FORM | {"Origin": "http://gateway"} | headers
        answer = await self.http.post(action, content=urlencode(fields), headers=told, follow_redirects=True)
        return Page(answer)


@pytest.fixture
async def browser(http: httpx.AsyncClient) -> AsyncIterator[Browser]:
    yield Browser(http)


async def test_a_question_is_answered_as_in_the_widget(browser: Browser, rasa: RasaSimulator) -> None:
    page = await browser.press(await browser.open(), "Gửi", text=QUESTION)
    assert page.status == 200
    assert rasa.messages == [QUESTION]
    for said in (QUESTION, "Giấy chứng sinh", "Mang theo bản gốc", "18/07/2026", "A7K2-M4QX", "60/2014/QH13"):
        assert said in page.text
    assert any(link.startswith("https://dichvucong.gov.vn/") for link in page.links)
    assert "/phieu/A7K2-M4QX" in page.links
    assert "script" not in page.tags


async def test_a_choice_is_a_button(browser: Browser, rasa: RasaSimulator) -> None:
    page = await browser.press(await browser.open(), "Gửi", text=QUESTION)
    page = await browser.press(page, "Lệ phí")
    assert rasa.messages == [QUESTION, '/ask_fee{"procedure":"1.001193"}']
    assert "miễn lệ phí" in page.text and "Giấy chứng sinh" in page.text


async def test_an_example_and_the_officer_are_one_press_away(browser: Browser, rasa: RasaSimulator) -> None:
    page = await browser.press(await browser.open(), "Đăng ký kết hôn hết bao nhiêu tiền?")
    assert "Bạn muốn hỏi việc nào?" in page.text
    await browser.press(page, "Gặp cán bộ")
    assert len(rasa.messages) <= 2


async def test_a_form_that_comes_twice_is_asked_once(browser: Browser, rasa: RasaSimulator) -> None:
    page = await browser.open()
    action, fields = page.button("Gửi")
    await browser.send(action, fields | {"text": QUESTION})
    page = await browser.send(action, fields | {"text": QUESTION})
    assert rasa.messages == [QUESTION]
    assert page.text.count("Mang theo bản gốc") == 1


async def test_an_answer_is_reached_by_a_redirect_so_that_loading_it_anew_asks_nothing(browser: Browser) -> None:
    action, fields = (await browser.open()).button("Gửi")
    answer = await browser.http.post(action, content=urlencode(fields | {"text": QUESTION}), headers=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/chat#moi")


async def test_a_bot_that_fails_leaves_the_question_in_the_form(browser: Browser, rasa: RasaSimulator) -> None:
    rasa.fault = Fault.ERROR
    page = await browser.press(await browser.open(), "Gửi", text=QUESTION)
    assert page.status == 503
    assert "Xin lỗi" in page.text
    rasa.fault = Fault.NONE
    action, fields = page.button("Gửi lại")
    assert fields["text"] == QUESTION
    page = await browser.send(action, fields)
    assert "Mang theo bản gốc" in page.text
    page = await browser.open()
    assert page.text.count(QUESTION) == 1


async def test_a_choice_that_failed_is_pressed_again(browser: Browser, rasa: RasaSimulator) -> None:
    page = await browser.press(await browser.open(), "Gửi", text=QUESTION)
    rasa.fault = Fault.ERROR
    page = await browser.press(page, "Lệ phí")
    rasa.fault = Fault.NONE
    page = await browser.press(page, "Gửi lại")
    assert "miễn lệ phí" in page.text


async def test_the_conversation_stays_with_its_browser(browser: Browser) -> None:
    await browser.press(await browser.open(), "Gửi", text=QUESTION)
    assert QUESTION in (await browser.open()).text
    browser.http.cookies.clear()
    assert QUESTION not in (await browser.open()).text


async def test_the_cookie_is_closed_to_scripts_and_to_other_sites(browser: Browser) -> None:
    action, fields = (await browser.open()).button("Gửi")
    body = urlencode(fields | {"text": QUESTION})
    plain = await browser.http.post(action, content=body, headers=FORM | {"Origin": "http://gateway"})
    behind_tls = await browser.http.post(action, content=body, headers=FORM | {"Origin": "https://gateway"})
    cookie = plain.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/chat" in cookie
    assert "secure" not in cookie
    assert "secure" in behind_tls.headers["set-cookie"].lower()


async def test_erasing_asks_first_and_then_leaves_nothing(browser: Browser, rasa: RasaSimulator) -> None:
    page = await browser.press(await browser.open(), "Gửi", text=QUESTION)
    assert "/chat/xoa" in page.links
    token = browser.http.cookies["motcua_chat"]
    page = await browser.open("/chat/xoa")
    assert "/chat#moi" in page.links
    page = await browser.press(page, "Xóa")
    assert "Đã xóa cuộc trò chuyện." in page.text and QUESTION not in page.text
    assert "motcua_chat" not in browser.http.cookies
    headers = {"Authorization": f"Bearer {token}"}
    assert (await browser.http.get("/api/v1/chat/messages", headers=headers)).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://gateway.evil.example"},
        {"Origin": "http://gateway", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://gateway", "Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/chat", "/chat/xoa"])
async def test_a_form_of_another_site_does_nothing(
    browser: Browser, rasa: RasaSimulator, path: str, headers: dict[str, str]
) -> None:
    page = await browser.press(await browser.open(), "Gửi", text=QUESTION)
    answer = await browser.send(path, {"id": "x", "text": "kẻ gian"}, **headers)
    assert answer.status == 403
    assert rasa.messages == [QUESTION]
    assert QUESTION in (await browser.open()).text
    assert page.status == 200


async def test_too_many_questions_are_told_to_wait(open_gateway: Callable[..., Any]) -> None:
    browser = Browser(await open_gateway(rate_per_session="2/minute"))
    page = await browser.open()
    for n in range(3):
        page = await browser.send("/chat", {"id": f"m{n}", "text": QUESTION})
    assert page.status == 429
    assert "Thử lại sau" in page.text


async def test_an_address_that_sends_too_many_forms_is_told_to_wait(open_gateway: Callable[..., Any]) -> None:
    browser = Browser(await open_gateway(rate_per_address="2/minute"))
    statuses = [(await browser.send("/chat", {"id": f"m{n}", "text": QUESTION})).status for n in range(3)]
    assert statuses == [200, 200, 429]


async def test_what_people_and_records_say_is_never_markup(
    browser: Browser, rasa: RasaSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = Reply(
        kind="answer",
        text=f"{HOSTILE} https://evil.example/<script> javascript:alert(1)",
        procedure=HOSTILE,
        aspect="documents",
        sections=(Section(title=HOSTILE, items=(Item(text=HOSTILE, note=HOSTILE),)),),
        choices=(Choice(title=HOSTILE[:80], payload=HOSTILE),),
        source=Source(url="javascript:alert(1)", data_date=HOSTILE, legal_basis=(HOSTILE,)),
        receipt=HOSTILE,
    )
    monkeypatch.setattr(simulated, "_reply_to", lambda _: hostile)
    page = await browser.press(await browser.open(), "Gửi", text=HOSTILE)
    assert not {"img", "script", "b"} & page.tags
    assert page.handlers == []
    assert all(link.startswith(("/", "#", "https://dichvucong.gov.vn/")) for link in page.links)
    assert page.text.count("onerror=alert(1)") >= 4
    assert "ngoài danh mục" in page.text


async def test_a_message_that_is_with_an_officer_is_not_called_unanswered(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed = Reply(kind="handoff", text="Tôi đã chuyển cho cán bộ.")
    moment = datetime.now(UTC)
    entries = [
        Entry("1" * 32, "m1", "gặp cán bộ", moment, [handed]),
        Entry("2" * 32, "m2", "tôi hỏi thêm", moment, []),
        Entry("3" * 32, "notice:3", "", moment, [Reply(kind="other", text="Cán bộ: chào anh/chị.")]),
        Entry("4" * 32, "m4", "còn nữa", moment, []),
    ]

    async def history(*_: object) -> list[Entry]:
        return entries

    await browser.press(await browser.open(), "Gửi", text=QUESTION)
    monkeypatch.setattr("channels.inbox.Inbox.history", history)
    page = await browser.open()
    assert "Cán bộ sẽ trả lời tại đây" in page.text and "chưa được trả lời" not in page.text
    assert "Cán bộ: chào anh/chị." in page.text
    assert page.text.count("Cán bộ sẽ trả lời tại đây") == 2
    entries[0] = Entry("1" * 32, "m1", "xin chào", moment, [Reply(kind="greet", text="Chào anh/chị.")])
    assert "chưa được trả lời" in (await browser.open()).text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(st.sampled_from(["id", "text", "payload", "x"]), st.text(max_size=60), max_size=4),
    raw=st.none() | st.binary(max_size=80),
)
async def test_any_form_is_answered_with_a_page(browser: Browser, fields: dict[str, str], raw: bytes | None) -> None:
    content = raw if raw is not None else urlencode(fields, errors="replace")
    answer = await browser.http.post("/chat", content=content, headers=FORM, follow_redirects=True)
    assert answer.status_code in (200, 422)
    assert answer.headers["content-type"].startswith("text/html")
