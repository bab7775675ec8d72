from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from channels.storage import Storage
from channels.zalo.errors import ConsentLost, NotConfigured
from channels.zalo_bot.opening import open_bot
from channels.zalo_oa.oauth import Pair
from channels.zalo_oa.opening import open_account
from motcua.database import open_database
from motcua.settings import Settings
from tests.channels.zalo_oa.conftest import CALLBACK
from tests.simulators.zalo import ZaloSimulator

pytestmark = pytest.mark.anyio


def configured(zalo: ZaloSimulator, database: str, **changes: Any) -> Settings:
    return Settings(
        **{
            "database_url": database,
            "zalo_oa_id": zalo.account.id,
            "zalo_oa_app_id": zalo.oauth.app.id,
            "zalo_oa_app_secret": SecretStr(zalo.oauth.app.secret),
            "zalo_oa_secret_key": SecretStr(zalo.oauth.app.webhook_key),
            "zalo_oa_token_secret": SecretStr("a secret of the tests"),
            "zalo_oa_oauth_url": zalo.oauth_url,
            "zalo_oa_api_url": zalo.api_url,
            "zalo_oa_templates_url": zalo.templates_url,
            "zalo_bot_url": zalo.bot_url,
            "zalo_bot_token": SecretStr(zalo.bots.bot().token),
        }
        | changes
    )


async def test_the_settings_open_an_account_that_works(zalo: ZaloSimulator, database: str) -> None:
    config = configured(zalo, database, zalo_oa_send_proof=True)
    storage = Storage(open_database(database))
    account = open_account(config, storage, CALLBACK)
    assert account and account.id == zalo.account.id and account.app_id == zalo.oauth.app.id
    with pytest.raises(ConsentLost):
        await account.client.account()
    await account.tokens.store(Pair(*zalo.oauth.pair(), 90_000))
    assert (await account.client.account()).verified
    assert len(zalo.journal.of("/getoa")[-1].headers["appsecret_proof"]) == 64
    assert zalo.oauth.app.secret not in repr(account) + repr(config)
    await account.close()
    storage.close()


async def test_the_settings_open_a_bot_that_works(zalo: ZaloSimulator, database: str) -> None:
    bot = open_bot(configured(zalo, database))
    assert bot and (await bot.me()).name
    await bot.close()


async def test_what_is_not_set_is_not_there_and_what_is_half_set_is_told(zalo: ZaloSimulator, database: str) -> None:
    storage = Storage(open_database(database))
    assert open_account(Settings(), storage, CALLBACK) is None and open_bot(Settings()) is None
    for name in ("app_id", "app_secret", "secret_key"):
        empty: Any = "" if name == "app_id" else SecretStr("")
        with pytest.raises(NotConfigured, match=f"MOTCUA_ZALO_OA_{name.upper()}"):
            open_account(configured(zalo, database, **{f"zalo_oa_{name}": empty}), storage, CALLBACK)
    with pytest.raises(NotConfigured, match="address of Zalo"):
        open_account(configured(zalo, database, zalo_oa_api_url="zalo"), storage, CALLBACK)
    storage.close()
