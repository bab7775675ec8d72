from __future__ import annotations

from datetime import UTC, datetime

import pytest

from channels.zalo.errors import Passing
from channels.zalo_oa.recovery import missed_since
from channels.zalo_oa.webhook import read
from tests.channels.zalo_oa.conftest import House
from tests.simulators.zalo import Fault, ZaloSimulator

pytestmark = pytest.mark.anyio


def now(zalo: ZaloSimulator) -> datetime:
    return datetime.fromtimestamp(zalo.clock.now(), UTC)


async def test_what_was_written_meanwhile_comes_back_in_order_under_the_webhooks_keys(
    zalo: ZaloSimulator, house: House
) -> None:
    people = [zalo.account.person(f"Người {number}") for number in range(13)]
    for person in people:
        zalo.account.says(person, "trước đó")
    zalo.clock.advance(minutes=10)
    since = now(zalo)
    said = []
    for number in range(12):
        for person in people[:12]:
            zalo.clock.advance(seconds=1)
            text = "#ask:fee:1.001193" if number == 3 else f"câu {number}"
            message_id = zalo.account.says(person, text)
            body = {"event_name": "user_send_text", "sender": {"id": person.id}, "timestamp": zalo.clock.ms()}
            (event,) = read(zalo.account.written({**body, "message": {"msg_id": message_id, "text": text}}))
            said.append((event.key, event.person, text))
        zalo.account.officer_answers(people[0], "cán bộ trả lời")
    found = await missed_since(house.client, zalo.account.id, since)
    assert [(event.key, event.person, event.text) for event in found] == said
    assert {event.payload for event in found} == {"", "ask:fee:1.001193"}
    assert all(event.account == zalo.account.id for event in found)


async def test_nothing_missed_is_one_question(zalo: ZaloSimulator, house: House) -> None:
    zalo.account.says(zalo.account.person(), "trước đó")
    zalo.clock.advance(minutes=10)
    assert await missed_since(house.client, zalo.account.id, now(zalo)) == ()
    assert len(zalo.journal.of("/listrecentchat")) == 1 and not zalo.journal.of("/conversation")


async def test_a_history_that_cannot_be_read_is_told(zalo: ZaloSimulator, house: House) -> None:
    zalo.faults.plan("/listrecentchat", Fault.BAD_GATEWAY)
    with pytest.raises(Passing):
        await missed_since(house.client, zalo.account.id, now(zalo))
