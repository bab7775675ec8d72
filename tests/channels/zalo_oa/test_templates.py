from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.zalo.errors import CallFailed, CannotReach, OutcomeUnknown, Passing, Permanent, SetUpWrong, When
from channels.zalo_oa.client import Sent
from channels.zalo_oa.codes import account_failure, template_failure
from channels.zalo_oa.phones import in_zalo_form
from tests.channels.zalo_oa.conftest import House
from tests.simulators.zalo import Fault, ZaloSimulator
from tests.simulators.zalo.account import Template

pytestmark = pytest.mark.anyio
FIELDS = {"ma_ho_so": "H29.12-2510-0001", "trang_thai": "Đã tiếp nhận"}
PHONE = "84912345678"


@pytest.fixture(autouse=True)
def template(zalo: ZaloSimulator) -> Template:
    one = Template("287650", {"ma_ho_so": 30, "trang_thai": 30})
    zalo.account.templates[one.id] = one
    zalo.modes.night = False
    return one


async def send(house: House, phone: str = "0912 345 678", **more) -> Sent:
    given = {"template": "287650", "fields": FIELDS, "tracking": "H29.12-2510-0001.received", "mode": "production"}
    return await house.client.send_to_phone(phone, **(given | more))


async def test_a_notice_goes_to_a_number_and_its_arrival_is_known(zalo: ZaloSimulator, house: House) -> None:
    sent = await send(house)
    one = zalo.templates.sent[0]
    assert (one.phone, one.fields, one.tracking) == (PHONE, FIELDS, "H29.12-2510-0001.received")
    assert sent.message_id == one.message_id and sent.quota_left == 499
    arrived = zalo.modes.receipt in ("after", "before")
    assert await house.client.delivery(sent.message_id) == ("delivered" if arrived else "not yet")


async def test_a_second_call_sends_a_second_time_so_nothing_here_repeats(zalo: ZaloSimulator, house: House) -> None:
    zalo.faults.plan("/zns/message/template", Fault.DONE_THEN_DROPPED)
    with pytest.raises(OutcomeUnknown) as told:
        await send(house)
    assert told.value.again.when is When.ASK_FIRST
    assert len(zalo.templates.sent) == 1


async def test_until_it_goes_live_only_administrators_get_notices(zalo: ZaloSimulator, house: House) -> None:
    with pytest.raises(Permanent, match="-127"):
        await send(house, mode="development")
    zalo.templates.admins.add(PHONE)
    zalo.account.templates["287650"].approved = False
    await send(house, mode="development")
    assert len(zalo.templates.sent) == 1


async def test_a_token_that_ran_out_is_renewed(zalo: ZaloSimulator, house: House) -> None:
    zalo.oauth.expire_access_tokens()
    await send(house)
    assert zalo.templates.refused == [-124] and len(zalo.templates.sent) == 1


@pytest.mark.parametrize("kind", ["without_zalo", "cannot_receive", "refusing"])
async def test_somebody_who_cannot_get_it_must_be_told_another_way(
    zalo: ZaloSimulator, house: House, kind: str
) -> None:
    getattr(zalo.templates, kind).add(PHONE)
    with pytest.raises(CannotReach):
        await send(house)


async def test_each_fault_of_the_request_is_final(zalo: ZaloSimulator, house: House) -> None:
    for changed in ({"template": "9"}, {"fields": {}}, {"fields": FIELDS | {"ma_ho_so": "x" * 31}}):
        with pytest.raises(Permanent):
            await send(house, **changed)
    with pytest.raises(Permanent, match="not a Vietnamese telephone number"):
        await send(house, "12345")
    with pytest.raises(ValueError, match="tracking"):
        await send(house, tracking="mã hồ sơ")
    assert zalo.templates.sent == []


async def test_what_somebody_has_to_put_right(zalo: ZaloSimulator, house: House, template: Template) -> None:
    template.approved = False
    with pytest.raises(SetUpWrong, match="-131"):
        await send(house)
    template.approved, template.disabled = True, True
    with pytest.raises(SetUpWrong, match="-146"):
        await send(house)
    template.disabled, zalo.templates.has_wallet = False, False
    with pytest.raises(SetUpWrong, match="-136"):
        await send(house)
    zalo.templates.has_wallet = True
    for quota, code in (("day_quota", -144), ("balance", -115)):
        setattr(zalo.templates, quota, 0)
        with pytest.raises(SetUpWrong, match=str(code)) as told:
            await send(house)
        assert told.value.again.when is When.IN_THE_MORNING
        setattr(zalo.templates, quota, 10)


async def test_at_night_it_waits_for_the_morning(zalo: ZaloSimulator, house: House) -> None:
    zalo.modes.night = True
    there = (zalo.clock.now() + 7 * 3600) % 86_400
    zalo.clock.advance(seconds=(23 * 3600 - there) % 86_400)
    with pytest.raises(Passing) as told:
        await send(house)
    assert told.value.again.when is When.IN_THE_MORNING


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("0912345678", PHONE),
        ("0912.345.678", PHONE),
        ("+84 912 345 678", PHONE),
        ("84912345678", PHONE),
        ("(091) 234-5678", PHONE),
        ("912345678", ""),
        ("09123", ""),
        ("", ""),
        ("٠٩١٢٣٤٥٦٧٨", ""),
    ],
)
def test_numbers_are_put_into_the_form_that_zalo_takes(typed: str, form: str) -> None:
    assert in_zalo_form(typed) == form


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_numbers(text: str) -> None:
    assert in_zalo_form(text) == "" or in_zalo_form(text).startswith("84")


@given(st.integers(-20_000, 20_000).filter(bool), st.sampled_from([200, 400, 401, 429, 500]))
def test_every_code_has_a_class_and_an_unknown_one_is_final(code: int, status: int) -> None:
    for failure in (account_failure("call", code, status), template_failure("call", code, status)):
        assert isinstance(failure, CallFailed) and failure.code == code
        if "not known" in str(failure):
            assert isinstance(failure, Permanent) and failure.again.when is When.NEVER
