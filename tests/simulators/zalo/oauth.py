"""OAuth v4: consent, codes, single-use refresh tokens."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.simulators.zalo.clock import SimClock
from tests.simulators.zalo.modes import Modes

ACCESS_S = 90_000
REFRESH_S = 90 * 24 * 3600
CODE_S = 600


@dataclass
class App:
    """The application as its owner has set it up.

    Attributes:
        challenge: the PKCE challenge saved in the console, or empty.
        callbacks: saved callback addresses.
    """

    id: str = "1234567890"
    secret: str = "app-secret-of-the-simulator"
    webhook_key: str = "oa-secret-key-of-the-simulator"
    challenge: str = ""
    callbacks: set[str] = field(default_factory=lambda: {"https://motcua.example.vn/zalo/callback"})
    active: bool = True


@dataclass
class _Refresh:
    expires: float
    access: str
    used: bool = False


class OAuthSide:
    """Gives and takes back tokens of one account.

    Attributes:
        granted: pairs that were given.
        refused: requests for tokens that were refused.
    """

    def __init__(self, clock: SimClock, modes: Modes, app: App, account: str) -> None:
        self.clock, self.modes, self.app, self.account = clock, modes, app, account
        self.granted = self.refused = 0
        self.revoked = False
        self._lock = threading.Lock()
        self._codes: dict[str, float] = {}
        self._access: dict[str, float] = {}
        self._refresh: dict[str, _Refresh] = {}

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/oa/permission", self._permission),
            Route("/oa/access_token", self._token, methods=["POST"]),
        ]

    @property
    def secrets(self) -> set[str]:
        """Every token there ever was: none of them may stand in a log."""
        return {*self._access, *self._refresh, self.app.secret, self.app.webhook_key}

    def pair(self) -> tuple[str, str]:
        """A pair by hand, as from Zalo's API Explorer."""
        with self._lock:
            return self._new_pair()

    def revoke(self) -> None:
        """An administrator of the account takes the consent back."""
        with self._lock:
            self.revoked = True
            self._access.clear()
            for one in self._refresh.values():
                one.used = True

    def kill_refresh_tokens(self) -> None:
        """Ends every refresh token and leaves the access tokens."""
        with self._lock:
            for one in self._refresh.values():
                one.used = True

    def expire_access_tokens(self) -> None:
        with self._lock:
            self._access = dict.fromkeys(self._access, 0.0)

    def is_valid(self, token: str) -> bool:
        with self._lock:
            return self._access.get(token, 0.0) > self.clock.now()

    def _new_pair(self) -> tuple[str, str]:
        access, refresh = f"at-{secrets.token_urlsafe(24)}", f"rt-{secrets.token_urlsafe(24)}"
        self._access[access] = self.clock.now() + ACCESS_S
        self._refresh[refresh] = _Refresh(self.clock.now() + REFRESH_S, access)
        self.granted += 1
        self.revoked = False
        return access, refresh

    async def _permission(self, request: Request) -> Response:
        asked = request.query_params
        unknown = asked.keys() - {"app_id", "redirect_uri", "code_challenge", "state"}
        if asked.get("app_id") != self.app.id or not self.app.active:
            return _error(-14002, "Invalid appId", "App is not active but user is not admin")
        if asked.get("redirect_uri") not in self.app.callbacks or unknown:
            return _error(-14003, "Invalid redirect uri", "")
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[code] = self.clock.now() + CODE_S
        back = {"code": code, "oa_id": self.account} | ({"state": asked["state"]} if "state" in asked else {})
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 302)

    async def _token(self, request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0]
        if request.headers.get("secret_key") != self.app.secret:
            return self._refuse(-14004, "Invalid secret key")
        if kind != "application/x-www-form-urlencoded":
            return self._refuse(-14005, "Invalid request")
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if form.get("app_id") != self.app.id:
            return self._refuse(-14002, "Invalid appId")
        with self._lock:
            match form.get("grant_type"):
                case "authorization_code":
                    return self._by_code(form)
                case "refresh_token":
                    return self._by_refresh(form)
        return self._refuse(-14006, "Invalid grant type")

    def _by_code(self, form: dict[str, str]) -> Response:
        if self._codes.pop(form.get("code", ""), 0.0) <= self.clock.now():
            return self._refuse(-14007, "Invalid code")
        if self.app.challenge:
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != self.app.challenge:
                return self._refuse(-14008, "Invalid code verifier")
        return self._give()

    def _by_refresh(self, form: dict[str, str]) -> Response:
        one = self._refresh.get(form.get("refresh_token", ""))
        if one is None or one.used or one.expires <= self.clock.now():
            return self._refuse(self.modes.dead_refresh, "Invalid grant")
        one.used = True
        if self.modes.old_access_dies:
            self._access[one.access] = 0.0
        return self._give()

    def _give(self) -> Response:
        access, refresh = self._new_pair()
        return JSONResponse({"access_token": access, "refresh_token": refresh, "expires_in": str(ACCESS_S)})

    def _refuse(self, code: int | None, reason: str) -> Response:
        self.refused += 1
        return _error(code, "Refused", reason)


def _error(code: int | None, name: str, reason: str) -> Response:
    body: dict[str, object] = {
        "error_name": name,
        "error_reason": reason,
        "ref_doc": "https://developers.zalo.me/docs/official-account",
        "error_description": name,
    }
    return JSONResponse(body | ({"error": code} if code is not None else {}))
