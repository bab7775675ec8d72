"""OAuth v4: the consent page's address, and pairs of tokens for a code or for a refresh token.

A refresh token serves once: each success gives a new pair and ends the old refresh token at once. An error comes as
JSON, often with status 200 and sometimes without a number, so only one thing counts as success: both tokens are there.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx

from channels.zalo.calling import Caller
from channels.zalo.errors import ConsentRefused, NotConfigured, OutcomeUnknown, Passing
from channels.zalo.json_text import a_number

READ_S = 12.0
_USUAL_LIFE_S = 90_000.0
_SHORTEST_LIFE_S, _LONGEST_LIFE_S = 60.0, 10_000_000.0
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43}")


@dataclass(frozen=True, slots=True)
class App:
    """The application at Zalo.

    Attributes:
        id: of the application.
        secret: the App Secret, which is not the key of the webhook.
        verifier: the fixed PKCE verifier whose challenge stands in Zalo's console, or empty for none.

    Raises:
        NotConfigured: something is missing, or the verifier is none.
    """

    id: str
    secret: str = field(repr=False)
    verifier: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for value, setting in ((self.id, "APP_ID"), (self.secret, "APP_SECRET")):
            if not value:
                raise NotConfigured(f"MOTCUA_ZALO_OA_{setting} must be set")
        if self.verifier and not _VERIFIER.fullmatch(self.verifier):
            raise NotConfigured("MOTCUA_ZALO_OA_PKCE_VERIFIER must be 43 letters, digits and signs of ._~-")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tokens, and the seconds that the access token lasts."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    lasts_s: float


def challenge_of(verifier: str) -> str:
    """Gives the PKCE challenge (S256, base64url without padding)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode()


class OAuth:
    """Asks Zalo for tokens; keeps nothing."""

    def __init__(self, url: str, app: App, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Prepares the connections.

        Args:
            url: root of OAuth v4, such as `https://oauth.zaloapp.com/v4`.
            app: the application.
            transport: replaces the network, for tests.

        Raises:
            NotConfigured: the address is none.
        """
        self._url, self._app = url.rstrip("/"), app
        self._caller = Caller(url, transport=transport)

    def consent_address(self, redirect_uri: str, state: str) -> str:
        """Gives the address at which an administrator of the account consents."""
        query = {"app_id": self._app.id, "redirect_uri": redirect_uri, "state": state}
        if self._app.verifier:
            query["code_challenge"] = challenge_of(self._app.verifier)
        return f"{self._url}/oa/permission?{urlencode(query)}"

    async def exchange(self, code: str) -> Pair:
        """Gives the pair for a code, which serves once and for ten minutes.

        Raises:
            ConsentRefused: Zalo does not take the code.
            NotSent, Passing, OutcomeUnknown: nobody knows; the consent must be given again.
        """
        form = {"app_id": self._app.id, "grant_type": "authorization_code", "code": code}
        if self._app.verifier:
            form["code_verifier"] = self._app.verifier
        return await self._ask("oauth code", form)

    async def refresh(self, refresh_token: str) -> Pair:
        """Gives the next pair; the refresh token is dead after that.

        Raises:
            ConsentRefused: Zalo does not renew.
            NotSent, Passing: it was not tried; the refresh token is as good as before.
            OutcomeUnknown: the refresh token may be dead, and the new pair lost.
        """
        return await self._ask(
            "oauth refresh",
            {"app_id": self._app.id, "grant_type": "refresh_token", "refresh_token": refresh_token},
        )

    async def _ask(self, name: str, form: dict[str, str]) -> Pair:
        answer = await self._caller.call(
            name, "POST", "/oa/access_token", read_s=READ_S, headers={"secret_key": self._app.secret}, data=form
        )
        content = answer.content
        if answer.status == httpx.codes.TOO_MANY_REQUESTS:
            raise Passing(name, "over the rate", status=answer.status)
        if content is None or answer.status >= 500:
            raise OutcomeUnknown(name, "no answer that can be read", status=answer.status)
        access, refresh = content.get("access_token"), content.get("refresh_token")
        if not _is_token(access) or not _is_token(refresh):
            code = a_number(content.get("error"))
            raise ConsentRefused("Zalo gives no tokens", code=None if code is None else int(code))
        lasts = a_number(content.get("expires_in"))
        if lasts is None or not _SHORTEST_LIFE_S <= lasts <= _LONGEST_LIFE_S:
            lasts = _USUAL_LIFE_S
        return Pair(str(access), str(refresh), lasts)

    async def close(self) -> None:
        """Closes the connections."""
        await self._caller.close()


def _is_token(value: object) -> bool:
    # It goes into a header as it is.
    return isinstance(value, str) and bool(value.strip()) and value.isascii() and value.isprintable()
