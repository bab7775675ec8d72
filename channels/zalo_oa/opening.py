"""The Official Account that the settings name, with everything to write to it and to read from it."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from channels.storage import Storage
from channels.zalo.errors import NotConfigured
from channels.zalo_oa.client import Hosts, OaClient
from channels.zalo_oa.consent import Consents
from channels.zalo_oa.oauth import App, OAuth
from channels.zalo_oa.sealing import open_token_seal
from channels.zalo_oa.tokens import Tokens
from motcua.settings import Settings


@dataclass(frozen=True, slots=True)
class OfficialAccount:
    """The parts of one account.

    Attributes:
        id: of the account.
        app_id: of the application, for the signature of webhooks.
        tokens: to be kept fresh by a timer.
        client: for every call.
        consents: for the console.
    """

    id: str
    app_id: str
    oauth: OAuth
    tokens: Tokens
    client: OaClient
    consents: Consents

    async def close(self) -> None:
        """Waits for a renewal that is under way and closes the connections; the database stays open."""
        await self.tokens.finish()
        await self.client.close()
        await self.oauth.close()


def open_account(
    config: Settings, storage: Storage, callback: str, *, transport: httpx.AsyncBaseTransport | None = None
) -> OfficialAccount | None:
    """Opens the account of the settings; nothing is asked yet.

    Args:
        config: the settings in force.
        storage: the database.
        callback: address that consents come back to, exactly as saved in Zalo's console.
        transport: replaces the network, for tests.

    Returns:
        None where no account is set.

    Raises:
        NotConfigured: an account is set, and something else that it needs is not.
        CannotSeal: the secret of tokens can be neither read nor kept, or is too short.
    """
    if not config.zalo_oa_id:
        return None
    secret = config.zalo_oa_app_secret.get_secret_value()
    if not config.zalo_oa_secret_key.get_secret_value():
        raise NotConfigured("MOTCUA_ZALO_OA_SECRET_KEY must be set")
    app = App(config.zalo_oa_app_id, secret, config.zalo_oa_pkce_verifier.get_secret_value())
    oauth = OAuth(config.zalo_oa_oauth_url, app, transport=transport)
    tokens = Tokens(storage, oauth, open_token_seal(config), config.zalo_oa_id)
    client = OaClient(
        tokens,
        Hosts(config.zalo_oa_api_url, config.zalo_oa_templates_url),
        proof_secret=secret if config.zalo_oa_send_proof else "",
        transport=transport,
    )
    consents = Consents(storage, oauth, tokens, config.zalo_oa_id, callback)
    return OfficialAccount(config.zalo_oa_id, app.id, oauth, tokens, client, consents)
