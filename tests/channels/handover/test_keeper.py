"""What nobody asks for, cut short anywhere: nothing is lost and nothing comes twice."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from channels.handover import cases
from channels.handover.cases import Conversation
from channels.handover.conversation import Said
from channels.handover.keeper import TEMPLATE, Keeper
from channels.handover.tables import Handover
from channels.notices import WebNotices
from channels.rasa_client import Answer, HandoverSignal
from channels.storage import now
from channels.tables import ChatSession
from motcua.notice import Notice, Outcome
from motcua.working_days import WorkingDays
from tests.channels.conftest import Visitor, come_in
from tests.channels.handover.conftest import Gateway, told
from tests.channels.handover.test_conversation import ASKS, NUMBER, take

pytestmark = pytest.mark.anyio

PATIENCE = timedelta(minutes=10)


class Killed(BaseException):
    """The process ended here."""


class Carrier:
    """The web's channel, which a test can break before or after it has done its work."""

    def __init__(self, web: WebNotices) -> None:
        self._web = web
        self.outcomes: list[Outcome] = []
        self.dies_after = False
        self.given: list[Notice] = []

    def deliver(self, notice: Notice) -> Outcome:
        self.given.append(notice)
        if self.outcomes:
            return self.outcomes.pop(0)
        outcome = self._web.deliver(notice)
        if self.dies_after:
            raise Killed
        return outcome

    def gone(self, persons: Collection[str]) -> set[str]:
        return self._web.gone(persons)


@pytest.fixture
def carrier(gateway: Gateway) -> Carrier:
    return Carrier(WebNotices(gateway.engine))


@pytest.fixture
def keeper(gateway: Gateway, carrier: Carrier) -> Keeper:
    days = WorkingDays(gateway.desk.settings.dossier_days_off_file)
    return Keeper(gateway.desk.storage, {"web": carrier}, days, patience=PATIENCE, case_days=30, chat_days=30)


@pytest.fixture(autouse=True)
async def alone(gateway: Gateway) -> None:
    """The gateway's own keeper rests, so that the test's does everything."""
    for task in asyncio.all_tasks():
        if getattr(task.get_coro(), "__qualname__", "") == "Keeper.keep":
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def put(gateway: Gateway, visitor: Visitor, *answers: str) -> str:
    """A taken case whose officer's answers are written and not yet given to the channel."""
    await visitor.send("m1", text=ASKS)
    case_id = gateway.open_case(visitor).id
    counter = gateway.desk.counter
    await gateway.desk.storage.run(lambda c: counter.take(c, case_id, "lan"))
    for number, said in enumerate(answers):
        await gateway.desk.storage.run(lambda c, n=number, s=said: counter.say(c, case_id, "lan", s, f"t{n}"))
    return case_id


class TestDelivering:
    async def test_answers_come_once_and_in_order(self, gateway: Gateway, visitor: Visitor, keeper: Keeper) -> None:
        await put(gateway, visitor, "một", "hai", "ba")
        await asyncio.gather(*(keeper.deliver(now()) for _ in range(3)))
        assert [said.removeprefix("Cán bộ: ") for said in await told(visitor)][1:] == ["một", "hai", "ba"]

    async def test_killed_after_the_channel_took_it_and_before_it_was_noted_it_comes_once(
        self, gateway: Gateway, visitor: Visitor, keeper: Keeper, carrier: Carrier
    ) -> None:
        await put(gateway, visitor, "một")
        carrier.dies_after = True
        for _ in range(3):
            with pytest.raises(Killed):
                await keeper.deliver(now())
        carrier.dies_after = False
        await keeper.deliver(now())
        assert len(await told(visitor)) == 2
        assert {notice.template for notice in carrier.given} == {TEMPLATE}

    async def test_what_the_channel_cannot_take_now_is_given_later_and_holds_back_what_follows(
        self, gateway: Gateway, visitor: Visitor, keeper: Keeper, carrier: Carrier
    ) -> None:
        await put(gateway, visitor, "một")
        carrier.outcomes = [Outcome.LATER]
        await keeper.deliver(now())
        assert await told(visitor) == []
        await keeper.deliver(now() + timedelta(seconds=6))
        assert len(await told(visitor)) == 2

    async def test_of_what_was_delivered_no_second_copy_is_kept(
        self, gateway: Gateway, visitor: Visitor, keeper: Keeper
    ) -> None:
        await put(gateway, visitor, "một")
        await keeper.deliver(now())
        with gateway.engine.connect() as connection:
            assert set(connection.execute(text("SELECT reply FROM handover_notice")).scalars()) == {""}

    async def test_an_officer_learns_that_the_person_is_gone(
        self, gateway: Gateway, visitor: Visitor, keeper: Keeper
    ) -> None:
        case_id = await put(gateway, visitor, "một")
        with gateway.engine.begin() as connection:
            connection.execute(update(ChatSession).values(expires_at=now()))
        await keeper.deliver(now())
        view = await gateway.desk.storage.run(lambda c: gateway.desk.counter.view(c, case_id))
        assert view.is_unreachable and view.on_the_way == 0


