from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from channels.durable.alerts import open_alerts
from channels.errors import StorageUnavailable
from channels.zalo.errors import ConsentLost, NotSent, OutcomeUnknown
from channels.zalo_oa.alerts import CHANNEL, CONSENT_LOST
from channels.zalo_oa.oauth import Pair
from motcua.database import upgrade
from tests.channels.zalo_oa.conftest import House, make_house
from tests.simulators.postgres import PostgresServer
from tests.simulators.zalo import Fault, Modes, ZaloSimulator

pytestmark = pytest.mark.anyio
TOKEN_PATH = "/oa/access_token"


async def alerts(house: House) -> list[str]:
    found = await house.storage.run(open_alerts)
    assert all((alert.channel, alert.kind) == (CHANNEL, CONSENT_LOST) for alert in found)
    return [alert.subject for alert in found]


async def test_a_fresh_token_is_used_as_it_is(zalo: ZaloSimulator, house: House) -> None:
    assert await house.tokens.access() == await house.tokens.access()
    assert zalo.oauth.granted == 1


async def test_without_consent_there_is_no_token(zalo: ZaloSimulator, database: str) -> None:
    empty = make_house(zalo, database)
    with pytest.raises(ConsentLost, match="not consented yet"):
        await empty.tokens.access()
    assert await empty.tokens.keep_fresh() is False
    await empty.close()


async def test_the_timer_renews_after_twenty_hours_and_not_before(zalo: ZaloSimulator, house: House) -> None:
    zalo.clock.advance(hours=19.9)
    assert await house.tokens.keep_fresh()
    assert zalo.oauth.granted == 1
    zalo.clock.advance(hours=0.2)
    assert await house.tokens.keep_fresh()
    assert zalo.oauth.granted == 2
    kept = await house.tokens.kept()
    assert kept and kept.version == 2 and zalo.oauth.is_valid(kept.access)


async def test_the_new_pair_is_in_the_database_before_anybody_gets_it(zalo: ZaloSimulator, house: House) -> None:
    zalo.clock.advance(hours=26)
    access = await house.tokens.access()
    other = make_house(zalo, str(house.storage._engine.url.render_as_string(hide_password=False)))
    kept = await other.tokens.kept()
    assert kept and kept.access == access
    await other.close()


async def test_tokens_lie_sealed_and_show_in_no_repr(zalo: ZaloSimulator, house: House) -> None:
    rows = await house.storage.run(lambda c: c.exec_driver_sql("SELECT * FROM zalo_token").all())
    kept = await house.tokens.kept()
    shown = repr(rows) + repr(kept) + repr(house.tokens) + repr(Pair("at-x", "rt-x", 1)) + repr(house.oauth._app)
    assert not any(secret in shown for secret in {*zalo.oauth.secrets, "at-x", "rt-x"})


async def test_many_who_come_at_once_are_served_by_one_renewal(zalo: ZaloSimulator, house: House) -> None:
    zalo.clock.advance(hours=26)
    got = await asyncio.gather(*(house.tokens.access() for _ in range(50)))
    assert len(set(got)) == 1
    assert len(zalo.journal.of(TOKEN_PATH)) == 1


async def test_processes_beside_each_other_renew_once(zalo: ZaloSimulator, house: House, database: str) -> None:
    others = [make_house(zalo, database) for _ in range(5)]
    zalo.clock.advance(hours=26)
    zalo.faults.plan(TOKEN_PATH, Fault.SLOW)
    everybody = [house, *others]
    got = await asyncio.gather(*(one.tokens.access() for one in everybody for _ in range(4)))
    assert len(set(got)) == 1
    assert len(zalo.journal.of(TOKEN_PATH)) == 1 and zalo.oauth.refused == 0
    for one in others:
        await one.close()


async def test_while_another_renews_the_old_token_serves_until_its_end(
    zalo: ZaloSimulator, modes: Modes, house: House, database: str
) -> None:
    other = make_house(zalo, database)
    zalo.clock.advance(hours=21)
    zalo.faults.slow_s = 1.5
    zalo.faults.plan(TOKEN_PATH, Fault.SLOW)
    old = await house.tokens.kept()
    renewing = asyncio.create_task(house.tokens.access())
    while not zalo.journal.of(TOKEN_PATH):
        await asyncio.sleep(0.01)
    assert old and await other.tokens.access() == old.access
    assert await renewing != old.access
    await other.close()


