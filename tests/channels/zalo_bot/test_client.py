from __future__ import annotations

import asyncio
import logging

import pytest

from channels.zalo.errors import (
    CallFailed,
    NotConfigured,
    NotSent,
    OutcomeUnknown,
    Passing,
    Permanent,
    TokenRefused,
    When,
)
from channels.zalo_bot.client import BotClient
from channels.zalo_bot.messages import BotMessage
from channels.zalo_bot.updates import PhotoSent, TextSaid
from tests.simulators.zalo import Fault, Modes, ZaloSimulator
from tests.simulators.zalo.bot import Bot, BotPerson

pytestmark = pytest.mark.anyio
HELLO = BotMessage("Chào anh/chị.")


async def test_the_bot_says_who_it_is(zalo: ZaloSimulator, bot: Bot, client: BotClient) -> None:
    me = await client.me()
    assert (me.id, me.name, me.joins_groups) == (bot.id, "Bot Một cửa", True)


async def test_a_text_arrives_and_has_an_id(bot: Bot, person: BotPerson, client: BotClient) -> None:
    sent = await client.send(person.id, HELLO)
    assert bot.texts(person.id) == [HELLO.text] and sent.message_id == bot.sees[person.id][0].message_id


async def test_marks_are_sent_as_such_and_read_by_zalo(bot: Bot, person: BotPerson, client: BotClient) -> None:
    await client.send(person.id, BotMessage("Giấy tờ\nmẫu 1*2_x", "**Giấy tờ**\nmẫu 1\\*2\\_x"))
    (shown,) = bot.sees[person.id]
    assert shown.raw["parse_mode"] == "markdown" and shown.text == "Giấy tờ\nmẫu 1*2_x"


async def test_marks_that_zalo_does_not_take_are_left_out_once(
    zalo: ZaloSimulator, bot: Bot, person: BotPerson, client: BotClient
) -> None:
    await client.send(person.id, BotMessage("Giấy tờ", "**Giấy tờ"))
    assert bot.texts(person.id) == ["Giấy tờ"]
    assert len(zalo.journal.of("/sendMessage")) == 2


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001, "🙂" * 1001])
async def test_what_breaks_the_rules_is_refused_for_good(
    zalo: ZaloSimulator, bot: Bot, person: BotPerson, client: BotClient, text: str
) -> None:
    with pytest.raises(Permanent) as told:
        await client.send(person.id, BotMessage(text))
    assert told.value.again.when is When.NEVER and len(zalo.journal.of("/sendMessage")) == 1


async def test_somebody_who_never_wrote_cannot_be_written_to(client: BotClient) -> None:
    with pytest.raises(Permanent):
        await client.send("6ede00000000", HELLO)


async def test_the_rate_and_the_months_quota_pass(
    zalo: ZaloSimulator, bot: Bot, person: BotPerson, client: BotClient
) -> None:
    zalo.modes.bot_rate = 1
    await client.send(person.id, HELLO)
    with pytest.raises(Passing) as told:
        await client.send(person.id, HELLO)
    assert told.value.again.when is When.BACKOFF
    zalo.modes.bot_rate, bot.sent = None, 3000
    with pytest.raises(Passing, match="429"):
        await client.send(person.id, HELLO)


@pytest.mark.parametrize(
    ("fault", "kind", "arrives"),
    [
        (Fault.DROPPED_BEFORE, OutcomeUnknown, False),
        (Fault.RESET, OutcomeUnknown, False),
        (Fault.DONE_THEN_DROPPED, OutcomeUnknown, True),
        (Fault.DONE_THEN_502, OutcomeUnknown, True),
        (Fault.TRUNCATED, OutcomeUnknown, True),
        (Fault.ERROR_500, OutcomeUnknown, False),
        (Fault.NOT_JSON, OutcomeUnknown, False),
        (Fault.TOO_MANY, Passing, False),
    ],
)
async def test_what_befalls_a_message_on_the_way_is_told_and_never_repeated_here(
    zalo: ZaloSimulator, bot: Bot, person: BotPerson, client: BotClient, fault: Fault, kind: type, arrives: bool
) -> None:
    zalo.faults.plan("/sendMessage", fault)
    with pytest.raises(kind) as told:
        await client.send(person.id, BotMessage("Giấy tờ", "**Giấy tờ**"))
    assert type(told.value) is kind
    assert len(zalo.journal.of("/sendMessage")) == 1
    assert bot.texts(person.id) == ["Giấy tờ"] * arrives


async def test_a_host_that_is_down_was_sent_nothing(zalo: ZaloSimulator, person: BotPerson, client: BotClient) -> None:
    zalo.server.stop()
    with pytest.raises(NotSent):
        await client.send(person.id, HELLO)
    zalo.server.start()
    await client.send(person.id, HELLO)


async def test_a_token_that_was_reset_is_told(zalo: ZaloSimulator, bot: Bot, person: BotPerson) -> None:
    stranger = BotClient(zalo.bot_url, f"{bot.id}:another-secret")
    with pytest.raises(TokenRefused):
        await stranger.send(person.id, HELLO)
    await stranger.close()


@pytest.mark.parametrize("token", ["", "abc", "123:", ":x", "12 3:x", "1:x/../y", "1:x?y", "1:ế", "1:a b"])
def test_a_token_that_is_none_is_told_without_showing_it(token: str) -> None:
    with pytest.raises(NotConfigured) as told:
        BotClient("https://bot-api.zaloplatforms.com", token)
    assert not token or token not in str(told.value)


