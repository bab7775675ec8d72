"""A person and an officer, through the gateway's door and over its database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from channels.console.tables import StaffAccount
from channels.handover import reports
from channels.handover.errors import UnreadMessage
from channels.storage import now
from motcua.database import upgrade
from tests.channels.conftest import Visitor, come_in
from tests.channels.handover.conftest import Gateway, gateway_of, texts, told
from tests.simulators.postgres import PostgresServer
from tests.simulators.rasa import DOCUMENTS, GONE, OFFICE, Fault, RasaSimulator

pytestmark = pytest.mark.anyio

NUMBER = "0912345678"
ASKS = "gặp cán bộ"


def everything_on_disk(home: Path) -> bytes:
    return b"".join(file.read_bytes() for file in home.iterdir() if file.name.startswith("motcua.db"))


async def take(gateway: Gateway, visitor: Visitor, officer: str = "lan") -> str:
    case = gateway.open_case(visitor)
    await gateway.desk.storage.run(lambda connection: gateway.desk.counter.take(connection, case.id, officer))
    await gateway.desk.post()
    return case.id


async def say(gateway: Gateway, case_id: str, text: str, token: str, officer: str = "lan") -> None:
    counter = gateway.desk.counter
    await gateway.desk.storage.run(lambda connection: counter.say(connection, case_id, officer, text, token))
    await gateway.desk.post()


class TestInHours:
    async def test_who_asks_for_an_officer_learns_the_place_in_the_queue(self, gateway: Gateway) -> None:
        one, two = await come_in(gateway.http), await come_in(gateway.http)
        first, second = await one.send("m1", text=ASKS), await two.send("m1", text=ASKS)
        assert "đã chuyển" in texts(first) and "người tiếp theo" in texts(first)
        assert "còn 1 người" in texts(second)
        assert OFFICE.text not in texts(first), "the bot's plain sentence is replaced"
        assert gateway.open_case(one).reason == "asked"

    @pytest.mark.parametrize(("words", "reason"), [("không hiểu gì cả", "failed"), ("quá tệ", "complaint")])
    async def test_failing_and_complaining_lead_there_too(
        self, gateway: Gateway, visitor: Visitor, words: str, reason: str
    ) -> None:
        assert "xin lỗi" in texts(await visitor.send("m1", text=words)).lower()
        assert gateway.open_case(visitor).reason == reason

    async def test_while_waiting_the_bot_goes_on_answering(
        self, gateway: Gateway, visitor: Visitor, rasa: RasaSimulator
    ) -> None:
        await visitor.send("m1", text=ASKS)
        assert texts(await visitor.send("m2", text="làm khai sinh")) == DOCUMENTS.text
        assert "đã ở hàng chờ" in texts(await visitor.send("m3", text=ASKS))
        assert gateway.rows("handover") == 1
        assert len(rasa.heard) == 3

    async def test_sending_the_request_again_gives_the_same_answer_and_one_case(
        self, gateway: Gateway, visitor: Visitor
    ) -> None:
        answers = await asyncio.gather(*(visitor.send("m1", text=ASKS) for _ in range(5)))
        assert len({a.text for a in answers}) == 1
        assert gateway.rows("handover") == 1

    async def test_a_request_cut_off_before_its_answer_was_kept_makes_one_case_when_sent_again(
        self, gateway: Gateway, visitor: Visitor, rasa: RasaSimulator
    ) -> None:
        rasa.delay = 5
        cut_off = asyncio.create_task(visitor.send("m1", text=ASKS))
        async with asyncio.timeout(30):
            while not rasa.heard:
                await asyncio.sleep(0.01)
        cut_off.cancel()
        await asyncio.gather(cut_off, return_exceptions=True)
        assert gateway.case_of(visitor) is None
        rasa.delay = 0
        assert "đã chuyển" in texts(await visitor.send("m1", text=ASKS))
        assert gateway.rows("handover") == 1

    async def test_where_nobody_of_the_staff_answers_no_case_is_made(self, gateway: Gateway, visitor: Visitor) -> None:
        with gateway.engine.begin() as connection:
            connection.execute(update(StaffAccount).values(disabled_at=now()))
        assert texts(await visitor.send("m1", text=ASKS)) == OFFICE.text
        assert gateway.case_of(visitor) is None


class TestTaken:
    async def test_the_officer_answers_and_the_bot_is_silent_until_handed_back(
        self, gateway: Gateway, visitor: Visitor, rasa: RasaSimulator
    ) -> None:
        await visitor.send("m1", text=ASKS)
        case_id = await take(gateway, visitor)
        heard = len(rasa.heard)
        answer = await visitor.send("m2", text="cccd 001099012345 của tôi đây")
        assert (answer.status_code, answer.json()["replies"]) == (200, [])
        tapped = await visitor.send("m3", payload="ask:fee:1.001193")
        assert tapped.json()["replies"] == []
        assert (await visitor.send("m4", text="👍")).json()["replies"] == []
        assert len(rasa.heard) == heard, "the bot is not asked"
        await say(gateway, case_id, "Anh/chị mang theo giấy chứng sinh nhé.", "t1")
        await gateway.desk.storage.run(lambda c: gateway.desk.counter.hand_back(c, case_id, "lan"))
        await gateway.desk.post()
        notices = await told(visitor)
        assert [len(notices), "tạm dừng" in notices[0], "lại trả lời" in notices[2]] == [3, True, True]
        assert notices[1] == "Cán bộ: Anh/chị mang theo giấy chứng sinh nhé."
        assert texts(await visitor.send("m5", text="làm khai sinh")) == DOCUMENTS.text

    async def test_what_is_kept_for_the_officer_is_masked_in_the_history_and_sealed_beside_it(
        self, gateway: Gateway, visitor: Visitor, tmp_path: Path
    ) -> None:
        await visitor.send("m1", text=ASKS)
        case_id = await take(gateway, visitor)
        sent = (await visitor.send("m2", text="cccd 001099012345 của tôi đây")).json()["message_id"]
        entry = (await visitor.history()).json()["messages"][-1]
        assert entry["text"] == "cccd ••••••••••45 của tôi đây"
        assert b"001099012345" not in everything_on_disk(tmp_path)
        reveal = gateway.desk.counter.reveal
        revealed = await gateway.desk.storage.run(lambda connection: reveal(connection, case_id))
        assert revealed.messages == {sent: "cccd 001099012345 của tôi đây"}
        await gateway.desk.storage.run(lambda c: gateway.desk.counter.hand_back(c, case_id, "lan"))
        assert gateway.rows("handover_message") == 0, "sealed for the time of the case only"

    async def test_sending_again_keeps_one_message(self, gateway: Gateway, visitor: Visitor) -> None:
        await visitor.send("m1", text=ASKS)
        await take(gateway, visitor)
        answers = [await visitor.send("m2", text="alo") for _ in range(3)]
        assert len({a.text for a in answers}) == 1
        assert gateway.rows("handover_message") == 1

    async def test_a_message_that_the_bot_could_not_answer_goes_to_the_officer_when_sent_again(
        self, gateway: Gateway, visitor: Visitor, rasa: RasaSimulator
    ) -> None:
        await visitor.send("m1", text=ASKS)
        rasa.fault = Fault.ERROR
        assert (await visitor.send("m2", text="alo")).status_code == 503
        await take(gateway, visitor)
        assert (await visitor.send("m2", text="alo")).json()["replies"] == []
        assert gateway.rows("handover_message") == 1

    async def test_who_has_not_seen_the_newest_message_cannot_hand_back(
        self, gateway: Gateway, visitor: Visitor
    ) -> None:
        await visitor.send("m1", text=ASKS)
        case_id = await take(gateway, visitor)
        view = await gateway.desk.storage.run(lambda c: gateway.desk.counter.view(c, case_id))
        await visitor.send("m2", text="còn một câu nữa")
        with pytest.raises(UnreadMessage):
            await gateway.desk.storage.run(
                lambda c: gateway.desk.counter.hand_back(c, case_id, "lan", view.newest_message)
            )
        assert gateway.open_case(visitor).state == "taken"

    async def test_notes_are_sealed_and_read_by_colleagues(
        self, gateway: Gateway, visitor: Visitor, tmp_path: Path
    ) -> None:
        await visitor.send("m1", text=ASKS)
        case_id = gateway.open_case(visitor).id
        counter = gateway.desk.counter
        await gateway.desk.storage.run(lambda c: counter.note(c, case_id, "lan", "gọi lại số kia trước 10 giờ"))
        view = await gateway.desk.storage.run(lambda c: counter.view(c, case_id))
        assert [(note.officer, note.text) for note in view.notes] == [("lan", "gọi lại số kia trước 10 giờ")]
        assert "gọi lại số kia".encode() not in everything_on_disk(tmp_path)

    async def test_asking_for_an_officer_again_afterwards_makes_another_case(
        self, gateway: Gateway, visitor: Visitor
    ) -> None:
        await visitor.send("m1", text=ASKS)
        case_id = await take(gateway, visitor)
        await gateway.desk.storage.run(lambda c: gateway.desk.counter.close(c, case_id, "lan"))
        assert "đã chuyển" in texts(await visitor.send("m2", text=ASKS))
        assert gateway.open_case(visitor).id != case_id


class TestOutOfHours:
    @pytest.fixture(autouse=True)
    def closed(self, gateway: Gateway) -> None:
        gateway.closed_hours()

    async def test_a_number_is_left_with_consent_and_seen_by_no_one_else(
        self, gateway: Gateway, visitor: Visitor, rasa: RasaSimulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        asked = await visitor.send("m1", text=ASKS)
        assert "ngoài giờ" in texts(asked) and "đồng ý" in texts(asked)
        heard = len(rasa.heard)
        left = await visitor.send("m2", text=f"số tôi là {NUMBER[:4]} {NUMBER[4:7]} {NUMBER[7:]}")
        assert "hai chữ số cuối 78" in texts(left)
        assert len(rasa.heard) == heard, "the number does not reach the bot"
        assert (await visitor.send("m2", text=NUMBER)).text == left.text
        case = gateway.open_case(visitor)
        assert case.contact == "given" and case.contact_at is not None
        counter = gateway.desk.counter
        assert [c.id for c in await gateway.desk.storage.run(counter.to_call)] == [case.id]
        assert (await gateway.desk.storage.run(lambda c: counter.reveal(c, case.id))).number == NUMBER
        digits = everything_on_disk(tmp_path).replace(b" ", b"") + caplog.text.replace(" ", "").encode()
        assert NUMBER.encode() not in digits
        await gateway.desk.storage.run(lambda c: counter.close(c, case.id, "lan"))
        with gateway.engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT contact_sealed FROM handover").scalar_one() == ""

    @pytest.mark.parametrize("no", [{"text": "không ạ"}, {"payload": "say:deny"}])
    async def test_no_is_no_and_keeps_the_place(
        self, gateway: Gateway, visitor: Visitor, no: dict[str, str], rasa: RasaSimulator
    ) -> None:
        await visitor.send("m1", text=ASKS)
        assert "không lưu số nào" in texts(await visitor.send("m2", **no))
        assert (gateway.open_case(visitor).contact, gateway.open_case(visitor).state) == ("declined", "waiting")
        assert len(rasa.heard) == 1

    async def test_a_number_counts_only_as_the_answer_to_the_question(
        self, gateway: Gateway, visitor: Visitor, rasa: RasaSimulator
    ) -> None:
        await visitor.send("m1", text=ASKS)
        assert texts(await visitor.send("m2", text="làm khai sinh")) == DOCUMENTS.text
        await visitor.send("m3", text=NUMBER)
        assert len(rasa.heard) == 3
        assert gateway.open_case(visitor).contact == ""

    async def test_a_number_that_cannot_be_called_is_asked_for_again(self, gateway: Gateway, visitor: Visitor) -> None:
        await visitor.send("m1", text=ASKS)
        assert "chưa đúng" in texts(await visitor.send("m2", text="09123"))
        assert "nhắn giúp tôi" in texts(await visitor.send("m3", text="có"))
        await visitor.send("m4", text=NUMBER)
        assert gateway.open_case(visitor).contact == "given"

    async def test_who_left_a_number_is_not_asked_twice(self, gateway: Gateway, visitor: Visitor) -> None:
        await visitor.send("m1", text=ASKS)
        await visitor.send("m2", text=NUMBER)
        again = texts(await visitor.send("m3", text=ASKS))
        assert "đã được ghi lại" in again and "đồng ý" not in again


class TestErasing:
    async def test_takes_the_case_with_everything_in_it(
        self, gateway: Gateway, visitor: Visitor, rasa: RasaSimulator, tmp_path: Path
    ) -> None:
        other = await come_in(gateway.http)
        await other.send("m1", text=ASKS)
        await visitor.send("m1", text="làm khai sinh")
        await visitor.send("m2", text="trả lời sai rồi")
        await visitor.send("m3", text=ASKS)
        case_id = await take(gateway, visitor)
        await visitor.send("m4", text="alo")
        await say(gateway, case_id, "Chào anh/chị.", "t1")
        await visitor.http.delete("/api/v1/chat/sessions/current", headers=visitor.headers)
        left = {table: gateway.rows(table) for table in ("handover", "handover_message", "handover_notice")}
        assert left == {"handover": 1, "handover_message": 0, "handover_notice": 0}
        assert gateway.case_of(other) is not None
        with gateway.engine.connect() as connection:
            report = connection.exec_driver_sql("SELECT message_id, receipt FROM answer_report").one()
        assert tuple(report) == (None, DOCUMENTS.receipt), "of the report the answer's receipt stays, and no person"

    async def test_by_talk_does_the_same_and_closes_the_session(
        self, gateway: Gateway, visitor: Visitor, rasa: RasaSimulator
    ) -> None:
        await visitor.send("m1", text=ASKS)
        async with gateway.desk.hub.listen(visitor.session_id) as page:
            answer = await visitor.send("m2", text="đúng, xóa hết dữ liệu")
            events = [event.name async for event in page.until(timedelta(minutes=1))]
        assert texts(answer) == GONE.text
        assert events == ["erased"], "open pages learn of it"
        assert (await visitor.send("m3", text="alo")).status_code == 401
        assert [gateway.rows(t) for t in ("handover", "chat_message", "chat_session")] == [0, 0, 0]
        assert rasa.forgotten == [visitor.session_id]

    async def test_by_talk_is_finished_later_when_the_bot_cannot_forget_now(
        self, gateway: Gateway, visitor: Visitor, rasa: RasaSimulator
    ) -> None:
        rasa.cannot_forget = True
        assert texts(await visitor.send("m1", text="đúng, xóa hết dữ liệu")) == GONE.text
        assert gateway.rows("chat_message") == 0
        assert (await visitor.history()).status_code == 401
        rasa.cannot_forget = False
        await gateway.desk.keeper.look_seldom(now())
        assert (rasa.forgotten, gateway.rows("chat_session")) == ([visitor.session_id], 0)


@pytest.mark.parametrize("message", ["gặp cán bộ", "trả lời sai rồi", "đúng, xóa hết dữ liệu"])
async def test_an_answer_that_is_only_a_signal_still_says_something(
    visitor: Visitor, rasa: RasaSimulator, message: str
) -> None:
    rasa.is_mute = True
    assert texts(await visitor.send("m1", text=message))


async def test_a_bot_that_asks_for_officers_where_there_are_none_and_says_nothing_leads_to_the_counter(
    gateway: Gateway, visitor: Visitor, rasa: RasaSimulator
) -> None:
    rasa.is_mute = True
    with gateway.engine.begin() as connection:
        connection.execute(update(StaffAccount).values(disabled_at=now()))
    assert "Trung tâm Phục vụ hành chính công" in texts(await visitor.send("m1", text=ASKS))


@pytest.mark.postgres
async def test_on_postgresql_it_is_the_same(make_settings: Callable[..., Any], postgres: PostgresServer) -> None:
    settings = make_settings(database_url=postgres.new_database())
    upgrade(settings.database)
    async with gateway_of(settings) as gateway:
        visitor = await come_in(gateway.http)
        answered = (await visitor.send("m1", text="làm khai sinh")).json()["message_id"]
        for rating in ({"useful": True}, {"useful": False, "reason": "wrong"}):
            body = {"message_id": answered, **rating}
            rated = await visitor.http.post("/api/v1/chat/ratings", json=body, headers=visitor.headers)
            assert rated.status_code == 204
        with gateway.engine.connect() as connection:
            (report,) = reports.reports(connection, done=False)
        assert (report.question, report.receipt) == ("làm khai sinh", DOCUMENTS.receipt)

        gateway.closed_hours()
        await visitor.send("m2", text=ASKS)
        await visitor.send("m3", text=NUMBER)
        gateway.open_hours()
        case_id = await take(gateway, visitor)
        assert (await visitor.send("m4", text="alo")).json()["replies"] == []
        await say(gateway, case_id, "Chào anh/chị.", "t1")
        opened = await gateway.desk.storage.run(lambda c: gateway.desk.counter.reveal(c, case_id))
        assert (opened.number, list(opened.messages.values())) == (NUMBER, ["alo"])
        await gateway.desk.keeper.look(now() + timedelta(hours=1))
        await gateway.desk.keeper.look_seldom(now())
        await gateway.desk.storage.run(lambda c: gateway.desk.counter.hand_back(c, case_id, "lan"))
        await gateway.desk.post()
        assert len(await told(visitor)) == 3
        await visitor.send("m5", text="đúng, xóa hết dữ liệu")
        assert [gateway.rows(t) for t in ("handover", "chat_message", "message_rating", "answer_report")] == [
            0,
            0,
            0,
            1,
        ]
        assert (await gateway.desk.keeper.look_seldom(now() + timedelta(days=60))).cases == 0
