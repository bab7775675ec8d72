"""Real updates through sockets: what an endpoint that only stores gets to see of what Zalo does, and may do."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from channels.zalo.errors import NotAnEvent, SignatureWrong
from channels.zalo_bot.client import BotClient
from channels.zalo_bot.messages import BotMessage
from channels.zalo_bot.updates import PhotoSent, StickerSent, TextSaid, Unknown, Unsupported, Update, VoiceSent
from channels.zalo_bot.webhook import SECRET_HEADER, receive
from tests.simulators.server import LoopbackServer
from tests.simulators.zalo import Modes, ZaloSimulator
from tests.simulators.zalo.bot import Bot, BotPerson
from tests.simulators.zalo.deliveries import Ways

pytestmark = pytest.mark.anyio
SECRET = "secret-of-ours"


class Door:
    """An endpoint that stores updates by their keys, as the gateway does with a database."""

    def __init__(self) -> None:
        self.kept: dict[str, Update] = {}
        self.requests = Counter[int]()
        self.failing = 0
        self.server = LoopbackServer(Starlette(routes=[Route("/zalo/bot", self._take, methods=["POST"])]))

    @property
    def url(self) -> str:
        return f"{self.server.url}/zalo/bot"

    async def _take(self, request: Request) -> Response:
        status = 500 if self.failing else 200
        self.failing = max(0, self.failing - 1)
        if status == 200:
            try:
                updates = receive(await request.body(), request.headers.get(SECRET_HEADER), SECRET)
                self.kept |= {update.key: update for update in updates}
            except SignatureWrong:
                status = 403
            except NotAnEvent:
                status = 200
        self.requests[status] += 1
        return JSONResponse({"message": "Success"}, status)


@pytest.fixture
async def door(zalo: ZaloSimulator, client: BotClient) -> AsyncIterator[Door]:
    made = Door()
    with made.server:
        await client.set_webhook(made.url, SECRET)
        yield made
        zalo.deliveries.stop()


async def test_every_kind_of_update_comes_through(zalo: ZaloSimulator, bot: Bot, person: BotPerson, door: Door) -> None:
    bots, group = zalo.bots, zalo.bots.group(bot)
    bots.says(bot, person, "làm khai sinh")
    bots.says_in_group(bot, group, person, f"@{bot.name} làm khai sinh")
    bots.says_in_group(bot, group, person, "không hỏi bot")
    bots.sends_photo(bot, person, zalo.media.picture(), "giấy này")
    bots.sends(bot, person, "message.sticker.received", {"sticker": "bfe4", "url": "https://cdn/s"})
    bots.sends(bot, person, "message.voice.received", {"voice_url": "https://cdn/v.aac"})
    bots.sends(bot, person, "message.unsupported.received", {})
    bots.tell(bot, {"event_name": "message.unsupported.received"})
    bots.sends(bot, person, "message.reaction.received", {})
    zalo.deliveries.settle()
    found = Counter(type(update) for update in door.kept.values())
    assert found == {TextSaid: 2, PhotoSent: 1, StickerSent: 1, VoiceSent: 1, Unsupported: 2, Unknown: 1}
    assert {update.chat for update in door.kept.values() if update.in_group} == {group.id}
    assert door.requests == {200: 8}


@pytest.mark.parametrize("fake", ["", "wrong-secret", SECRET.upper()])
async def test_what_zalo_did_not_send_is_refused_and_has_no_effect(
    zalo: ZaloSimulator, bot: Bot, person: BotPerson, door: Door, fake: str
) -> None:
    zalo.deliveries.ladder_scale = 0.01
    zalo.bots.fakes_secret = fake
    zalo.bots.says(bot, person, "xin chào")
    zalo.deliveries.settle()
    assert door.kept == {} and set(door.requests) == {403}


async def test_copies_are_one_update(zalo: ZaloSimulator, bot: Bot, person: BotPerson, door: Door) -> None:
    zalo.deliveries.ways = Ways(copies=3, late_s=0.1)
    for number in range(5):
        zalo.bots.says(bot, person, f"câu {number}")
    zalo.deliveries.settle()
    assert door.requests[200] == 15 and len(door.kept) == 5


async def test_what_failed_comes_again_as_often_as_zalo_may_do_it(
    zalo: ZaloSimulator, modes: Modes, bot: Bot, person: BotPerson, door: Door
) -> None:
    zalo.deliveries.ladder_scale = 0.01
    door.failing = 100
    zalo.bots.says(bot, person, "xin chào")
    zalo.deliveries.settle()
    assert door.requests == {500: 1 + modes.bot_retries} and len(zalo.deliveries.dropped) == 1


async def test_the_bots_own_message_may_come_back_and_is_known_as_such(
    zalo: ZaloSimulator, bot: Bot, person: BotPerson, door: Door, client: BotClient
) -> None:
    zalo.modes.bot_echoes = True
    await client.send(person.id, BotMessage("Chào anh/chị."))
    zalo.deliveries.settle()
    (echo,) = door.kept.values()
    assert echo.from_bot and echo.person == (await client.me()).id