async def test_a_poll_gives_what_was_written(
    zalo: ZaloSimulator, bot: Bot, person: BotPerson, client: BotClient
) -> None:
    message_id = zalo.bots.says(bot, person, "làm khai sinh")
    (update,) = await client.updates(5)
    assert isinstance(update, TextSaid)
    assert (update.text, update.message_id, update.chat) == ("làm khai sinh", message_id, person.id)


async def test_the_end_of_an_empty_poll_is_no_error(client: BotClient) -> None:
    assert await client.updates(1) == ()


async def test_a_poll_waits_for_what_comes(zalo: ZaloSimulator, bot: Bot, person: BotPerson, client: BotClient) -> None:
    zalo.bots.poll_scale = 1.0
    polling = asyncio.create_task(client.updates(30))
    while not zalo.journal.of("/getUpdates"):
        await asyncio.sleep(0.01)
    zalo.bots.says(bot, person, "xin chào")
    assert len(await polling) == 1


async def test_a_list_of_updates_is_read_too(
    zalo: ZaloSimulator, bot: Bot, person: BotPerson, client: BotClient
) -> None:
    zalo.modes.bot_list = True
    zalo.bots.says(bot, person, "xin chào")
    assert len(await client.updates(5)) == 1


async def test_a_photo_is_read_whatever_its_field_is_called(
    zalo: ZaloSimulator, bot: Bot, person: BotPerson, client: BotClient
) -> None:
    zalo.bots.sends_photo(bot, person, "https://cdn.example/1.png", "giấy này ạ")
    (update,) = await client.updates(5)
    assert isinstance(update, PhotoSent) and (update.url, update.caption) == ("https://cdn.example/1.png", "giấy này ạ")


async def test_a_webhook_is_set_told_and_taken_away(zalo: ZaloSimulator, bot: Bot, client: BotClient) -> None:
    assert (await client.webhook()).url == ""
    set_up = await client.set_webhook("https://motcua.example.vn/zalo/bot", "secret-of-ours")
    assert (await client.webhook()).url == set_up.url == bot.webhook_url and set_up.changed_at
    with pytest.raises(Permanent):
        await client.updates(1)
    await client.delete_webhook()
    assert await client.updates(1) == ()


@pytest.mark.parametrize("secret", ["", "short", "x" * 257])
async def test_a_secret_that_zalo_would_refuse_is_told(client: BotClient, secret: str) -> None:
    with pytest.raises(NotConfigured, match="WEBHOOK_SECRET"):
        await client.set_webhook("https://motcua.example.vn/zalo/bot", secret)


@pytest.mark.parametrize("url", ["http://motcua.example.vn", "https://localhost/x", "https://192.168.1.4/x"])
async def test_an_address_that_is_not_public_is_refused(zalo: ZaloSimulator, client: BotClient, url: str) -> None:
    zalo.bots.allows_private = False
    with pytest.raises(Permanent):
        await client.set_webhook(url, "secret-of-ours")


async def test_typing_is_shown(bot: Bot, person: BotPerson, client: BotClient) -> None:
    await client.show_typing(person.id)
    assert bot.typing == [person.id]


async def test_a_picture_whose_address_lasts_stays_and_one_that_does_not_turns_black(
    zalo: ZaloSimulator, bot: Bot, person: BotPerson, client: BotClient
) -> None:
    await client.send_photo(person.id, zalo.media.picture(), "Bản đồ")
    await client.send_photo(person.id, zalo.media.picture(times=1))
    deadline = asyncio.get_running_loop().time() + 20
    while [shown.is_black for shown in bot.sees[person.id]] != [False, True]:
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.02)
    with pytest.raises(Permanent):
        await client.send_photo(person.id, zalo.media.trap("html"))


@pytest.mark.parametrize("fault", [Fault.TOO_MANY, Fault.DONE_THEN_502, Fault.DONE_THEN_DROPPED])
async def test_a_picture_is_never_sent_a_second_time_by_a_machine(
    zalo: ZaloSimulator, person: BotPerson, client: BotClient, fault: Fault
) -> None:
    zalo.faults.plan("/sendPhoto", fault)
    with pytest.raises((Passing, OutcomeUnknown)) as told:
        await client.send_photo(person.id, zalo.media.picture())
    assert told.value.again.when in (When.NEVER, When.ASK_FIRST)


async def test_a_sticker_is_sent(bot: Bot, person: BotPerson, client: BotClient) -> None:
    await client.send_sticker(person.id, "bfe458bf64fa8da4d4eb")
    assert bot.sees[person.id][0].kind == "sticker"


async def test_logs_and_reprs_hold_no_token_and_nothing_of_a_person(
    zalo: ZaloSimulator, modes: Modes, bot: Bot, person: BotPerson, client: BotClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = [repr(client)]
    for fault in (None, Fault.DROPPED_BEFORE, Fault.TRUNCATED, Fault.BAD_GATEWAY):
        zalo.faults.plan("/sendMessage", *([fault] if fault else []))
        try:
            shown.append(repr(await client.send(person.id, BotMessage("số của tôi là 0912345678"))))
        except CallFailed as told:
            shown.append(f"{told!r} {told}")
    zalo.bots.says(bot, person, "số của tôi là 0912345678")
    shown.append(repr(await client.updates(1)))
    # The simulator's own server writes down what it is asked.
    logged = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    seen = "\n".join([*shown, *logged])
    for secret in (bot.secret, person.id, person.name, "0912345678"):
        assert secret not in seen