class TestWaiting:
    async def test_who_gets_no_answer_in_time_is_told_and_waits_again_at_the_old_place(
        self, gateway: Gateway, visitor: Visitor, keeper: Keeper
    ) -> None:
        await put(gateway, visitor)
        since = gateway.open_case(visitor).waiting_since
        await visitor.send("m2", text="alo")
        await keeper.look(now() + PATIENCE)
        case = gateway.open_case(visitor)
        assert (case.state, case.officer, case.waiting_since) == ("waiting", "", since)
        assert "chưa kịp trả lời" in (await told(visitor))[-1]
        assert gateway.rows("handover_message") == 1, "what was written is kept for the next officer"
        await keeper.look(now() + PATIENCE)
        assert len(await told(visitor)) == 2
        assert (await visitor.send("m3", text="làm khai sinh")).json()["replies"], "the bot speaks meanwhile"

    async def test_whom_nobody_takes_is_told_once_and_may_leave_a_number(
        self, gateway: Gateway, visitor: Visitor, keeper: Keeper
    ) -> None:
        await visitor.send("m1", text=ASKS)
        for _ in range(3):
            await keeper.look(now() + PATIENCE)
        (apology,) = await told(visitor)
        assert "chưa có cán bộ nào nhận" in apology and "đồng ý" in apology
        await visitor.send("m2", text=NUMBER)
        assert gateway.open_case(visitor).contact == "given"

    async def test_nobody_is_woken_up_at_night(self, gateway: Gateway, visitor: Visitor, keeper: Keeper) -> None:
        gateway.closed_hours()
        await visitor.send("m1", text=ASKS)
        await keeper.look(now() + timedelta(hours=9))
        assert await told(visitor) == []


class TestResting:
    async def test_the_waiting_case_of_who_left_is_closed_unless_there_is_a_number_to_call(
        self, gateway: Gateway, keeper: Keeper
    ) -> None:
        silent, caller, here = [await come_in(gateway.http) for _ in range(3)]
        await silent.send("m1", text=ASKS)
        await here.send("m1", text=ASKS)
        gateway.closed_hours()
        await caller.send("m1", text=ASKS)
        await caller.send("m2", text=NUMBER)
        with gateway.engine.begin() as connection:
            left = ChatSession.id.in_([silent.session_id, caller.session_id])
            connection.execute(update(ChatSession).where(left).values(expires_at=now()))
        await keeper.look_seldom(now())
        assert [gateway.case_of(one) is not None for one in (silent, caller, here)] == [False, True, True]

    async def test_what_is_old_goes_with_its_number(self, gateway: Gateway, visitor: Visitor, keeper: Keeper) -> None:
        gateway.closed_hours()
        await visitor.send("m1", text=ASKS)
        await visitor.send("m2", text=NUMBER)
        await keeper.look_seldom(now() + timedelta(days=29))
        assert gateway.rows("handover") == 1
        swept = await keeper.look_seldom(now() + timedelta(days=31))
        assert (swept.cases, gateway.rows("handover")) == (1, 0)

    async def test_web_sessions_go_so_many_days_after_they_expired(
        self, gateway: Gateway, visitor: Visitor, keeper: Keeper
    ) -> None:
        await visitor.send("m1", text="xin chào")
        assert (await keeper.look_seldom(now() + timedelta(days=30))).sessions == 0
        assert (await keeper.look_seldom(now() + timedelta(days=31, minutes=1))).sessions == 1
        await gateway.desk.sessions.finish_erasures()
        assert gateway.rows("chat_message") == 0


async def test_the_gateway_keeps_by_itself(gateway: Gateway, visitor: Visitor) -> None:
    """Without a word from anybody: the loop of a running gateway delivers and returns."""
    task = asyncio.create_task(gateway.desk.keeper.keep(every=0.01))
    await put(gateway, visitor, "một")
    with gateway.engine.begin() as connection:
        connection.execute(update(Handover).values(answer_due=now()))
    async with asyncio.timeout(60):
        while len(await told(visitor)) < 3:
            await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert gateway.open_case(visitor).state == "waiting"


async def test_taking_is_told_at_once(gateway: Gateway, visitor: Visitor) -> None:
    await visitor.send("m1", text=ASKS)
    await take(gateway, visitor)
    assert len(await told(visitor)) == 1


class Phone:
    """Another channel's carrier, which keeps what it was given."""

    def __init__(self) -> None:
        self.inbox: dict[str, str] = {}

    def deliver(self, notice: Notice) -> Outcome:
        self.inbox.setdefault(notice.id, f"{notice.person}: {notice.reply.text}")
        return Outcome.SENT

    def gone(self, persons: Collection[str]) -> set[str]:
        return set()


async def test_another_channel_has_cases_by_its_carrier_alone(gateway: Gateway, keeper: Keeper) -> None:
    """The steps that a channel takes which is not the web: hear, heed, and a carrier."""
    phone, desk = Phone(), gateway.desk
    talk = Conversation("phone", "person-1", "talk-1")
    asked = Answer((), (HandoverSignal(reason="asked"),))
    heeded = await desk.storage.run(lambda c: desk.handovers.heed(c, talk, "m1", asked, now()))
    assert "đã chuyển" in heeded.replies[0].text
    (case,) = await desk.storage.run(desk.counter.queue)
    assert case.conversation == talk
    await desk.storage.run(lambda c: desk.counter.take(c, case.id, "lan"))
    said = Said("m2", "alo", "")
    assert await desk.storage.run(lambda c: desk.handovers.hear(c, talk, said, now())) == []
    await desk.storage.run(lambda c: desk.counter.say(c, case.id, "lan", "Chào anh/chị.", "t1"))
    await keeper.deliver(now())
    assert phone.inbox == {}, "what nobody carries waits"
    desk.carriers["phone"] = phone
    await desk.post()
    assert list(phone.inbox.values())[1] == "person-1: Cán bộ: Chào anh/chị."
    await desk.storage.run(lambda c: cases.forget(c, "phone", ["person-1"]))
    assert gateway.rows("handover") == gateway.rows("handover_message") == 0
