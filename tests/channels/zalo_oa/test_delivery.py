"""Real webhooks through sockets: what an endpoint that only stores gets to see of everything that Zalo can do."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.zalo.errors import NotAnEvent, SignatureWrong
from channels.zalo_oa import events as kinds
from channels.zalo_oa.webhook import SERVER_HEADER, SIGNATURE_HEADER, receive
from tests.simulators.server import LoopbackServer
from tests.simulators.zalo import Modes, ZaloSimulator
from tests.simulators.zalo.account import LADDER
from tests.simulators.zalo.deliveries import Ways


class Door:
    """An endpoint that stores events by their keys, as the gateway does with a database."""

    def __init__(self, app_id: str, key: str) -> None:
        self.app_id, self.key = app_id, key
        self.kept: dict[str, kinds.Event] = {}
        self.requests = Counter[int]()
        self.slow_s: list[float] = []
        self.failing = 0
        self._lock = threading.Lock()
        self.server = LoopbackServer(Starlette(routes=[Route("/zalo/oa", self._take, methods=["POST"])]))

    @property
    def url(self) -> str:
        return f"{self.server.url}/zalo/oa"

    @property
    def texts(self) -> list[str]:
        said = [event for event in self.kept.values() if isinstance(event, kinds.TextSaid)]
        return [event.text for event in sorted(said, key=lambda event: event.at or 0)]  # type: ignore[arg-type,return-value]

    async def _take(self, request: Request) -> Response:
        status = await self._answer(await request.body(), request)
        self.requests[status] += 1
        return Response(status_code=status)

    async def _answer(self, body: bytes, request: Request) -> int:
        if self.failing:
            self.failing -= 1
            return 500
        shown, server = request.headers.get(SIGNATURE_HEADER), request.headers.get(SERVER_HEADER)
        try:
            events = receive(body, shown, server, self.app_id, self.key)
        except SignatureWrong:
            return 403
        except NotAnEvent:
            return 200
        with self._lock:
            self.kept |= {event.key: event for event in events}
            slow = self.slow_s.pop(0) if self.slow_s and events else 0.0
        await asyncio.sleep(slow)
        return 200


@pytest.fixture
def door(zalo: ZaloSimulator) -> Iterator[Door]:
    made = Door(zalo.oauth.app.id, zalo.oauth.app.webhook_key)
    with made.server:
        assert zalo.account.save_webhook(made.url)
        zalo.account.switch_on()
        yield made
        zalo.deliveries.stop()


def test_saving_the_address_asks_once_without_a_signature_and_has_no_effect(zalo: ZaloSimulator, door: Door) -> None:
    assert door.requests == {200: 1} and door.kept == {}
    assert not zalo.account.save_webhook(door.url + "/wrong")


def test_nothing_comes_until_its_kind_is_switched_on(zalo: ZaloSimulator, door: Door) -> None:
    zalo.account.toggles = {"follow"}
    person = zalo.account.person()
    zalo.account.says(person, "xin chào")
    zalo.account.follow(person)
    zalo.deliveries.settle()
    assert [type(event) for event in door.kept.values()] == [kinds.Followed]


@pytest.mark.parametrize("escapes", ["raw", "unicode", "slashes"])
@pytest.mark.parametrize("signature", ["mac", "bare", "upper"])
def test_the_signature_holds_however_body_and_header_are_written(
    zalo: ZaloSimulator, door: Door, escapes, signature
) -> None:
    zalo.modes.escapes, zalo.modes.signature = escapes, signature
    zalo.account.says(zalo.account.person(), "Nộp tại https://dichvucong.gov.vn/x 👨‍👩‍👧")
    zalo.deliveries.settle()
    assert door.texts == ["Nộp tại https://dichvucong.gov.vn/x 👨‍👩‍👧"]


def test_what_zalo_did_not_sign_is_refused_and_has_no_effect(zalo: ZaloSimulator, door: Door) -> None:
    body = zalo.account.emit("something_off", {"message": {"msg_id": "1", "text": "x"}})
    app = zalo.oauth.app
    wrong = [None, "", "mac=" + "0" * 64]
    right = zalo.account.signed(body, "0")
    app.webhook_key, kept = app.secret, app.webhook_key
    wrong += [zalo.account.signed(body, "1757000000000")]
    app.webhook_key = kept
    for header in [*wrong, right]:
        headers = {SIGNATURE_HEADER: header} if header is not None else {}
        assert httpx.post(door.url, content=body, headers=headers, trust_env=False).status_code == 403
    assert door.kept == {}


def test_every_kind_of_event_comes_through(zalo: ZaloSimulator, door: Door) -> None:
    account = zalo.account
    person = account.person(phone="84912345678")
    account.follow(person)
    account.opens_chat(person)
    account.says(person, "làm khai sinh #MADON123")
    picture = {"url": zalo.media.picture(), "thumbnail": "https://cdn/t"}
    account.sends(person, "image", picture, picture, text="giấy này")
    for kind in ("gif", "video", "audio", "link"):
        account.sends(person, kind, {"url": "https://cdn/1"})
    account.sends(person, "file", {"url": "https://cdn/1", "name": "don.pdf", "size": "1024"})
    account.sends(person, "sticker", {"id": "46981", "url": "https://cdn/1"})
    account.shares_location(person, 10.77, 106.7)
    account.sends(person, "business_card", {"name": "x"})
    account.submits_contact(person, phone="84912345678")
    account.reacts(person, account.officer_answers(person, "Chào anh"))
    account.anonymous_says("a", "c", "xin chào")
    zalo.templates.tell_template_status("287650", "REJECT", "Sai thể loại")
    account.emit("something_new", {"sender": {"id": person.id}})
    account.emit("user_send_text", {"sender": {"id": person.id}, "recipient": {"id": account.id}})
    account.unfollow(person)
    zalo.deliveries.settle()
    found = Counter(type(event).__name__ for event in door.kept.values())
    assert found == {
        "Followed": 1, "ChatOpened": 1, "TextSaid": 1, "MediaSent": 5, "FileSent": 1, "StickerSent": 1,
        "LocationSent": 1, "CardSent": 1, "ContactGiven": 1, "Reacted": 1, "Echo": 1, "Delivered": 1, "Seen": 1,
        "AnonymousSent": 1, "TemplateChanged": 1, "Unknown": 2, "Unfollowed": 1,
    }  # fmt: skip
    assert all(event.person == person.id for event in door.kept.values() if isinstance(event, kinds.FromPerson))
    echo = next(event for event in door.kept.values() if isinstance(event, kinds.Echo))
    assert echo.is_human and echo.person == person.id


def test_copies_at_the_same_moment_are_one_event(zalo: ZaloSimulator, door: Door) -> None:
    zalo.deliveries.ways = Ways(copies=3)
    for number in range(5):
        zalo.account.says(zalo.account.person(), f"câu {number}")
    zalo.deliveries.settle()
    assert door.requests[200] == 1 + 15 and len(door.kept) == 5


def test_an_answer_too_late_brings_the_same_event_again(zalo: ZaloSimulator, door: Door) -> None:
    zalo.deliveries.patience_s = 0.3
    door.slow_s = [1.5]
    zalo.account.says(zalo.account.person(), "xin chào")
    zalo.deliveries.settle()
    assert zalo.deliveries.waiting == 1
    zalo.deliveries.patience_s = 10.0
    zalo.clock.advance(seconds=31)
    zalo.deliveries.settle()
    first, second = zalo.deliveries.attempts
    assert (first.body, first.headers["X-ZEvent-Signature"]) == (second.body, second.headers["X-ZEvent-Signature"])
    assert (first.status, second.status, second.headers["num_retry"]) == (None, 200, "1")
    assert len(door.kept) == 1


def test_what_is_refused_comes_again_five_times_and_then_no_more(zalo: ZaloSimulator, modes: Modes, door: Door) -> None:
    door.failing = 100
    zalo.account.says(zalo.account.person(), "xin chào")
    zalo.deliveries.settle()
    for number, pause in enumerate(LADDER, 1):
        zalo.clock.advance(seconds=pause - 10)
        zalo.deliveries.settle()
        assert door.requests[500] == number
        zalo.clock.advance(seconds=11)
        zalo.deliveries.settle()
        assert door.requests[500] == number + 1
    assert len(zalo.deliveries.dropped) == 1
    assert bool(zalo.account.webhook_url) is not modes.disables


def test_without_repetition_switched_on_what_fails_is_gone(zalo: ZaloSimulator, door: Door) -> None:
    zalo.account.retries = False
    door.failing = 1
    zalo.account.says(zalo.account.person(), "xin chào")
    zalo.deliveries.settle()
    assert len(zalo.deliveries.dropped) == 1 and not door.kept


def test_the_order_is_restored_by_the_time_stamps(zalo: ZaloSimulator, door: Door) -> None:
    zalo.deliveries.ways = Ways(late_s=0.3)
    person = zalo.account.person()
    for number in range(20):
        zalo.account.says(person, f"câu {number:02}", at=zalo.clock.now() + number / 100)
    zalo.deliveries.settle()
    arrived = [event.text for event in door.kept.values() if isinstance(event, kinds.TextSaid)]
    assert arrived != sorted(arrived) and door.texts == sorted(arrived)


def test_a_burst_of_fifty_people_with_every_fault_loses_nobody(zalo: ZaloSimulator, door: Door) -> None:
    zalo.deliveries.ways = Ways(doubled=0.3, late_s=0.2)
    zalo.deliveries.ladder_scale = 0.001
    door.failing = 20
    people = [zalo.account.person() for _ in range(50)]
    for number in range(4):
        for person in people:
            zalo.account.says(person, f"{person.id} {number}")
    zalo.deliveries.settle(120)
    assert len(door.kept) == 200 and sorted(door.texts) == sorted(f"{p.id} {n}" for p in people for n in range(4))


def test_receipts_of_template_messages_are_told_from_those_of_messages(zalo: ZaloSimulator, door: Door) -> None:
    sides = {"sender": {"id": zalo.account.id}, "recipient": {"id": "84912345678"}}
    message = {"msg_id": "z1", "tracking_id": "H29.received", "delivery_time": zalo.clock.ms()}
    zalo.account.emit("user_received_message", {**sides, "message": message}, header={"X-ZEvent-Server": "ZNS"})
    zalo.deliveries.settle()
    (receipt,) = door.kept.values()
    assert isinstance(receipt, kinds.TemplateReceipt) and receipt.tracking == "H29.received"
