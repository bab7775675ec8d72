from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from channels.zalo.errors import (
    CallFailed,
    CannotReach,
    ConsentLost,
    NotSent,
    OutcomeUnknown,
    Passing,
    Permanent,
    SetUpWrong,
    When,
)
from channels.zalo_oa.messages import Button, ContactForm, FileMessage, PictureMessage, TextMessage
from channels.zalo_oa.window import Window, window_by, window_of
from tests.channels.zalo_oa.conftest import House
from tests.simulators.zalo import Fault, Modes, ZaloSimulator
from tests.simulators.zalo.account import Person, Template
from tests.simulators.zalo.media import PICTURE

pytestmark = pytest.mark.anyio
SEND = "/message/cs"
HELLO = TextMessage("Chào anh/chị.")


@pytest.fixture
def person(zalo: ZaloSimulator) -> Person:
    """Somebody who has written a moment ago."""
    one = zalo.account.person(phone="84912345678")
    zalo.account.says(one, "xin chào")
    return one


async def test_a_text_arrives_with_its_buttons(zalo: ZaloSimulator, house: House, person: Person) -> None:
    buttons = (
        Button("Lệ phí", "#ask:fee:1.001193"),
        Button("Mở Cổng", "https://dichvucong.gov.vn", "oa.open.url"),
        Button("Gọi", "8418001096", "oa.open.phone"),
    )
    sent = await house.client.send(person.id, TextMessage("Miễn lệ phí.", buttons))
    assert person.texts == ["Miễn lệ phí."]
    assert [b["title"] for b in person.sees[0].buttons] == ["Lệ phí", "Mở Cổng", "Gọi"]
    assert sent.message_id == person.sees[0].message_id


async def test_the_token_travels_in_its_header_and_nowhere_else(
    zalo: ZaloSimulator, house: House, person: Person
) -> None:
    await house.client.send(person.id, HELLO)
    await house.client.profile(person.id)
    token = await house.tokens.access()
    for request in zalo.journal.of(SEND) + zalo.journal.of("/user/detail"):
        assert request.headers["access_token"] == token
        assert token not in request.query + request.path and "authorization" not in request.headers


async def test_a_token_that_ran_out_is_renewed_and_the_message_sent_once(
    zalo: ZaloSimulator, house: House, person: Person
) -> None:
    zalo.oauth.expire_access_tokens()
    await house.client.send(person.id, HELLO)
    assert person.texts == [HELLO.text]
    assert len(zalo.journal.of(SEND)) == 2 and zalo.oauth.granted == 2


async def test_a_token_refused_twice_is_not_tried_a_third_time(
    zalo: ZaloSimulator, house: House, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zalo.oauth, "is_valid", lambda token: False)
    with pytest.raises(CallFailed):
        await house.client.send(person.id, HELLO)
    assert len(zalo.journal.of(SEND)) == 2 and zalo.oauth.granted == 2


async def test_a_consent_taken_back_is_told(zalo: ZaloSimulator, house: House, person: Person) -> None:
    zalo.oauth.revoke()
    with pytest.raises(ConsentLost):
        await house.client.send(person.id, HELLO)
    assert person.texts == []


async def test_without_a_token_nothing_was_sent(zalo: ZaloSimulator, house: House, person: Person) -> None:
    zalo.clock.advance(hours=26)
    zalo.faults.plan("/oa/access_token", Fault.BAD_GATEWAY, Fault.BAD_GATEWAY)
    with pytest.raises(NotSent, match="no access token"):
        await house.client.send(person.id, HELLO)
    assert not zalo.journal.of(SEND)


def blocked(person: Person) -> None:
    person.has_blocked = True


def inactive(person: Person) -> None:
    person.is_inactive = True


def silent(person: Person) -> None:
    person.last_heard = None


@pytest.mark.parametrize("why", [blocked, inactive, silent])
async def test_somebody_who_cannot_be_reached_is_tried_once(
    zalo: ZaloSimulator, house: House, person: Person, why
) -> None:
    why(person)
    with pytest.raises(CannotReach) as told:
        await house.client.send(person.id, HELLO)
    assert told.value.again.when is When.NEVER
    assert len(zalo.journal.of(SEND)) == 1


@pytest.mark.parametrize(
    "message",
    [
        TextMessage("x" * 2001),
        TextMessage("🙂" * 1001),
        TextMessage(""),
        TextMessage("x", tuple(Button(str(n), "#say:help") for n in range(6))),
        TextMessage("x", (Button("t" * 101, "#say:help"),)),
        TextMessage("x", (Button("t", "p" * 1001),)),
        TextMessage("x", (Button("t", "javascript:alert(1)", "oa.open.url"),)),
        PictureMessage("no-such-id"),
        FileMessage("no-such-token"),
        ContactForm("t" * 101, "s", "https://motcua.example.vn/a.png"),
        ContactForm("t", "s" * 501, "https://motcua.example.vn/a.png"),
        ContactForm("t", "s", "motcua.png"),
    ],
)
async def test_what_breaks_the_rules_is_refused_for_good(
    zalo: ZaloSimulator, house: House, person: Person, message
) -> None:
    with pytest.raises(Permanent) as told:
        await house.client.send(person.id, message)
    assert told.value.again.when is When.NEVER
    assert len(zalo.journal.of(SEND)) == 1 and person.texts == []


