from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from channels.zalo.errors import ConsentRefused, NotConfigured
from channels.zalo_oa.oauth import App, challenge_of
from tests.channels.zalo_oa.conftest import CALLBACK, House, make_house
from tests.simulators.zalo import Fault, ZaloSimulator

pytestmark = pytest.mark.anyio
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def agree(address: str) -> dict[str, str]:
    """An administrator opens the page and agrees: what comes back in the callback's address."""
    answer = httpx.get(address, trust_env=False)
    assert answer.status_code == 302, answer.text
    back = answer.headers["location"]
    assert back.startswith(CALLBACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


@pytest.fixture
async def new(zalo: ZaloSimulator, database: str) -> AsyncIterator[House]:
    made = make_house(zalo, database)
    yield made
    await made.close()


async def test_consent_gives_tokens_that_zalo_takes(zalo: ZaloSimulator, new: House) -> None:
    back = agree(await new.consents.begin("an.nguyen"))
    await new.consents.finish(back["code"], back["state"], back["oa_id"])
    assert zalo.oauth.is_valid(await new.tokens.access())


async def test_the_challenge_travels_and_the_verifier_is_checked(zalo: ZaloSimulator, database: str) -> None:
    zalo.oauth.app.challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    right, without = make_house(zalo, database, verifier=VERIFIER), make_house(zalo, database)
    address = await right.consents.begin("an")
    assert parse_qs(urlsplit(address).query)["code_challenge"] == [zalo.oauth.app.challenge]
    back = agree(address)
    await right.consents.finish(back["code"], back["state"], back["oa_id"])
    back = agree(await without.consents.begin("an"))
    with pytest.raises(ConsentRefused, match="no tokens"):
        await without.consents.finish(back["code"], back["state"], back["oa_id"])
    await right.close()
    await without.close()


def test_the_challenge_is_that_of_the_standard() -> None:
    assert challenge_of(VERIFIER) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


async def test_a_nonce_serves_once(zalo: ZaloSimulator, new: House) -> None:
    back = agree(await new.consents.begin("an"))
    await new.consents.finish(back["code"], back["state"], back["oa_id"])
    with pytest.raises(ConsentRefused, match="not begun here"):
        await new.consents.finish(back["code"], back["state"], back["oa_id"])
    assert len(zalo.journal.of("/oa/access_token")) == 1


@pytest.mark.parametrize("state", ["", "made-up", "\ud800"])
async def test_a_consent_that_was_not_begun_here_is_not_taken(zalo: ZaloSimulator, new: House, state: str) -> None:
    back = agree(await new.consents.begin("an"))
    with pytest.raises(ConsentRefused):
        await new.consents.finish(back["code"], state, back["oa_id"])
    assert not zalo.journal.of("/oa/access_token")


async def test_a_consent_is_too_old_after_half_an_hour(zalo: ZaloSimulator, new: House) -> None:
    back = agree(await new.consents.begin("an"))
    zalo.clock.advance(minutes=31)
    with pytest.raises(ConsentRefused, match="too old"):
        await new.consents.finish(back["code"], back["state"], back["oa_id"])


async def test_a_code_is_dead_after_ten_minutes(zalo: ZaloSimulator, new: House) -> None:
    back = agree(await new.consents.begin("an"))
    zalo.clock.advance(minutes=11)
    with pytest.raises(ConsentRefused, match="no tokens"):
        await new.consents.finish(back["code"], back["state"], back["oa_id"])
    assert await new.tokens.kept() is None


async def test_another_account_is_refused(zalo: ZaloSimulator, new: House) -> None:
    back = agree(await new.consents.begin("an"))
    with pytest.raises(ConsentRefused, match="another Official Account"):
        await new.consents.finish(back["code"], back["state"], "3886000000000000009")


async def test_an_answer_lost_on_the_way_says_to_begin_again_and_shows_nothing(
    zalo: ZaloSimulator, new: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    back = agree(await new.consents.begin("an"))
    zalo.faults.plan("/oa/access_token", Fault.DONE_THEN_DROPPED)
    with pytest.raises(ConsentRefused, match="begin again") as told:
        await new.consents.finish(back["code"], back["state"], back["oa_id"])
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("channels"))
    assert back["code"] not in str(told.value) + ours and zalo.oauth.app.secret not in str(told.value) + ours


async def test_a_callback_that_is_not_saved_at_zalo_is_told_by_zalo(zalo: ZaloSimulator, new: House) -> None:
    zalo.oauth.app.callbacks.clear()
    answer = httpx.get(await new.consents.begin("an"), trust_env=False).json()
    assert answer["error"] == -14003 and answer["error_reason"] == ""


@pytest.mark.parametrize(
    ("app_id", "secret", "verifier", "named"),
    [("", "s", "", "APP_ID"), ("1", "", "", "APP_SECRET"), ("1", "s", "short", "PKCE_VERIFIER")],
)
def test_an_application_that_is_not_set_up_names_the_setting(
    app_id: str, secret: str, verifier: str, named: str
) -> None:
    with pytest.raises(NotConfigured, match=f"MOTCUA_ZALO_OA_{named}"):
        App(app_id, secret, verifier)
