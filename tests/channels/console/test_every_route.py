"""Every route of the console, whoever wrote it: with every role, with nobody, half signed in, and without its token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
import yaml
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from channels.console import access
from channels.console.access import ROOT, Gate, anybody, gates, needs, signed_in
from channels.console.app import PAGES, check
from channels.console.page import Page
from channels.console.permissions import ROLES, Permission, Role, permissions_of
from channels.console.sessions import Stage
from channels.errors import CannotStart
from motcua.settings import ROOT as CHECKOUT
from tests.channels.console.conftest import Browser, Staff

pytestmark = pytest.mark.anyio

HALF_WAY: dict[Stage, dict[str, Any]] = {
    Stage.CODE: {"totp_secret": "JBSWY3DPEHPK3PXP"},
    Stage.PASSWORD: {"must_change": True},
}


def every_route() -> Iterator[tuple[str, str, list[Gate]]]:
    for page in PAGES:
        for route in page.router.routes:
            assert isinstance(route, APIRoute)
            for method in sorted(route.methods or ()):
                yield method, re.sub(r"\{[^}]*\}", "1", route.path), list(gates(route.dependant))


ROUTES = list(every_route())
CHANGING = [(method, path, doors) for method, path, doors in ROUTES if method not in ("GET", "HEAD")]


async def ask(browser: Browser, method: str, path: str, token: str | None = None) -> Any:
    headers = {} if token is None else {"X-CSRF-Token": token}
    return await browser.http.request(method, f"{ROOT}{path}", headers=headers)


def leads_to_signing_in(answer: Any) -> bool:
    return answer.status_code == 303 and answer.headers["location"].startswith(access.SIGN_IN)


def test_there_is_something_to_walk() -> None:
    assert len(ROUTES) > 20 and len(CHANGING) > 10


async def test_nobody_gets_past_the_door(staff: Staff) -> None:
    staff.hire("lan", "administrator")
    stranger = staff.browser()
    for method, path, doors in ROUTES:
        answer = await ask(stranger, method, path, "no token")
        if all(gate.is_open for gate in doors):
            assert answer.status_code in ((200,) if method == "GET" else (403,)), (method, path)
        else:
            assert leads_to_signing_in(answer), (method, path, answer.status_code)


@pytest.mark.parametrize("role", Role)
async def test_a_role_gets_what_it_permits_and_nothing_else(staff: Staff, role: Role) -> None:
    for method, path, doors in ROUTES:
        if path in ("/sign-out", "/sign-out-everywhere"):
            continue  # they end the session that the walk is made with
        member = await staff.sign_in(role)
        answer = await ask(member, method, path, member.csrf)
        needed = {gate.permission for gate in doors if gate.permission}
        forbidden = not needed <= permissions_of(frozenset({role}))
        assert not leads_to_signing_in(answer), (method, path)
        if forbidden:
            assert answer.status_code == 403, (method, path, answer.status_code)
            assert "Không có quyền" in answer.text
        elif needed:
            # An account "1" or an empty form is refused, but not for want of permission.
            assert answer.status_code != 403, (method, path)
        assert answer.status_code < 500, (method, path)


@pytest.mark.parametrize("stage", HALF_WAY)
async def test_half_signed_in_is_sent_to_the_next_step(staff: Staff, stage: Stage) -> None:
    for method, path, doors in ROUTES:
        if path in ("/sign-out", "/sign-out-everywhere"):
            continue
        member = await staff.sign_in("administrator", "editor", **HALF_WAY[stage])
        answer = await ask(member, method, path, member.csrf)
        if all(gate.is_open or stage in gate.stages for gate in doors):
            continue
        assert answer.status_code == 303, (method, path)
        expected = {Stage.CODE: "/second-factor", Stage.PASSWORD: "/password"}[stage]
        assert answer.headers["location"] == f"{ROOT}{expected}", (method, path)


async def test_who_must_set_up_a_second_factor_does_that_first(open_staff: Any) -> None:
    staff: Staff = await open_staff(console_second_factor="administrators")
    administrator = await staff.sign_in("administrator")
    assert (await administrator.get("/staff")).headers["location"] == f"{ROOT}/second-factor/set-up"
    assert (await administrator.get("/second-factor/set-up")).status_code == 200
    editor = await staff.sign_in("editor")
    assert (await editor.get("/")).status_code == 200


async def test_nothing_changes_without_the_token_of_the_session(staff: Staff) -> None:
    everybody = await staff.sign_in(*Role)
    before = staff.audit()
    for method, path, doors in CHANGING:
        if Stage.FULL not in frozenset().union(*(gate.stages for gate in doors)) and not doors[0].is_open:
            continue  # for sessions that have not come so far
        for token in (None, "", "0" * 64, "ệ"):
            headers = {} if token is None else {b"X-CSRF-Token": token.encode()}
            answer = await everybody.http.request(method, f"{ROOT}{path}", headers=headers)
            assert answer.status_code == 403, (method, path, token, answer.status_code)
            assert "Biểu mẫu đã cũ" in answer.text
    assert staff.audit() == before


async def test_the_token_of_another_session_is_refused(staff: Staff) -> None:
    mine, theirs = await staff.sign_in("administrator"), await staff.sign_in("editor")
    fields = {"name": "hoa", "roles": "editor"}
    assert (await mine.post("/staff/add", csrf=theirs.csrf, **fields)).status_code == 403
    assert (await mine.post("/staff/add", csrf=mine.csrf, **fields)).status_code == 200


async def test_a_form_sent_by_another_site_is_refused_even_with_its_token(staff: Staff) -> None:
    member = await staff.sign_in("administrator")
    for site in ("cross-site", "same-site", "anything"):
        headers = {"Sec-Fetch-Site": site, "X-CSRF-Token": member.csrf}
        answer = await member.http.post(f"{ROOT}/staff/add", data={"name": "hoa"}, headers=headers)
        assert answer.status_code == 403, site


async def test_a_token_in_the_address_counts_for_nothing(staff: Staff) -> None:
    member = await staff.sign_in("administrator")
    answer = await member.http.post(f"{ROOT}/staff/add?csrf={member.csrf}", data={"name": "hoa"})
    assert answer.status_code == 403


async def test_pages_are_never_kept_nor_framed_and_run_only_their_own_scripts(staff: Staff) -> None:
    member = await staff.sign_in(*Role)
    for path in ("/sign-in", "/", "/staff", "/nowhere", "/static/htmx.min.js"):
        headers = (await member.get(path)).headers
        assert headers["cache-control"] == ("no-cache" if "static" in path else "no-store")
        policy = headers["content-security-policy"]
        assert "script-src 'self';" in policy and "style-src 'self';" in policy and "unsafe" not in policy
        assert "form-action 'self'" in policy and "frame-ancestors 'none'" in policy
        assert headers["x-frame-options"] == "DENY"


async def test_no_page_has_inline_script_or_style(staff: Staff) -> None:
    member = await staff.sign_in(*Role)
    for method, path, _ in ROUTES:
        if method != "GET":
            continue
        text = (await member.get(path)).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text), path


async def test_what_is_too_large_is_not_read(staff: Staff) -> None:
    stranger = staff.browser()
    answer = await stranger.http.post(f"{ROOT}/sign-in", content=b"name=" + b"x" * 1_100_000)
    assert answer.status_code == 413 and "quá lớn" in answer.text

    async def unending() -> Any:
        yield b"name=x"

    answer = await stranger.http.post(f"{ROOT}/sign-in", content=unending())
    assert answer.status_code == 411


async def test_htmx_is_led_and_told_in_its_own_way(staff: Staff) -> None:
    answer = await staff.browser().get("/staff", headers={"HX-Request": "true"})
    assert answer.status_code == 401 and answer.headers["hx-redirect"].startswith(access.SIGN_IN)
    editor = await staff.sign_in("editor")
    answer = await editor.get("/staff", headers={"HX-Request": "true"})
    assert answer.status_code == 403 and answer.headers["hx-retarget"] == "#notices"
    assert "<html" not in answer.text and "Không có quyền" in answer.text


async def test_a_stream_of_nobody_is_refused_and_not_redirected(staff: Staff) -> None:
    answer = await staff.browser().get("/staff", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 401


async def test_the_address_without_its_slash_leads_home(staff: Staff) -> None:
    answer = await staff.browser().http.get("/console")
    assert answer.status_code == 307 and answer.headers["location"] == "/console/"


async def test_a_database_that_fails_is_an_apology(staff: Staff) -> None:
    member = await staff.sign_in("editor")
    with staff.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE staff_session")
    answer = await member.get("/")
    assert answer.status_code == 503 and "gián đoạn" in answer.text


class TestAtTheStart:
    def test_a_route_that_says_nothing_about_who_may_pass_is_refused(self) -> None:
        router = APIRouter(prefix="/leak")

        @router.get("/all")
        async def leak() -> str:
            return "everything"

        with pytest.raises(CannotStart, match="/console/leak/all"):
            check((*PAGES, Page(router)))

    @pytest.mark.parametrize("gate", [needs(Permission.AUDIT_READ), signed_in(), anybody()])
    def test_a_gate_counts_wherever_it_stands(self, gate: Any) -> None:
        by_router, by_route, by_parameter = APIRouter(dependencies=[gate]), APIRouter(), APIRouter()

        @by_router.get("/a")
        async def one() -> None: ...

        @by_route.get("/b", dependencies=[gate])
        async def two() -> None: ...

        async def three(who: Any) -> None: ...

        three.__annotations__["who"] = Annotated[object, gate]
        by_parameter.get("/c")(three)
        check((Page(by_router), Page(by_route), Page(by_parameter)))

    def test_what_is_no_plain_route_is_refused(self) -> None:
        mounted, plain = APIRouter(), APIRouter()
        mounted.mount("/files", StaticFiles(directory=Path(__file__).parent))
        plain.routes.append(Route("/plain", lambda request: None))
        for router in (mounted, plain):
            with pytest.raises(CannotStart, match="/console/"):
                check((Page(router),))


def test_every_permission_is_given_to_some_role() -> None:
    assert permissions_of(frozenset(Role)) == set(Permission)


def test_nothing_of_citizens_is_shown_to_administrators() -> None:
    assert not {p for p in ROLES[Role.ADMINISTRATOR] if p.startswith("conversations.")}


def test_the_page_for_operators_has_the_roles_as_they_are() -> None:
    text = (CHECKOUT / "docs" / "console.md").read_text(encoding="utf-8")
    for role, permissions in ROLES.items():
        [row] = re.findall(rf"^\| `{role}` \| (.*) \|$", text, re.MULTILINE)
        assert set(re.findall(r"`([a-z.]+)`", row)) == permissions


def test_every_role_has_words() -> None:
    words = yaml.safe_load((CHECKOUT / "channels" / "wording" / "console.yaml").read_text(encoding="utf-8"))
    assert set(words["roles"]) == set(Role)