async def test_a_stranger_and_an_unknown_quote_are_refused_for_good(
    zalo: ZaloSimulator, house: House, person: Person
) -> None:
    with pytest.raises(Permanent):
        await house.client.send("2468000000009999999", HELLO)
    with pytest.raises(Permanent):
        await house.client.send(person.id, HELLO, quote="no-such-message")
    await house.client.send(person.id, HELLO, quote=person.said[0]["message_id"])
    assert len(person.texts) == 1


@pytest.mark.parametrize("code", [-209, -212, -221, -223, -224])
async def test_what_somebody_has_to_put_right_is_told_as_such(
    zalo: ZaloSimulator, house: House, person: Person, code: int
) -> None:
    zalo.account.set_up_error = code
    with pytest.raises(SetUpWrong, match=str(code)):
        await house.client.send(person.id, HELLO)


async def test_over_the_rate_it_may_be_tried_again(zalo: ZaloSimulator, house: House, person: Person) -> None:
    zalo.modes.oa_rate = 1
    await house.client.send(person.id, HELLO)
    with pytest.raises(Passing) as told:
        await house.client.send(person.id, HELLO)
    assert (told.value.code, told.value.again.most) == (-32, 3)


@pytest.mark.parametrize(
    ("fault", "kind", "arrives"),
    [
        (Fault.DROPPED_BEFORE, OutcomeUnknown, False),
        (Fault.RESET, OutcomeUnknown, False),
        (Fault.DONE_THEN_DROPPED, OutcomeUnknown, True),
        (Fault.DONE_THEN_502, OutcomeUnknown, True),
        (Fault.TRUNCATED, OutcomeUnknown, True),
        (Fault.ERROR_500, OutcomeUnknown, False),
        (Fault.BAD_GATEWAY, OutcomeUnknown, False),
        (Fault.NOT_JSON, OutcomeUnknown, False),
        (Fault.TOO_MANY, Passing, False),
    ],
)
async def test_what_befalls_a_message_on_the_way_is_told_and_never_repeated_here(
    zalo: ZaloSimulator, house: House, person: Person, fault: Fault, kind: type[CallFailed], arrives: bool
) -> None:
    zalo.faults.plan(SEND, fault)
    since = datetime.fromtimestamp(zalo.clock.now(), UTC) - timedelta(seconds=1)
    with pytest.raises(kind) as told:
        await house.client.send(person.id, HELLO)
    assert len(zalo.journal.of(SEND)) == 1
    assert person.texts == [HELLO.text] * arrives
    assert type(told.value) is kind
    # The history tells what an unknown outcome was.
    assert bool(await house.client.find_said(person.id, HELLO.text, since)) is arrives


