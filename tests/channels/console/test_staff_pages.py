"""Administrators at work on accounts, and everybody on the own one."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.console import accounts
from channels.console.errors import AccountRefused
from channels.console.permissions import Role
from motcua.database import open_database, upgrade
from tests.channels.console.conftest import PASSWORD, Staff, code_in
from tests.simulators.postgres import PostgresServer

pytestmark = pytest.mark.anyio

HOSTILE = "<script>alert(1)</script>\"'{{7*7}}"
NEW = "mưa dầm thấm lâu 8"


async def test_an_account_is_made_and_its_code_opens_it(staff: Staff) -> None:
    administrator = await staff.sign_in("administrator")
    answer = await administrator.send("/staff/add", name="Hoa", display="Chị Hoa", roles=["editor", "officer"])
    assert answer.status_code == 200
    browser = staff.browser()
    done = await browser.send("/one-time-code", name="hoa", code=code_in(answer), password=NEW, repeated=NEW)
    assert done.headers["location"] == "/console/"
    assert "Chào Chị Hoa" in (await browser.get("/")).text
    listed = (await administrator.get("/staff")).text
    assert "Chị Hoa" in listed and "Biên tập, Cán bộ trả lời" in listed
    assert ("administrator", "staff.added", "staff:hoa") in staff.audit()


NO_ACCOUNTS: list[tuple[dict[str, Any], str]] = [
    ({"name": "lan", "roles": ["editor"]}, "đã có người dùng"),
    ({"name": "", "roles": ["editor"]}, "2 đến 32"),
    ({"name": "Nguyễn Lan", "roles": ["editor"]}, "2 đến 32"),
    ({"name": "../etc", "roles": ["editor"]}, "2 đến 32"),
    ({"name": "a\0b", "roles": []}, "ít nhất một vai trò"),
    ({"name": "motcua", "roles": ["editor"]}, "2 đến 32"),
    ({"name": "hoa", "roles": []}, "ít nhất một vai trò"),
    ({"name": "hoa", "roles": ["king"]}, "ít nhất một vai trò"),
    ({"name": "hoa", "roles": ["editor"], "display": "x" * 81}, "80 ký tự"),
]


async def test_what_is_no_account_is_refused_and_the_form_kept(staff: Staff) -> None:
    staff.hire("lan", "editor")
    administrator = await staff.sign_in("administrator")
    for fields, told in NO_ACCOUNTS:
        answer = await administrator.send("/staff/add", **fields)
        assert answer.status_code == 422 and told in answer.text, fields
    with staff.engine.connect() as connection:
        assert len(accounts.everyone(connection)) == 2


async def test_what_was_typed_is_shown_and_never_run(staff: Staff) -> None:
    administrator = await staff.sign_in("administrator")
    refused = await administrator.send("/staff/add", name=HOSTILE, display=HOSTILE, roles=["editor"])
    made = await administrator.send("/staff/add", name="hoa", display=HOSTILE, roles=["editor"])
    assert made.status_code == 200
    pages = [await administrator.get(path) for path in ("/staff", "/staff/accounts/hoa", f"/audit?who={HOSTILE}")]
    pages.append(await (await staff.sign_in("editor", name="hoa")).get("/"))
    pages.append(await staff.browser().get(f"/sign-in?next={HOSTILE}&done={HOSTILE}"))
    for page in [refused, made, *pages]:
        assert "<script>alert" not in page.text
        assert not re.search(r'=""?<script', page.text)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;{{7*7}}" in pages[0].text


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=40), display=st.text(max_size=90))
def test_whatever_is_typed_makes_an_account_or_is_refused(new_database: Path, name: str, display: str) -> None:
    engine = open_database(f"sqlite:///{new_database}")
    try:
        with engine.connect() as connection:
            accounts.add(connection, "motcua", name, display, [Role.EDITOR], code_hours=1)
            made = accounts.find(connection, name)
            assert made is not None and re.fullmatch(r"[a-z0-9._-]{2,32}", made.name)
            assert made.display.isprintable() and made.display
            connection.rollback()
    except AccountRefused as refused:
        assert refused.words in ("name_unfit", "display_long")
    finally:
        engine.dispose()


async def test_roles_are_changed_and_the_change_is_written_down(staff: Staff) -> None:
    administrator = await staff.sign_in("administrator")
    staff.hire("hoa", "editor")
    page = "/staff/accounts/hoa"
    answer = await administrator.send(f"{page}/roles", page=page, roles=["analyst", "reviewer"])
    assert answer.headers["location"] == "/console/staff/accounts/hoa?done=roles_set"
    assert "Đã lưu vai trò." in (await administrator.http.get(answer.headers["location"])).text
    log = (await administrator.get("/audit?about=staff:hoa")).text
    assert "trước: editor; sau: analyst, reviewer" in log


async def test_an_account_is_reset(staff: Staff) -> None:
    administrator, hoa = await staff.sign_in("administrator"), await staff.sign_in("editor", name="hoa")
    answer = await administrator.send("/staff/accounts/hoa/reset", page="/staff/accounts/hoa")
    assert (await hoa.get("/")).status_code == 303
    done = await hoa.send("/one-time-code", name="hoa", code=code_in(answer), password=NEW, repeated=NEW)
    assert done.status_code == 303


async def test_an_account_is_closed_and_opened_again(staff: Staff) -> None:
    administrator = await staff.sign_in("administrator")
    staff.hire("hoa", "editor")
    page = "/staff/accounts/hoa"
    await administrator.send(f"{page}/disable", page=page)
    assert "Đã khóa" in (await administrator.get("/staff")).text
    assert (await staff.browser().send("/sign-in", name="hoa", password=PASSWORD)).status_code == 401
    refused = await administrator.send(f"{page}/reset", page=page)
    assert refused.status_code == 409 and "đang bị khóa" in refused.text
    await administrator.send(f"{page}/enable", page=page)
    assert (await staff.browser().send("/sign-in", name="hoa", password=PASSWORD)).status_code == 303


async def test_nobody_closes_the_own_account_nor_the_last_administrator_s(staff: Staff) -> None:
    administrator = await staff.sign_in("administrator")
    page = "/staff/accounts/administrator"
    assert (await administrator.send(f"{page}/disable", page=page)).status_code == 409
    answer = await administrator.send(f"{page}/roles", page=page, roles=["editor"])
    assert answer.status_code == 409 and "người quản trị cuối cùng" in answer.text
    assert (await administrator.get("/staff")).status_code == 200


async def test_an_account_that_is_not_there_is_not_found(staff: Staff) -> None:
    administrator = await staff.sign_in("administrator")
    for path in ("/staff/accounts/nobody", "/nowhere"):
        answer = await administrator.get(path)
        assert answer.status_code == 404 and "Không tìm thấy" in answer.text


async def test_the_own_password_is_changed_with_the_one_in_use(staff: Staff) -> None:
    here, there = await staff.sign_in("editor"), await staff.sign_in("editor")
    wrong = await here.send("/password", current="wrong", password=NEW, repeated=NEW)
    assert wrong.status_code == 422 and "Mật khẩu đang dùng chưa đúng." in wrong.text
    right = await here.send("/password", current=PASSWORD, password=NEW, repeated=NEW)
    assert right.headers["location"] == "/console/me?done=password_changed"
    assert [(await b.get("/")).status_code for b in (here, there)] == [200, 303]
    assert (await staff.browser().send("/sign-in", name="editor", password=NEW)).status_code == 303


async def test_a_found_browser_does_not_help_to_guess_the_password(staff: Staff) -> None:
    browser = await staff.sign_in("editor")
    answers = [await browser.send("/password", current=f"{n}", password=NEW, repeated=NEW) for n in range(6)]
    assert [a.status_code for a in answers] == [422] * 5 + [429]


def _take_away(url: str, name: str) -> str:
    engine = open_database(url)
    try:
        with engine.begin() as connection:
            accounts.set_roles(connection, "motcua", name, [Role.EDITOR])
    except AccountRefused as refused:
        return refused.words
    finally:
        engine.dispose()
    return ""


def _two_leave_at_once(url: str) -> None:
    upgrade(url)
    engine = open_database(url)
    for name in ("an", "ba"):
        with engine.begin() as connection:
            accounts.add(connection, "motcua", name, "", [Role.ADMINISTRATOR], code_hours=1)
    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(lambda name: _take_away(url, name), ("an", "ba")))
    assert outcomes == ["", "last_administrator"]
    with engine.connect() as connection:
        assert sum(Role.ADMINISTRATOR in account.roles for account in accounts.everyone(connection)) == 1
    engine.dispose()


def test_two_administrators_who_leave_at_once_leave_one(tmp_path: Any) -> None:
    _two_leave_at_once(f"sqlite:///{tmp_path / 'motcua.db'}")


@pytest.mark.postgres
def test_two_administrators_who_leave_at_once_leave_one_on_postgresql(postgres: PostgresServer) -> None:
    _two_leave_at_once(postgres.new_database())
