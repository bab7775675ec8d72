"""The second factor: set up, asked for, lost, taken away."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from pydantic import SecretStr

from channels.console import accounts, second_factor
from channels.console.access import SESSION_COOKIE
from channels.errors import CannotStart
from tests.channels.console.conftest import PASSWORD, Browser, Staff

pytestmark = pytest.mark.anyio

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
MOMENT = datetime(2026, 11, 22, 3, 0, 5, tzinfo=UTC)


def secret_on(answer: Any) -> str:
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', answer.text)
    assert found, answer.text
    return found.group(1).replace(" ", "")


def recovery_codes_on(answer: Any) -> list[str]:
    return re.findall(r"<code>([A-Z2-9-]{19})</code>", answer.text)


async def set_up(browser: Browser) -> tuple[str, list[str]]:
    secret = secret_on(await browser.get("/second-factor/set-up"))
    answer = await browser.send("/second-factor/set-up", code=pyotp.TOTP(secret).now())
    assert answer.status_code == 200, answer.text
    return secret, recovery_codes_on(answer)


async def with_password(staff: Staff, name: str) -> Browser:
    browser = staff.browser()
    answer = await browser.send("/sign-in", name=name, password=PASSWORD)
    assert answer.headers["location"].startswith("/console/second-factor")
    return browser


def next_code(secret: str) -> str:
    """A code that has not been used: of the step after this one, which a clock may be wrong by."""
    return pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30))


async def test_once_set_up_it_is_asked_for_after_the_password(staff: Staff) -> None:
    secret, recovery = await set_up(await staff.sign_in("editor"))
    assert len(set(recovery)) == 10
    browser = await with_password(staff, "editor")
    assert (await browser.get("/")).headers["location"] == "/console/second-factor"
    before = browser.http.cookies[SESSION_COOKIE]
    wrong = await browser.send("/second-factor", code="000000")
    assert wrong.status_code == 401 and "Mã chưa đúng" in wrong.text
    right = await browser.send("/second-factor", code=next_code(secret))
    assert right.status_code == 303 and (await browser.get("/")).status_code == 200
    assert browser.http.cookies[SESSION_COOKIE] != before


async def test_the_page_asked_for_is_reached_through_the_second_factor(staff: Staff) -> None:
    secret, _ = await set_up(await staff.sign_in("administrator"))
    browser = staff.browser()
    answer = await browser.send("/sign-in", name="administrator", password=PASSWORD, next="/console/audit?who=lan")
    page = await browser.http.get(answer.headers["location"])
    wanted = page.text.partition('name="next" value="')[2].partition('"')[0]
    answer = await browser.send("/second-factor", code=next_code(secret), next=wanted)
    assert answer.headers["location"] == "/console/audit?who=lan"


async def test_setting_it_up_needs_a_code_that_the_telephone_shows(staff: Staff) -> None:
    browser = await staff.sign_in("editor")
    page = await browser.get("/second-factor/set-up")
    assert "<svg" in page.text and "<path" in page.text
    answer = await browser.send("/second-factor/set-up", code="123")
    assert answer.status_code == 422
    assert secret_on(answer) == secret_on(page)
    assert "Chưa bật" in (await browser.get("/me")).text


async def test_setting_it_up_ends_the_other_sessions(staff: Staff) -> None:
    here, there = await staff.sign_in("editor"), await staff.sign_in("editor")
    await set_up(here)
    assert (await here.get("/")).status_code == 200
    assert (await there.get("/")).status_code == 303


async def test_a_code_does_not_count_twice(staff: Staff) -> None:
    secret, _ = await set_up(await staff.sign_in("editor"))
    code = next_code(secret)
    first, second = await with_password(staff, "editor"), await with_password(staff, "editor")
    assert (await first.send("/second-factor", code=code)).status_code == 303
    assert (await second.send("/second-factor", code=code)).status_code == 401


async def test_a_recovery_code_serves_once(staff: Staff) -> None:
    _, recovery = await set_up(await staff.sign_in("editor"))
    browser = await with_password(staff, "editor")
    assert (await browser.send("/second-factor", code=recovery[3].lower())).status_code == 303
    assert "Còn 9 mã dự phòng" in (await browser.get("/me")).text
    again = await with_password(staff, "editor")
    assert (await again.send("/second-factor", code=recovery[3])).status_code == 401
    assert ("editor", "staff.second_factor", "staff:editor") in staff.audit()


async def test_codes_cannot_be_tried_out(staff: Staff) -> None:
    await set_up(await staff.sign_in("editor"))
    browser = await with_password(staff, "editor")
    answers = [await browser.send("/second-factor", code=f"{n:06}") for n in range(6)]
    assert [a.status_code for a in answers] == [401] * 5 + [429]


async def test_another_telephone_needs_the_password(staff: Staff) -> None:
    browser = await staff.sign_in("editor")
    first, _ = await set_up(browser)
    second = secret_on(await browser.get("/second-factor/set-up"))
    assert second != first
    fields = {"code": pyotp.TOTP(second).now()}
    assert (await browser.send("/second-factor/set-up", **fields)).status_code == 422
    assert (await browser.send("/second-factor/set-up", **fields, current=PASSWORD)).status_code == 200


async def test_it_is_taken_away_with_the_password_only(staff: Staff) -> None:
    browser = await staff.sign_in("editor")
    await set_up(browser)
    wrong = await browser.send("/second-factor/remove", page="/me", current="wrong")
    assert wrong.status_code == 422 and "Đang bật" in wrong.text
    right = await browser.send("/second-factor/remove", page="/me", current=PASSWORD)
    assert right.status_code == 303
    assert "Chưa bật" in (await browser.get("/me")).text
    answer = await staff.browser().send("/sign-in", name="editor", password=PASSWORD)
    assert answer.headers["location"] == "/console/"


async def test_new_recovery_codes_replace_the_old_ones(staff: Staff) -> None:
    browser = await staff.sign_in("editor")
    _, old = await set_up(browser)
    answer = await browser.send("/second-factor/codes", page="/me", current=PASSWORD)
    new = recovery_codes_on(answer)
    assert len(new) == 10 and not set(new) & set(old)
    other = await with_password(staff, "editor")
    assert (await other.send("/second-factor", code=old[0])).status_code == 401
    assert (await other.send("/second-factor", code=new[0])).status_code == 303


async def test_where_it_is_required_it_is_set_up_first_and_stays(open_staff: Any) -> None:
    staff: Staff = await open_staff(console_second_factor="everyone")
    browser = await staff.sign_in("editor")
    assert (await browser.get("/")).headers["location"] == "/console/second-factor/set-up"
    await set_up(browser)
    assert (await browser.get("/")).status_code == 200
    assert "Tắt xác thực" not in (await browser.get("/me")).text
    answer = await browser.send("/second-factor/remove", page="/me", current=PASSWORD)
    assert answer.status_code == 403


async def test_a_lost_telephone_is_helped_by_an_administrator(staff: Staff) -> None:
    await set_up(await staff.sign_in("editor"))
    with staff.engine.begin() as connection:
        code = accounts.reset(connection, "motcua", "editor", second_factor=True, code_hours=1)
    browser, new = staff.browser(), "mưa dầm thấm lâu 8"
    answer = await browser.send("/one-time-code", name="editor", code=code, password=new, repeated=new)
    assert answer.headers["location"] == "/console/"


async def test_a_reset_password_alone_does_not_open_past_the_second_factor(staff: Staff) -> None:
    await set_up(await staff.sign_in("editor"))
    with staff.engine.begin() as connection:
        code = accounts.reset(connection, "motcua", "editor", second_factor=False, code_hours=1)
    browser, new = staff.browser(), "mưa dầm thấm lâu 8"
    answer = await browser.send("/one-time-code", name="editor", code=code, password=new, repeated=new)
    assert answer.headers["location"] == "/console/second-factor"


async def test_the_secret_is_not_to_be_read_in_the_database(staff: Staff) -> None:
    secret, _ = await set_up(await staff.sign_in("editor"))
    waiting = secret_on(await (await staff.sign_in("analyst")).get("/second-factor/set-up"))
    kept = b"".join(file.read_bytes() for file in staff.settings.home.glob("motcua.db*"))
    assert secret.encode() not in kept and waiting.encode() not in kept


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_wrong_by_half_a_minute(steps: int, right: bool) -> None:
    code = pyotp.TOTP(SECRET).at(MOMENT + timedelta(seconds=30 * steps))
    step = second_factor.step_of(SECRET, code, MOMENT)
    assert step == (int(MOMENT.timestamp()) // 30 + steps if right else None)


def test_the_picture_holds_no_style_script_or_typed_text() -> None:
    drawn = str(second_factor.picture(SECRET, "lan<script>"))
    assert drawn.startswith("<svg") and "<script" not in drawn and "style" not in drawn


async def test_after_a_lost_secret_recovery_codes_still_count(open_staff: Any) -> None:
    staff: Staff = await open_staff(console_secret=SecretStr("one secret of the console"))
    secret, recovery = await set_up(await staff.sign_in("editor"))
    other: Staff = await open_staff(console_secret=SecretStr("another secret of theirs"))
    browser = await with_password(other, "editor")
    assert (await browser.send("/second-factor", code=next_code(secret))).status_code == 401
    assert (await browser.send("/second-factor", code=recovery[0])).status_code == 303


async def test_a_short_secret_is_refused_at_the_start(open_staff: Any) -> None:
    with pytest.raises(CannotStart, match="MOTCUA_CONSOLE_SECRET"):
        await open_staff(console_secret=SecretStr("too short"))