async def test_a_refused_token_is_renewed_once_however_many_complain(zalo: ZaloSimulator, house: House) -> None:
    refused = await house.tokens.access()
    zalo.oauth.expire_access_tokens()
    got = await asyncio.gather(*(house.tokens.renewed(refused) for _ in range(20)))
    assert len(set(got)) == 1 and got[0] != refused
    # Whoever complains late about the old one gets the new one.
    assert await house.tokens.renewed(refused) == got[0]
    assert zalo.oauth.granted == 2


async def test_a_renewal_goes_on_when_whoever_asked_is_gone(zalo: ZaloSimulator, house: House) -> None:
    zalo.clock.advance(hours=26)
    zalo.faults.plan(TOKEN_PATH, Fault.SLOW)
    asking = asyncio.create_task(house.tokens.access())
    while not zalo.journal.of(TOKEN_PATH):
        await asyncio.sleep(0.01)
    asking.cancel()
    await house.tokens.finish()
    kept = await house.tokens.kept()
    assert kept and kept.version == 2 and zalo.oauth.is_valid(kept.access)


@pytest.mark.parametrize(
    "fault", [Fault.DROPPED_BEFORE, Fault.RESET, Fault.ERROR_500, Fault.BAD_GATEWAY, Fault.NOT_JSON]
)
async def test_an_answer_that_never_was_is_asked_for_once_more(zalo: ZaloSimulator, house: House, fault: Fault) -> None:
    zalo.clock.advance(hours=26)
    zalo.faults.plan(TOKEN_PATH, fault)
    assert zalo.oauth.is_valid(await house.tokens.access())
    assert len(zalo.journal.of(TOKEN_PATH)) == 2