async def test_an_answer_that_never_comes_is_an_unknown_outcome(
    zalo: ZaloSimulator, house: House, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.zalo_oa.client.READ_S", 0.2)
    zalo.faults.plan(SEND, Fault.DONE_THEN_SILENT)
    with pytest.raises(OutcomeUnknown, match="ReadTimeout"):
        await house.client.send(person.id, HELLO)
    assert person.texts == [HELLO.text]


async def test_a_host_that_is_down_was_sent_nothing(zalo: ZaloSimulator, house: House, person: Person) -> None:
    zalo.server.stop()
    with pytest.raises(NotSent):
        await house.client.send(person.id, HELLO)
    zalo.server.start()
    await house.client.send(person.id, HELLO)
    assert person.texts == [HELLO.text]


@pytest.mark.parametrize("fault", [Fault.DROPPED_BEFORE, Fault.BAD_GATEWAY, Fault.TRUNCATED, Fault.NOT_JSON])
async def test_a_question_without_an_answer_may_be_asked_again(
    zalo: ZaloSimulator, house: House, person: Person, fault: Fault
) -> None:
    zalo.faults.plan("/user/detail", fault)
    with pytest.raises(Passing):
        await house.client.profile(person.id)
    assert (await house.client.profile(person.id)).name == "Nguyễn Văn An"


async def test_the_window_is_known_before_sending(
    zalo: ZaloSimulator, modes: Modes, house: House, person: Person
) -> None:
    def now() -> datetime:
        return datetime.fromtimestamp(zalo.clock.now(), UTC)

    assert window_by(await house.client.quota(person.id), now()) is Window.FREE
    if modes.oa_free:
        for _ in range(modes.oa_free):
            await house.client.send(person.id, HELLO)
        assert window_by(await house.client.quota(person.id), now()) is Window.PAID
    zalo.clock.advance(hours=49)
    assert window_by(await house.client.quota(person.id), now()) is Window.PAID
    with pytest.raises(SetUpWrong, match="-211"):
        await house.client.send(person.id, HELLO)
    zalo.account.paid = 1
    sent = await house.client.send(person.id, HELLO)
    assert (sent.quota_kind, sent.quota_left) == (("purchase_quota", 0) if modes.oa_says_quota else ("", None))
    zalo.clock.advance(days=6)
    assert window_by(await house.client.quota(person.id), now()) is Window.CLOSED
    with pytest.raises(CannotReach, match="-230"):
        await house.client.send(person.id, HELLO)
    assert window_of(None, now()) is Window.CLOSED


async def test_a_template_reaches_somebody_who_has_been_silent(
    zalo: ZaloSimulator, house: House, person: Person
) -> None:
    zalo.account.templates["287650"] = Template("287650", {"ma_ho_so": 30, "trang_thai": 30})
    zalo.account.templates["287651"] = Template("287651", {"x": 5}, by_user_id=False)
    zalo.clock.advance(days=30)
    sent = await house.client.send_template(person.id, "287650", {"ma_ho_so": "0001", "trang_thai": "Đã tiếp nhận"})
    assert sent.message_id == person.sees[0].message_id
    for template, fields in (("287650", {"ma_ho_so": "1"}), ("287651", {"x": "1"}), ("9", {})):
        with pytest.raises(Permanent):
            await house.client.send_template(person.id, template, fields)


async def test_pictures_and_files_are_uploaded_and_sent(zalo: ZaloSimulator, house: House, person: Person) -> None:
    picture = await house.client.upload("image", "ban-do.png", PICTURE)
    paper = await house.client.upload("file", "to-khai.pdf", b"%PDF-1.7")
    await house.client.send(person.id, PictureMessage(picture, "Bản đồ"))
    await house.client.send(person.id, FileMessage(paper))
    assert [shown.kind for shown in person.sees] == ["image", "file"]
    zalo.clock.advance(days=8)
    zalo.account.says(person, "gửi lại giúp")
    with pytest.raises(Passing) as told:
        await house.client.send(person.id, PictureMessage(picture))
    assert told.value.again.when is When.AFTER_UPLOAD


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        ("image", "khong-duoi", PICTURE),
        ("image", "to.png", PICTURE + bytes(1_000_001)),
        ("image", "to-khai.pdf", b"%PDF"),
        ("file", "khong-duoi", b"x"),
    ],
)
async def test_an_upload_that_gives_no_id_has_failed(
    zalo: ZaloSimulator, house: House, kind, name: str, content: bytes
) -> None:
    with pytest.raises(Permanent):
        await house.client.upload(kind, name, content)


async def test_the_account_says_who_it_is(zalo: ZaloSimulator, house: House) -> None:
    account = await house.client.account()
    assert (account.id, account.verified) == (zalo.account.id, True)


async def test_the_history_gives_what_a_webhook_has_missed(zalo: ZaloSimulator, house: House, person: Person) -> None:
    for number in range(12):
        zalo.account.says(person, f"câu {number}")
    newest = await house.client.recent()
    assert [one.text for one in newest] == ["câu 11"]
    past = [*await house.client.conversation(person.id), *await house.client.conversation(person.id, 10)]
    assert {one.message_id for one in past} == {said["message_id"] for said in person.said}
    assert all(one.from_person and one.person == person.id for one in past)


async def test_what_was_said_is_found_in_the_history_by_its_text_and_time(
    zalo: ZaloSimulator, house: House, person: Person
) -> None:
    begun = datetime.fromtimestamp(zalo.clock.now(), UTC) - timedelta(seconds=1)
    sent = await house.client.send(person.id, HELLO.body())
    zalo.clock.advance(minutes=1)
    for number in range(14):
        zalo.account.says(person, f"câu {number}")
    assert await house.client.find_said(person.id, HELLO.text, begun) == sent.message_id
    assert await house.client.find_said(person.id, HELLO.text, begun + timedelta(seconds=30)) == ""
    assert await house.client.find_said(person.id, "câu 3", begun) == ""


async def test_a_reaction_is_an_answer_that_costs_nothing(zalo: ZaloSimulator, house: House, person: Person) -> None:
    await house.client.react(person.id, person.said[0]["message_id"], "/-strong")
    with pytest.raises(Permanent):
        await house.client.react(person.id, "no-such-message", "/-strong")


async def test_logs_and_reprs_hold_no_token_and_nothing_of_a_person(
    zalo: ZaloSimulator, house: House, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = []
    for fault in (None, Fault.DROPPED_BEFORE, Fault.TRUNCATED, Fault.BAD_GATEWAY):
        zalo.faults.plan(SEND, *([fault] if fault else []))
        try:
            shown.append(repr(await house.client.send(person.id, TextMessage("số của tôi là 0912345678"))))
        except CallFailed as told:
            shown.append(f"{told!r} {told}")
    shown += [repr(await house.client.profile(person.id)), repr(await house.client.recent())]
    shown += [repr(TextMessage("0912345678")), repr(house.client)]
    # The simulator's own server writes down what it is asked.
    logged = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    seen = "\n".join([*shown, *logged])
    for secret in (*zalo.secrets, person.id, person.name, "0912345678", "84912345678"):
        assert secret not in seen
