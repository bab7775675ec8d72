from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from channels.durable.model import Address, Message, Never, NotSent, Sender, Sent, Unknown
from channels.zalo.outcomes import PUT_RIGHT
from channels.zalo_oa.messages import Button, PictureMessage, TextMessage
from channels.zalo_oa.sending import OaSender, Template, outgoing
from tests.channels.zalo_oa.conftest import House
from tests.simulators.zalo import Fault, ZaloSimulator
from tests.simulators.zalo import account as side
from tests.simulators.zalo.account import Person

pytestmark = pytest.mark.anyio
HELLO = TextMessage("Chào anh/chị.\n\nHỏi gì ạ?", (Button("Lệ phí", "#ask:fee:1.001193"),))


def now(zalo: ZaloSimulator) -> datetime:
    return datetime.fromtimestamp(zalo.clock.now(), UTC)


@pytest.fixture
def sender(zalo: ZaloSimulator, house: House) -> Sender:
    return OaSender(house.client, clock=lambda: now(zalo))


@pytest.fixture
def person(zalo: ZaloSimulator) -> Person:
    one = zalo.account.person()
    zalo.account.says(one, "xin chào")
    return one


@pytest.fixture
def kept(zalo: ZaloSimulator, person: Person) -> Message:
    return Message("m" * 32, Address("zalo_oa", zalo.account.id, person.id), outgoing(HELLO), 1, now(zalo))


async def test_a_message_goes_out_as_it_was_kept(sender: Sender, person: Person, kept: Message) -> None:
    sent = await sender.send(kept)
    assert sent == Sent(person.sees[0].message_id) and person.texts == [HELLO.text]
    assert person.sees[0].buttons[0]["payload"] == "#ask:fee:1.001193"


async def test_somebody_silent_for_too_long_gets_the_template(
    zalo: ZaloSimulator, sender: Sender, person: Person, kept: Message
) -> None:
    zalo.account.templates["287650"] = side.Template("287650", {"ma": 30})
    zalo.clock.advance(days=8)
    assert await sender.send(kept) == Never(
        "message/cs: this person cannot be written to (code -230)", unreachable=True
    )
    with_template = replace(kept, body=outgoing(HELLO, Template("287650", {"ma": "0001"})))
    assert await sender.send(with_template) == Sent(person.sees[0].message_id, as_template=True)
    person.has_blocked = True
    assert isinstance(await sender.send(with_template), Never)
    assert len(person.sees) == 1


@pytest.mark.parametrize(
    ("fault", "arrives"),
    [(Fault.DONE_THEN_DROPPED, True), (Fault.DONE_THEN_502, True), (Fault.RESET, False), (Fault.BAD_GATEWAY, False)],
)
async def test_an_unknown_outcome_is_found_out_from_the_history(
    zalo: ZaloSimulator, sender: Sender, person: Person, kept: Message, fault: Fault, arrives: bool
) -> None:
    zalo.faults.plan("/message/cs", fault)
    assert isinstance(await sender.send(kept), Unknown)
    if arrives:
        assert await sender.settle(kept) == Sent(person.sees[0].message_id)
        return
    # The history may be late: half a minute must pass before its silence counts.
    assert isinstance(await sender.settle(kept), Unknown)
    zalo.clock.advance(seconds=31)
    assert isinstance(await sender.settle(kept), NotSent)
    await sender.send(replace(kept, attempt=2))
    assert person.texts == [HELLO.text]


async def test_a_history_that_cannot_be_read_is_asked_again_later(
    zalo: ZaloSimulator, sender: Sender, kept: Message
) -> None:
    zalo.faults.plan("/conversation", Fault.BAD_GATEWAY)
    assert isinstance(await sender.settle(kept), Unknown)


async def test_what_the_history_cannot_tell_apart_is_not_found_out(
    zalo: ZaloSimulator, sender: Sender, kept: Message
) -> None:
    zalo.clock.advance(minutes=5)
    assert await sender.settle(replace(kept, body=outgoing(PictureMessage("up-1")))) is None
    assert await sender.settle(replace(kept, body=outgoing(HELLO, Template("1", {})))) is None


async def test_the_same_words_of_yesterday_are_not_taken_for_todays(
    zalo: ZaloSimulator, sender: Sender, kept: Message
) -> None:
    await sender.send(kept)
    zalo.clock.advance(minutes=5)
    later = replace(kept, tried_at=now(zalo))
    zalo.clock.advance(minutes=1)
    assert isinstance(await sender.settle(later), NotSent)


async def test_without_consent_a_message_waits(zalo: ZaloSimulator, sender: Sender, kept: Message) -> None:
    zalo.oauth.revoke()
    said = await sender.send(kept)
    assert isinstance(said, NotSent) and said.retry_after == PUT_RIGHT
    assert isinstance(await sender.settle(kept), Unknown)


async def test_a_host_that_is_down_surely_has_nothing(zalo: ZaloSimulator, sender: Sender, kept: Message) -> None:
    zalo.server.stop()
    said = await sender.send(replace(kept, attempt=9))
    zalo.server.start()
    assert isinstance(said, NotSent) and said.retry_after and said.retry_after <= timedelta(minutes=1)