@pytest.mark.parametrize("fault", [Fault.DONE_THEN_DROPPED, Fault.TRUNCATED])
async def test_a_pair_lost_on_the_way_is_told_as_a_lost_consent_and_not_tried_for_ever(
    zalo: ZaloSimulator, modes: Modes, house: House, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    zalo.clock.advance(hours=26)
    zalo.faults.plan(TOKEN_PATH, fault)
    for _ in range(5):
        with pytest.raises(ConsentLost):
            await house.tokens.access()
    assert len(zalo.journal.of(TOKEN_PATH)) == 2
    assert await alerts(house) == [zalo.account.id]
    told = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(told) == 1 and "consent again" in told[0].getMessage()
    kept = await house.tokens.kept()
    assert kept and kept.refused_code == modes.dead_refresh


async def test_a_refusal_is_believed_after_one_more_try(zalo: ZaloSimulator, house: House) -> None:
    zalo.oauth.kill_refresh_tokens()
    zalo.clock.advance(hours=26)
    with pytest.raises(ConsentLost):
        await house.tokens.access()
    assert zalo.oauth.refused == 2
    assert await house.tokens.keep_fresh() is False
    assert zalo.oauth.refused == 2


async def test_a_lost_consent_does_not_stop_a_token_that_still_lasts(zalo: ZaloSimulator, house: House) -> None:
    old = await house.tokens.access()
    zalo.oauth.kill_refresh_tokens()
    zalo.clock.advance(hours=21)
    assert [await house.tokens.access() for _ in range(3)] == [old] * 3
    assert zalo.oauth.refused == 2
    assert await alerts(house) == [zalo.account.id]


async def test_a_new_consent_ends_the_alert(zalo: ZaloSimulator, house: House) -> None:
    zalo.oauth.kill_refresh_tokens()
    zalo.clock.advance(hours=26)
    with pytest.raises(ConsentLost):
        await house.tokens.access()
    access, refresh = zalo.oauth.pair()
    await house.tokens.store(Pair(access, refresh, 90_000))
    assert await house.tokens.access() == access
    assert await alerts(house) == []
    zalo.clock.advance(hours=26)
    assert zalo.oauth.is_valid(await house.tokens.access())


async def test_a_host_that_is_down_costs_nothing_but_time(zalo: ZaloSimulator, house: House) -> None:
    zalo.clock.advance(hours=26)
    zalo.server.stop()
    with pytest.raises(NotSent):
        await house.tokens.access()
    zalo.server.start()
    assert zalo.oauth.is_valid(await house.tokens.access())
    assert await alerts(house) == []


async def test_two_unknown_outcomes_leave_the_consent_to_be_tried_later(zalo: ZaloSimulator, house: House) -> None:
    zalo.clock.advance(hours=26)
    zalo.faults.plan(TOKEN_PATH, Fault.BAD_GATEWAY, Fault.BAD_GATEWAY)
    with pytest.raises(OutcomeUnknown):
        await house.tokens.access()
    assert await alerts(house) == []
    assert zalo.oauth.is_valid(await house.tokens.access())


async def test_a_lease_left_by_a_killed_process_runs_out(zalo: ZaloSimulator, house: House) -> None:
    zalo.clock.advance(hours=21)
    kept = await house.tokens.kept()
    assert kept
    assert await house.storage.run(lambda c: house.tokens._take_lease(c, kept, "of-the-dead"))
    assert await house.tokens.access() == kept.access
    assert not zalo.journal.of(TOKEN_PATH)
    zalo.clock.advance(seconds=61)
    assert await house.tokens.access() != kept.access


async def test_a_database_that_fails_while_saving_is_tried_again(
    zalo: ZaloSimulator, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    zalo.clock.advance(hours=26)
    pauses: list[float] = []
    run = house.storage.run

    async def fail(work: object) -> object:
        if len(pauses) < 3 and zalo.journal.of(TOKEN_PATH):
            raise StorageUnavailable("OperationalError")
        return await run(work)  # type: ignore[arg-type]

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(house.storage, "run", fail)
    monkeypatch.setattr(house.tokens, "_sleep", pause)
    assert zalo.oauth.is_valid(await house.tokens.access())
    assert len(pauses) == 3 and len(zalo.journal.of(TOKEN_PATH)) == 1


RACER = """
import asyncio, sys
from channels.storage import Storage
from channels.zalo_oa.oauth import App, OAuth
from channels.zalo_oa.sealing import TokenSeal
from channels.zalo_oa.tokens import Tokens
from motcua.database import open_database

async def main():
    database, oauth_url, app_id, secret, account, refused = sys.argv[1:]
    storage = Storage(open_database(database))
    oauth = OAuth(oauth_url, App(app_id, secret))
    tokens = Tokens(storage, oauth, TokenSeal(b"a secret of the tests"), account)
    print("ready", flush=True)
    sys.stdin.readline()
    got = await asyncio.gather(*(tokens.renewed(refused) for _ in range(10)))
    print(*sorted(set(got)), flush=True)
    await oauth.close()
    storage.close()

asyncio.run(main())
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def any_database(request: pytest.FixtureRequest, database: str) -> AsyncIterator[str]:
    if request.param == "sqlite":
        yield database
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.new_database()
    upgrade(url)
    yield url


async def test_three_processes_of_ten_callers_renew_exactly_once(any_database: str, tmp_path: Path) -> None:
    with ZaloSimulator() as zalo:
        first = make_house(zalo, any_database)
        access, refresh = zalo.oauth.pair()
        await first.tokens.store(Pair(access, refresh, 90_000))
        script = tmp_path / "racer.py"
        script.write_text(textwrap.dedent(RACER))
        asked = [any_database, zalo.oauth_url, zalo.oauth.app.id, zalo.oauth.app.secret, zalo.account.id, access]
        racers = [
            subprocess.Popen(
                [sys.executable, str(script), *asked], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for _ in range(3)
        ]
        for racer in racers:
            assert racer.stdout and racer.stdout.readline() == "ready\n"
        zalo.faults.plan(TOKEN_PATH, Fault.SLOW)
        for racer in racers:
            assert racer.stdin
            racer.stdin.write("go\n")
            racer.stdin.flush()
        said = [racer.communicate(timeout=120)[0].strip() for racer in racers]
        assert len(set(said)) == 1 and zalo.oauth.is_valid(said[0])
        assert len(zalo.journal.of(TOKEN_PATH)) == 1 and zalo.oauth.refused == 0
        await first.close()


async def test_the_token_row_is_one_per_account(house: House) -> None:
    count = await house.storage.run(lambda c: c.execute(text("SELECT count(*) FROM zalo_token")).scalar())
    assert count == 1
