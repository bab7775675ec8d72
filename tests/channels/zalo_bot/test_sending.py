from __future__ import annotations

from datetime import UTC, datetime

import pytest

from channels.durable.model import Address, Message, Never, NotSent, Sender, Sent, Unknown
from channels.zalo_bot.client import BotClient
from channels.zalo_bot.messages import BotMessage
from channels.zalo_bot.sending import BotSender, outgoing
from tests.simulators.zalo import Fault, ZaloSimulator
from tests.simulators.zalo.bot import Bot, BotPerson

pytestmark = pytest.mark.anyio


@pytest.fixture
def sender(client: BotClient) -> Sender:
    return BotSender(client)


@pytest.fixture
def kept(bot: Bot, person: BotPerson) -> Message:
    body = outgoing(BotMessage("Giấy tờ\nmẫu 1*2", "**Giấy tờ**\nmẫu 1\\*2"))
    return Message("m" * 32, Address("zalo_bot", bot.id, person.id), body, 1, datetime.now(UTC))


async def test_a_message_goes_out_as_it_was_kept(bot: Bot, person: BotPerson, sender: Sender, kept: Message) -> None:
    assert await sender.send(kept) == Sent(bot.sees[person.id][0].message_id)
    assert bot.texts(person.id) == ["Giấy tờ\nmẫu 1*2"]


@pytest.mark.parametrize("fault", [Fault.DONE_THEN_DROPPED, Fault.DONE_THEN_502, Fault.RESET, Fault.TRUNCATED])
async def test_an_unknown_outcome_stays_unknown(
    zalo: ZaloSimulator, bot: Bot, person: BotPerson, sender: Sender, kept: Message, fault: Fault
) -> None:
    zalo.faults.plan("/sendMessage", fault)
    assert isinstance(await sender.send(kept), Unknown)
    assert await sender.settle(kept) is None
    assert len(bot.texts(person.id)) <= 1 and len(zalo.journal.of("/sendMessage")) == 1


async def test_over_the_quota_it_waits_and_to_a_stranger_it_is_never_sent(
    zalo: ZaloSimulator, bot: Bot, person: BotPerson, sender: Sender, kept: Message
) -> None:
    zalo.modes.bot_rate = 0
    assert isinstance(await sender.send(kept), NotSent)
    bot.chats.clear()
    assert isinstance(await sender.send(kept), Never)
    assert bot.texts(person.id) == []
