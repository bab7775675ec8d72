"""A citizen and officers, through the chat API and the console's pages, over HTTP."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from channels.console import audit
from channels.handover.hours import write_week
from tests.channels.conftest import Visitor, come_in
from tests.channels.console.conftest import Browser, Staff, open_staff, password_hash, quick_hashing, token_in
from tests.channels.handover.conftest import ALWAYS, NEVER, texts, told, worked_always
from tests.simulators.rasa import DOCUMENTS, FEE, Fault, RasaSimulator

pytestmark = pytest.mark.anyio

__all__ = ["open_staff", "password_hash", "quick_hashing"]

CITIZEN_CARD = "001099012345"
NUMBER = "0912345678"


@pytest.fixture
async def staff(open_staff: Callable[..., Any], rasa: RasaSimulator, tmp_path: Path) -> Staff:
    """A centre whose officers work at any hour."""
    worked_always(tmp_path)
    made: Staff = await open_staff(rasa_port=rasa.server.port)
    with made.engine.begin() as connection:
        write_week(connection, ALWAYS)
    return made


@pytest.fixture
async def lan(staff: Staff) -> Browser:
    return await staff.sign_in("officer", name="lan")


@pytest.fixture
async def visitor(staff: Staff, lan: Browser) -> Visitor:
    """A person who waits for an officer."""
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app=staff.app), base_url="http://gateway", timeout=60)
    person = await come_in(http)
    await person.send("m0", text="gặp cán bộ")
    return person


def case_on(page: httpx.Response) -> str:
    found = re.search(r'href="/console(/conversations/[0-9a-f]{32})"', page.text)
    assert found, page.text
    return found.group(1)


async def do(browser: Browser, path: str, page: httpx.Response, **fields: str) -> httpx.Response:
    """Sends a form of a page."""
    return await browser.http.post(f"/console{path}", data={"csrf": token_in(page), **fields})


def field(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no field {name}"
    return html.unescape(found.group(1))


async def taken(browser: Browser) -> str:
    """Takes the only waiting case; gives its path."""
    queue = await browser.get("/conversations")
    case = case_on(queue)
    page = await browser.get(case)
    answer = await do(browser, f"{case}/take", page)
    assert answer.status_code == 303, answer.text
    return case


async def test_the_walk_of_a_case(staff: Staff, lan: Browser, visitor: Visitor, rasa: RasaSimulator) -> None:
    await visitor.send("m1", text="làm khai sinh")
    case = await taken(lan)
    kept = await visitor.send("m2", text=f"cccd {CITIZEN_CARD} của tôi")
    assert kept.json()["replies"] == []

    page = await lan.get(case)
    assert CITIZEN_CARD not in page.text and "••••••••••45" in page.text
    fragment = await lan.get(f"{case}/talk?state=taken&officer=lan")
    assert "<html" not in fragment.text and "••••••••••45" in fragment.text and "vừa thay đổi" not in fragment.text
    assert "vừa thay đổi" in (await lan.get(f"{case}/talk?state=waiting&officer=")).text

    unchanged = await lan.get(f"{case}/talk?state=taken&officer=lan&have={field(page, 'have')}")
    assert (unchanged.status_code, unchanged.content) == (204, b""), "what has not changed is not drawn anew"

    form = {"token": field(page, "token"), "text": "Anh/chị mang giấy chứng sinh.\nGặp quầy số 3."}
    for _ in range(2):
        sent = await do(lan, f"{case}/answer", page, **form)
        assert sent.status_code == 303
    assert (await told(visitor))[1:] == ["Cán bộ: Anh/chị mang giấy chứng sinh.\nGặp quầy số 3."]

    await do(lan, f"{case}/note", page, text="hẹn sáng mai")
    page = await lan.get(case)
    assert "hẹn sáng mai" in page.text and "Gặp quầy số 3." in page.text

    opened = await do(lan, f"{case}/reveal", page, reason="dossier", more=f"tra số {CITIZEN_CARD}")
    assert CITIZEN_CARD in opened.text
    assert CITIZEN_CARD not in (await lan.get(case)).text, "what is open is masked again on the next page"

    back = await do(lan, f"{case}/hand-back", page, seen=field(page, "seen"))
    assert back.headers["location"] == "/console/conversations?done=handed_back"
    assert "lại trả lời" in (await told(visitor))[-1]
    assert texts(await visitor.send("m3", text="làm khai sinh")) == DOCUMENTS.text

    did = [(who, what) for who, what, about in staff.audit() if about.startswith("case:")]
    steps = ["taken", "answered", "answered", "noted", "revealed", "handed_back"]
    assert did == [("lan", f"conversation.{step}") for step in steps]
    with staff.engine.connect() as connection:
        details = connection.execute(
            text("SELECT details FROM audit_row WHERE what = 'conversation.revealed'")
        ).scalar_one()
        assert '"reason":"dossier"' in details and CITIZEN_CARD not in details
        assert audit.verify(connection).faults == []


async def test_of_two_officers_one_has_it_and_the_other_is_told(staff: Staff, lan: Browser, visitor: Visitor) -> None:
    minh = await staff.sign_in("officer", name="minh")
    case = case_on(await minh.get("/conversations"))
    page = await minh.get(case)
    await taken(lan)
    late = await do(minh, f"{case}/take", page)
    assert late.status_code == 409 and "Cán bộ khác đang trả lời" in late.text and "(lan)" in late.text
    refused = await do(minh, f"{case}/answer", page, text="xin chào", token="t")
    assert refused.status_code == 409 and "xin chào" not in "".join(await told(visitor))
    assert all(who == "lan" for who, what, _ in staff.audit() if what.startswith("conversation."))


async def test_a_message_that_the_officer_has_not_seen_keeps_the_case_open(lan: Browser, visitor: Visitor) -> None:
    case = await taken(lan)
    page = await lan.get(case)
    await visitor.send("m1", text="khoan đã")
    refused = await do(lan, f"{case}/hand-back", page, seen=field(page, "seen"))
    assert refused.status_code == 409 and "vừa nhắn thêm" in refused.text and "khoan đã" in refused.text
    assert (await do(lan, f"{case}/close", refused, seen=field(refused, "seen"))).status_code == 303


async def test_a_suggestion_is_asked_for_beside_the_conversation_and_sent_whole_or_changed(
    staff: Staff, lan: Browser, visitor: Visitor, rasa: RasaSimulator
) -> None:
    await visitor.send("m1", text="làm khai sinh")
    with staff.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO receipt (code, catalogue_version, procedure, aspect, shown, made_at) "
                "VALUES (:code, 1, '1.001193', 'documents', :shown, '2026-11-22 00:00:00.000000')"
            ),
            {"code": DOCUMENTS.receipt, "shown": DOCUMENTS.model_dump_json(exclude={"receipt"})},
        )
    case = await taken(lan)
    await visitor.send("m2", text="khai sinh cần giấy gì nữa")
    rasa.heard.clear()
    page = await do(lan, f"{case}/suggestion", await lan.get(case))
    assert page.status_code == 200 and "Tờ khai đăng ký khai sinh" in page.text
    senders = {heard.sender for heard in rasa.heard}
    assert visitor.session_id not in senders and set(rasa.forgotten) == senders
    assert rasa.messages == ['/ask_documents{"procedure":"1.001193"}', "khai sinh cần giấy gì nữa"]

    typed = await do(lan, f"{case}/suggestion", await lan.get(case), text="Chào anh/chị.")
    assert "Chào anh/chị.\n\nĐể đăng ký khai sinh" in typed.text, "what was typed is not lost"

    draft = html.unescape(re.search(r"<textarea id=\"text\"[^>]*>(.*?)</textarea>", page.text, re.S)[1])  # type: ignore[index]
    form = {"receipt": field(page, "receipt"), "token": field(page, "token")}
    await do(lan, f"{case}/answer", page, text=draft, **form)
    await do(lan, f"{case}/answer", page, text=draft + " Cảm ơn.", receipt=form["receipt"], token="another")
    messages = (await visitor.history()).json()["messages"]
    sent = [reply for message in messages if not message["text"] for reply in message["replies"]]
    assert sent[1] == DOCUMENTS.model_dump(mode="json"), "unchanged it has its source and receipt"
    assert sent[2]["text"].startswith("Cán bộ: ") and sent[2]["receipt"] == "" != FEE.receipt


async def test_without_the_bot_there_is_no_suggestion_and_the_page_says_so(
    lan: Browser, visitor: Visitor, rasa: RasaSimulator
) -> None:
    case = await taken(lan)
    rasa.fault = Fault.ERROR
    page = await do(lan, f"{case}/suggestion", await lan.get(case))
    assert page.status_code == 409 and "chưa có gợi ý" in page.text


async def test_who_left_a_number_is_on_the_list_to_call_until_the_case_is_closed(
    staff: Staff, lan: Browser, visitor: Visitor
) -> None:
    with staff.engine.begin() as connection:
        write_week(connection, NEVER)
    await visitor.send("m1", text="gặp cán bộ")
    await visitor.send("m2", text=NUMBER)
    queue = await lan.get("/conversations")
    assert "Cần gọi lại (1)" in queue.text and "Có số điện thoại" in queue.text
    case = case_on(queue)
    page = await lan.get(case)
    assert NUMBER not in queue.text + page.text
    assert (await do(lan, f"{case}/reveal", page, reason="")).status_code == 422
    assert NUMBER in (await do(lan, f"{case}/reveal", page, reason="call")).text
    await do(lan, f"{case}/close", page)
    assert "Cần gọi lại (0)" in (await lan.get("/conversations/queue")).text
    assert NUMBER not in (await do(lan, f"{case}/reveal", page, reason="call")).text


async def test_what_cannot_be_sent_is_said_and_what_was_typed_stays(lan: Browser, visitor: Visitor) -> None:
    case = await taken(lan)
    page = await lan.get(case)
    assert (await do(lan, f"{case}/answer", page, text=" \u200b ")).status_code == 422
    long = await do(lan, f"{case}/answer", page, text="dài " * 600, token="t")
    assert long.status_code == 422 and "dài dài" in long.text
    for wrong in ("0" * 32, "x", "%00"):
        assert (await lan.get(f"/conversations/{wrong}")).status_code == 404


async def test_nothing_that_is_typed_becomes_markup(lan: Browser, visitor: Visitor) -> None:
    case = await taken(lan)
    await visitor.send("m1", text="<script>alert(1)</script><img src=x onerror=alert(2)>")
    await do(lan, f"{case}/note", await lan.get(case), text="<b>đậm</b>")
    page = await do(lan, f"{case}/reveal", await lan.get(case), reason="other")
    assert "<script>alert" not in page.text and "<img src=x" not in page.text and "<b>" not in page.text


async def test_an_erased_conversation_is_gone_for_the_officer_too(lan: Browser, visitor: Visitor) -> None:
    case = await taken(lan)
    await visitor.http.delete("/api/v1/chat/sessions/current", headers=visitor.headers)
    assert (await lan.get(case)).status_code == 404
    assert "Đang trả lời (0)" in (await lan.get("/conversations")).text


async def test_hours_are_set_on_their_page(staff: Staff, lan: Browser) -> None:
    page = await lan.get("/conversations/hours")
    assert page.status_code == 200
    kept = await do(lan, "/conversations/hours", page, **{"opens-5-0": "08:00", "closes-5-0": "11:00"})
    assert kept.status_code == 303
    assert 'value="08:00"' in (await lan.get("/conversations/hours")).text
    for wrong in ({"opens-0-0": "8h"}, {"opens-0-0": "08:00"}, {"opens-0-0": "09:00", "closes-0-0": "08:00"}):
        assert (await do(lan, "/conversations/hours", page, **wrong)).status_code == 422
    assert 'value="08:00"' in (await lan.get("/conversations/hours")).text
    assert ("lan", "conversation.hours", "hours:handover") in staff.audit()


class TestReports:
    async def test_an_editor_sees_the_masked_question_the_answer_and_the_receipt_and_marks_it_done(
        self, staff: Staff, visitor: Visitor
    ) -> None:
        sent = await visitor.send("m1", text=f"làm khai sinh, cccd {CITIZEN_CARD}")
        body = {"message_id": sent.json()["message_id"], "useful": False, "reason": "wrong"}
        await visitor.http.post("/api/v1/chat/ratings", json=body, headers=visitor.headers)
        editor = await staff.sign_in("editor", name="hoa")
        page = await editor.get("/reports")
        assert "••••••••••45" in page.text and DOCUMENTS.receipt in page.text and "Giấy chứng sinh" in page.text
        path = re.search(r'action="/console(/reports/[0-9a-f]{32}/done)"', page.text)[1]  # type: ignore[index]
        assert (await do(editor, path, page)).headers["location"] == "/console/reports?done=marked"
        assert (await do(editor, path, page)).status_code == 409
        assert "hoa" in (await editor.get("/reports?show_done=1")).text
        assert DOCUMENTS.receipt not in (await editor.get("/reports")).text
        assert [what for _, what, about in staff.audit() if about.startswith("report:")] == ["report.done"]

    async def test_an_officer_may_look_and_not_mark(self, staff: Staff, lan: Browser, visitor: Visitor) -> None:
        await visitor.send("m1", text="làm khai sinh")
        await visitor.send("m2", text="trả lời sai rồi")
        page = await lan.get("/reports")
        assert DOCUMENTS.receipt in page.text and "/done" not in page.text
