"""Signing in: with a password, with a one-time code, and what wrong tries cost."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import update

from channels.console import accounts, codes, passwords, sessions
from channels.console.access import DOOR_COOKIE, SESSION_COOKIE, is_own_page
from channels.console.permissions import Role
from channels.console.tables import StaffAccount, StaffSession
from channels.storage import now
from tests.channels.console.conftest import PASSWORD, Browser, Staff, token_in

pytestmark = pytest.mark.anyio

AS_SERVED = passwords._ARGON2
OTHER = "mưa dầm thấm lâu 8"


async def try_password(browser: Browser, name: str, password: str, **more: str) -> Any:
    return await browser.send("/sign-in", name=name, password=password, **more)


async def test_without_any_account_the_page_says_how_the_first_one_is_made(staff: Staff) -> None:
    answer = await staff.browser().get("/sign-in")
    assert answer.status_code == 200
    assert "motcua staff add" in answer.text and "--role administrator" in answer.text


async def test_the_right_password_opens_the_console(staff: Staff) -> None:
    staff.hire("lan", "editor")
    browser = staff.browser()
    answer = await try_password(browser, "lan", PASSWORD)
    assert answer.status_code == 303 and answer.headers["location"] == "/console/"
    home = await browser.get("/")
    assert home.status_code == 200 and "Chào lan" in home.text
    assert ("lan", "staff.signed_in", "staff:lan") in staff.audit()


async def test_the_name_counts_in_any_case_and_the_password_however_it_is_composed(staff: Staff) -> None:
    staff.hire("lan", "editor")
    answer = await try_password(staff.browser(), " Lan ", unicodedata.normalize("NFD", PASSWORD))
    assert answer.status_code == 303


async def test_whatever_is_wrong_is_told_in_the_same_words(staff: Staff) -> None:
    staff.hire("lan", "editor")
    wrong = [("lan", "not the password"), ("nobody", PASSWORD), ("", ""), ("lan", ""), ("x" * 500, "y")]
    answers = [await try_password(staff.browser(), *pair) for pair in wrong]
    assert {a.status_code for a in answers} == {401}
    assert "Tên đăng nhập hoặc mật khẩu chưa đúng." in answers[0].text
    assert len({a.text.replace(token_in_text(a.text), "") for a in answers}) == 1


def token_in_text(text: str) -> str:
    return text.partition('name="csrf" value="')[2].partition('"')[0]


async def test_an_unknown_name_takes_as_long_as_a_wrong_password(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_ARGON2", AS_SERVED)
    passwords._nobodys.cache_clear()
    staff.hire("lan", "editor", password_hash=passwords.make_hash(PASSWORD))
    took: dict[str, list[float]] = {"lan": [], "nobody": []}
    for round_ in range(3):
        for name, times in took.items():
            browser = staff.browser(f"10.0.0.{round_}")
            await browser.get("/sign-in")
            began = time.perf_counter()
            await try_password(browser, name, "not the password")
            times.append(time.perf_counter() - began)
    # The quickest of each: what else the machine does only makes a try slower.
    known, unknown = (min(times) for times in took.values())
    passwords._nobodys.cache_clear()
    assert 1 / 4 < known / unknown < 4


def test_comparing_without_a_hash_hashes_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    real = passwords._ARGON2

    class Watched:
        def verify(self, kept: str, typed: str) -> bool:
            compared.append(kept)
            return real.verify(kept, typed)

        hash = real.hash

    monkeypatch.setattr(passwords, "_ARGON2", Watched())
    assert not passwords.is_right(None, PASSWORD)
    assert not passwords.is_right(None, "a password that opens nothing")
    assert len(compared) == 2


async def test_a_password_in_the_wrong_field_is_not_written_down(staff: Staff) -> None:
    staff.hire("lan", "editor")
    await try_password(staff.browser(), PASSWORD, PASSWORD)
    await try_password(staff.browser(), "lan", "wrong")
    assert staff.audit()[-2:] == [("-", "staff.sign_in_failed", "staff:-"), ("-", "staff.sign_in_failed", "staff:lan")]


async def test_the_token_changes_at_signing_in_and_what_was_planted_before_is_worth_nothing(staff: Staff) -> None:
    staff.hire("lan", "editor")
    browser = staff.browser()
    browser.http.cookies.set(SESSION_COOKIE, "planted", domain="console.test", path="/console")
    await try_password(browser, "lan", PASSWORD)
    token = browser.http.cookies[SESSION_COOKIE]
    assert token != "planted" and len(token) > 40
    assert DOOR_COOKIE not in browser.http.cookies
    again = await browser.http.get("/console/sign-in")
    assert again.headers["location"] == "/console/"


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(staff: Staff) -> None:
    staff.hire("lan", "editor")
    browser = staff.browser()
    page = await browser.get("/sign-in")
    fields = {"csrf": token_in(page), "name": "lan", "password": PASSWORD}
    plain = await browser.http.post("/console/sign-in", data=fields)
    [cookie] = [c for c in plain.headers.get_list("set-cookie") if c.startswith(f"{SESSION_COOKIE}=")]
    assert "HttpOnly" in cookie and "samesite=lax" in cookie.lower() and "Path=/console" in cookie
    assert "secure" not in cookie.lower()

    browser = staff.browser()
    fields["csrf"] = token_in(await browser.get("/sign-in"))
    private = await browser.http.post("/console/sign-in", data=fields, headers={"X-Forwarded-Proto": "https"})
    [cookie] = [c for c in private.headers.get_list("set-cookie") if c.startswith(f"{SESSION_COOKIE}=")]
    assert "secure" in cookie.lower()


async def test_the_token_is_not_in_the_database(staff: Staff) -> None:
    member = await staff.sign_in("editor")
    kept = (staff.settings.home / "motcua.db").read_bytes() + (staff.settings.home / "motcua.db-wal").read_bytes()
    token = member.http.cookies[SESSION_COOKIE]
    assert token.encode() not in kept and sessions.digest_of(token).encode() in kept


async def test_whoever_asked_for_a_page_comes_to_it_after_signing_in(staff: Staff) -> None:
    staff.hire("lan", "administrator")
    browser = staff.browser()
    asked = await browser.get("/audit?who=lan&what=staff.added")
    page = await browser.http.get(asked.headers["location"])
    fields = {"csrf": token_in(page), "name": "lan", "password": PASSWORD}
    fields["next"] = page.text.partition('name="next" value="')[2].partition('"')[0].replace("&amp;", "&")
    answer = await browser.http.post("/console/sign-in", data=fields)
    assert answer.headers["location"] == "/console/audit?who=lan&what=staff.added"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/console/",
        "/\\evil.example",
        "/console/\\evil.example",
        "/console//evil.example",
        "/console/\r\nSet-Cookie: a=b",
        "/consoleevil",
        "javascript:alert(1)",
        "/",
        "",
    ],
)
def test_what_leads_out_of_the_console_is_known(elsewhere: str) -> None:
    assert not is_own_page(elsewhere)


async def test_nobody_is_led_out_of_the_console(staff: Staff) -> None:
    staff.hire("lan", "editor")
    answer = await try_password(staff.browser(), "lan", PASSWORD, next="//evil.example/console/")
    assert answer.headers["location"] == "/console/"


class TestSessions:
    async def test_end_at_signing_out(self, staff: Staff) -> None:
        member = await staff.sign_in("editor")
        token = member.http.cookies[SESSION_COOKIE]
        answer = await member.send("/sign-out", page="/")
        assert answer.headers["location"] == "/console/sign-in?done=signed_out"
        assert SESSION_COOKIE not in member.http.cookies
        member.http.cookies.set(SESSION_COOKIE, token, domain="console.test", path="/console")
        assert (await member.get("/")).status_code == 303

    async def test_end_everywhere_at_once(self, staff: Staff) -> None:
        here, there = [await staff.sign_in("editor") for _ in range(2)]
        stranger = await staff.sign_in("analyst")
        await here.send("/sign-out-everywhere", page="/me")
        assert [(await b.get("/")).status_code for b in (here, there, stranger)] == [303, 303, 200]

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"seen_at": timedelta(minutes=-29)}, 200),
            ({"seen_at": timedelta(minutes=-31)}, 303),
            ({"expires_at": timedelta(seconds=-1)}, 303),
        ],
    )
    async def test_end_when_idle_or_old(self, staff: Staff, changes: dict[str, timedelta], status: int) -> None:
        member = await staff.sign_in("editor")
        with staff.engine.begin() as connection:
            values = {name: now() + shift for name, shift in changes.items()}
            connection.execute(update(StaffSession).values(**values))
        assert (await member.get("/")).status_code == status

    async def test_end_when_the_account_is_disabled_or_reset(self, staff: Staff) -> None:
        editor, analyst = await staff.sign_in("editor"), await staff.sign_in("analyst")
        with staff.engine.begin() as connection:
            accounts.disable(connection, "motcua", "editor")
        with staff.engine.begin() as connection:
            accounts.reset(connection, "motcua", "analyst", second_factor=False, code_hours=1)
        assert [(await b.get("/")).status_code for b in (editor, analyst)] == [303, 303]
        assert (await try_password(staff.browser(), "editor", PASSWORD)).status_code == 401
        assert (await try_password(staff.browser(), "analyst", PASSWORD)).status_code == 401

    async def test_feel_a_change_of_roles_at_the_next_request(self, staff: Staff) -> None:
        staff.hire("an", "administrator")
        member = await staff.sign_in("administrator", name="hoa")
        assert (await member.get("/staff")).status_code == 200
        with staff.engine.begin() as connection:
            accounts.set_roles(connection, "an", "hoa", [Role.EDITOR])
        assert (await member.get("/staff")).status_code == 403


class TestWrongTries:
    async def test_cost_a_pause_that_a_restart_does_not_forget(self, open_staff: Callable[..., Any]) -> None:
        staff: Staff = await open_staff()
        staff.hire("lan", "editor")
        browser = staff.browser()
        answers = [await try_password(browser, "lan", f"wrong {n}") for n in range(5)]
        assert {a.status_code for a in answers} == {401}
        locked = await try_password(browser, "lan", PASSWORD)
        assert locked.status_code == 429 and "Thử sai nhiều lần" in locked.text
        assert 1 <= int(locked.headers["retry-after"]) <= 30
        restarted: Staff = await open_staff()
        assert (await try_password(restarted.browser(), "lan", PASSWORD)).status_code == 429

    async def test_of_a_name_that_nobody_has_are_told_and_cost_the_same(self, staff: Staff) -> None:
        staff.hire("lan", "editor")
        told = {}
        for name in ("lan", "nobody"):
            browser = staff.browser()
            told[name] = [(await try_password(browser, name, "wrong")).status_code for _ in range(6)]
        assert told["lan"] == told["nobody"] == [401] * 5 + [429]

    async def test_from_one_address_leave_another_address_alone(self, staff: Staff) -> None:
        staff.hire("lan", "editor")
        for _ in range(6):
            await try_password(staff.browser("10.9.9.9"), "lan", "wrong")
        assert (await try_password(staff.browser("10.0.0.1"), "lan", PASSWORD)).status_code == 303

    async def test_are_forgotten_after_the_right_password(self, staff: Staff) -> None:
        staff.hire("lan", "editor")
        for _ in range(3):
            for _ in range(4):
                assert (await try_password(staff.browser(), "lan", "wrong")).status_code == 401
            assert (await try_password(staff.browser(), "lan", PASSWORD)).status_code == 303


class TestOneTimeCodes:
    def made(self, staff: Staff, name: str = "hoa", hours: int = 1) -> str:
        with staff.engine.begin() as connection:
            return accounts.add(connection, "motcua", name, "", [Role.EDITOR], code_hours=hours)

    async def use(self, browser: Browser, name: str, code: str, password: str = OTHER, repeated: str = "") -> Any:
        fields = {"name": name, "code": code, "password": password, "repeated": repeated or password}
        return await browser.send("/one-time-code", **fields)

    async def test_choose_the_password_and_sign_in(self, staff: Staff) -> None:
        code, browser = self.made(staff), staff.browser()
        answer = await self.use(browser, "hoa", f" {code.lower().replace('-', ' ')} ")
        assert answer.status_code == 303 and answer.headers["location"] == "/console/"
        assert (await browser.get("/")).status_code == 200
        assert (await try_password(staff.browser(), "hoa", OTHER)).status_code == 303

    async def test_serve_once(self, staff: Staff) -> None:
        code = self.made(staff)
        assert (await self.use(staff.browser(), "hoa", code)).status_code == 303
        answer = await self.use(staff.browser(), "hoa", code, "tre già măng mọc 9")
        assert answer.status_code == 401 and "mã đã hết hạn" in answer.text

    async def test_are_the_account_s_own(self, staff: Staff) -> None:
        code = self.made(staff)
        staff.hire("lan", "administrator")
        wrong = [await self.use(staff.browser(), name, code) for name in ("lan", "nobody")]
        assert [a.status_code for a in wrong] == [401, 401]
        assert (await self.use(staff.browser(), "hoa", code)).status_code == 303

    async def test_run_out(self, staff: Staff) -> None:
        code = self.made(staff, hours=-1)
        assert (await self.use(staff.browser(), "hoa", code)).status_code == 401

    async def test_given_anew_replace_the_one_before(self, staff: Staff) -> None:
        before = self.made(staff)
        with staff.engine.begin() as connection:
            after = accounts.reset(connection, "motcua", "hoa", second_factor=False, code_hours=1)
        assert (await self.use(staff.browser(), "hoa", before)).status_code == 401
        assert (await self.use(staff.browser(), "hoa", after)).status_code == 303

    async def test_cannot_be_tried_out(self, staff: Staff) -> None:
        self.made(staff)
        answers = [await self.use(staff.browser(), "hoa", f"{n:016}") for n in range(6)]
        assert [a.status_code for a in answers] == [401] * 5 + [429]

    async def test_of_a_disabled_account_open_nothing(self, staff: Staff) -> None:
        code = self.made(staff)
        with staff.engine.begin() as connection:
            accounts.disable(connection, "motcua", "hoa")
        assert (await self.use(staff.browser(), "hoa", code)).status_code == 401

    async def test_are_not_used_up_by_a_password_that_is_not_taken(self, staff: Staff) -> None:
        code = self.made(staff)
        refused = {
            ("short", "short"): "ít nhất 12",
            (OTHER, OTHER + "!"): "không giống nhau",
            ("matkhau123456", "matkhau123456"): "quá dễ đoán",
            ("hoahoahoahoa", "hoahoahoahoa"): "giống tên đăng nhập",
        }
        for (password, repeated), told in refused.items():
            answer = await self.use(staff.browser(), "hoa", code, password, repeated)
            assert answer.status_code == 422 and told in answer.text, password
            assert password not in answer.text
        assert (await self.use(staff.browser(), "hoa", code)).status_code == 303

    async def test_have_eighty_bits_and_are_kept_as_digests(self, staff: Staff) -> None:
        code = self.made(staff)
        assert len(code.replace("-", "")) == 16 and len(set(codes._SIGNS)) == 32
        with staff.engine.connect() as connection:
            kept = [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM staff_code")]
        assert code.replace("-", "") not in str(kept)


async def test_a_first_password_given_by_somebody_else_is_changed_before_anything(staff: Staff) -> None:
    staff.hire("lan", "editor", must_change=True)
    browser = staff.browser()
    assert (await try_password(browser, "lan", PASSWORD)).headers["location"] == "/console/password"
    same = await browser.send("/password", current=PASSWORD, password=PASSWORD, repeated=PASSWORD)
    assert same.status_code == 422 and "phải khác" in same.text
    done = await browser.send("/password", current=PASSWORD, password=OTHER, repeated=OTHER)
    assert done.status_code == 303
    assert (await browser.get("/")).status_code == 200


async def test_an_old_hash_is_made_anew_at_signing_in(staff: Staff) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1).hash(passwords._composed(PASSWORD))
    staff.hire("lan", "editor", password_hash=old)
    assert (await try_password(staff.browser(), "lan", PASSWORD)).status_code == 303
    with staff.engine.connect() as connection:
        kept = connection.execute(StaffAccount.__table__.select()).one().password_hash
    assert kept != old and passwords.is_right(kept, PASSWORD)
