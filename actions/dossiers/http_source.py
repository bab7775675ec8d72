"""The province's dossier system, live: JSON over HTTPS with a token from client id and secret.

Everything that can come back is either a record that is whole, the system's word that there is none, or an error of
`errors` that names what was wrong. An answer is believed only when it is JSON, not cut off, and about the code that
was asked for.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from actions.dossiers.breaker import Breaker
from actions.dossiers.codes import DossierCode, Tail
from actions.dossiers.errors import (
    BadRow,
    CannotSearch,
    CredentialsRefused,
    NotJson,
    Redirected,
    Refused,
    SourceDown,
    SourceSlow,
    StateUnknown,
    WrongRecord,
)
from actions.dossiers.keys import KeyBook, SecondKey
from actions.dossiers.model import Dossier, DossierState
from actions.dossiers.reading import RecordReader
from actions.dossiers.source import MOST_CANDIDATES, Changes
from actions.dossiers.system_map import Call, SystemMap, value_at
from actions.dossiers.tokens import Token, TokenKeeper
from knowledge.errors import BadRecord
from knowledge.importers.json_text import parse_json

log = logging.getLogger(__name__)

_LIMITS = httpx.Limits(max_connections=32, max_keepalive_connections=8, keepalive_expiry=4.0)
_LARGEST = 8_000_000
_PASSING = frozenset({502, 503, 504})
_TRIES = 3
_LEAST_WAIT_S, _MOST_WAIT_S = 0.05, 0.3
# Clocks differ, and a change may be noted a little after it happened.
_OVERLAP = timedelta(minutes=5)


@dataclass(frozen=True)
class Client:
    """Who asks, where, and with how much patience (seconds).

    Attributes:
        url: root of the system.
        id, secret: the client's credentials.
        connect_s: for a connection.
        read_s: for each wait for bytes.
        patience_s: for a whole look-up, with token and repeated tries.
    """

    url: str
    id: str
    secret: str
    connect_s: float = 2.0
    read_s: float = 4.0
    patience_s: float = 6.0

    def __repr__(self) -> str:
        return "Client(…)"


@dataclass(frozen=True)
class _Answer:
    status: int
    kind: str
    body: bytes


class HttpDossiers:
    """Implements `DossierSource` over a province's system. Safe to use from several threads."""

    def __init__(
        self,
        client: Client,
        how: SystemMap,
        keys: KeyBook,
        *,
        transport: httpx.BaseTransport | None = None,
        breaker: Breaker | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepares the connection pool; nothing is connected yet.

        Args:
            client: who asks, and where.
            how: the system's addresses and names.
            keys: what second keys are hashed with.
            transport: replaces the network, for tests.
            breaker: leaves a failing system alone; the usual one by default.
            clock, sleep: time, for tests.

        Raises:
            BadMap: the map's states are none.
        """
        self._client, self._map, self._keys = client, how, keys
        self._reader = RecordReader(keys, states=how.states, dates=how.dates)
        self._clock, self._sleep = clock, sleep
        self._breaker = breaker or Breaker(clock=clock)
        self._tokens = TokenKeeper(self._fetch_token, clock=clock)
        self._http = httpx.Client(
            base_url=client.url,
            headers={"Accept": "application/json"},
            limits=_LIMITS,
            transport=transport,
            follow_redirects=False,
            trust_env=False,
        )

    def find(self, code: DossierCode) -> Dossier | None:
        """Asks for one code; see `DossierSource.find`.

        Raises:
            SourceDown, SourceSlow, CredentialsRefused: not reached, not in time, or not let in.
            NotJson, Redirected, Refused, WrongRecord: an answer that must not be believed.
            StateUnknown: a whole record in a state that is none of the ten; it carries the dossier.
        """
        how = self._map.find
        status, content = self._ask(
            how, {"code": code.value, "number": code.number, "day": code.given_on}, how.absent.status
        )
        if how.absent.is_said_by(status, content):
            return None
        if status != httpx.codes.OK:
            raise Refused(f"answered with status {status}")
        dossier = self._dossier(value_at(content, how.record))
        if dossier.code != code:
            raise WrongRecord("answered with another dossier than was asked for")
        if dossier.state is DossierState.UNKNOWN:
            raise StateUnknown(dossier)
        return dossier

    def find_by_tail(self, tail: Tail, key: SecondKey) -> tuple[Dossier, ...]:
        """Asks for the codes that end so and keeps those that open to the key; see `DossierSource.find_by_tail`.

        The key is compared here and not sent: it appears in no address.

        Raises:
            CannotSearch: the map names no search.
            SourceError: as for `find`.
        """
        how = self._map.search
        if not how.path:
            raise CannotSearch("the system has no search by the end of a code")
        status, content = self._ask(how, {"number": tail.number, "day": tail.given_on})
        if status != httpx.codes.OK:
            raise Refused(f"answered with status {status}")
        records = value_at(content, how.records)
        if not isinstance(records, list):
            raise WrongRecord("answered without a list of dossiers")
        found = [dossier for dossier in map(self._dossier, records) if tail.fits(dossier.code)]
        opened = [dossier for dossier in found if dossier.opens_to(key, self._keys)]
        opened.sort(key=lambda dossier: (dossier.code.given_on, dossier.code.value), reverse=True)
        return tuple(opened[:MOST_CANDIDATES])

    def changed_since(self, cursor: str, limit: int = 500) -> Changes:
        """Asks what changed; see `DossierSource.changed_since`. The cursor is a time and how many were read since.

        A change near the edge of two calls may be given twice: whoever acts on changes compares with what it knows.

        Raises:
            CannotSearch: the map names no list of changes.
            SourceError: as for `find`.
        """
        how = self._map.changes
        if not how.path:
            raise CannotSearch("the system has no list of changes")
        now = datetime.now(UTC)
        if not cursor:
            return Changes((), _cursor(now, 0, now))
        since, offset, begun = _read_cursor(cursor)
        # While pages are being read, the next reading begins where the first page of this one was asked for.
        begun = now if offset == 0 else begun
        places = {"since": (since - _OVERLAP).isoformat(), "offset": str(offset), "limit": str(limit)}
        status, content = self._ask(how, places)
        if status != httpx.codes.OK:
            raise Refused(f"answered with status {status}")
        records = value_at(content, how.records)
        if not isinstance(records, list):
            raise WrongRecord("answered without a list of dossiers")
        dossiers = tuple(map(self._dossier, records))
        if len(records) >= limit:
            return Changes(dossiers, _cursor(since, offset + len(records), begun), more=True)
        return Changes(dossiers, _cursor(begun, 0, begun))

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def _dossier(self, record: object) -> Dossier:
        if not isinstance(record, Mapping):
            raise WrongRecord("answered without a record")
        try:
            return self._reader.read(self._map.record(record), as_of=datetime.now(UTC))
        except BadRow as bad:
            raise WrongRecord(f"answered with a record that cannot be read ({bad.reason})") from None

    # --- asking

    def _ask(self, how: Call, places: Mapping[str, str], also: int = 200) -> tuple[int, Any]:
        """Gives status and parsed JSON of a GET with a token; only 200 and `also` are looked into."""
        deadline = self._clock() + self._client.patience_s
        with self._breaker.call():
            token = self._token(deadline)
            answer = self._get(how, places, token, deadline)
            if answer.status == httpx.codes.UNAUTHORIZED:
                # Withdrawn before its time: once with a new one, and then it is believed.
                self._tokens.drop(token)
                answer = self._get(how, places, self._token(deadline), deadline)
                if answer.status == httpx.codes.UNAUTHORIZED:
                    raise CredentialsRefused("does not take a token that it has just given")
        if answer.status not in (httpx.codes.OK, also):
            raise Refused(f"answered with status {answer.status}")
        return answer.status, _parsed(answer)

    def _token(self, deadline: float) -> str:
        try:
            return self._tokens.get(deadline)
        except TimeoutError:
            raise SourceSlow("gave no token in time") from None

    def _get(self, how: Call, places: Mapping[str, str], token: str, deadline: float) -> _Answer:
        request = self._http.build_request(
            "GET",
            how.address(**places),
            params=how.query(**places) or None,
            headers={"Authorization": f"Bearer {token}"},
        )
        return self._send_again(request, deadline, statuses=_PASSING)

    def _fetch_token(self, deadline: float) -> Token:
        how = self._map.token
        form = {"grant_type": "client_credentials"} | ({"scope": how.scope} if how.scope else {})
        auth: httpx.Auth | None = None
        if how.sent == "basic":
            auth = httpx.BasicAuth(self._client.id, self._client.secret)
        else:
            form |= {"client_id": self._client.id, "client_secret": self._client.secret}
        request = self._http.build_request("POST", how.path, data=form)
        if auth:
            request = next(auth.sync_auth_flow(request))
        # Asking for a token may not be safe to repeat once it has arrived, so only unmade connections are.
        answer = self._send_again(request, deadline, statuses=frozenset())
        if answer.status in (400, 401, 403):
            raise CredentialsRefused(f"gives no token (status {answer.status}): check client id and secret")
        if answer.status != httpx.codes.OK:
            raise Refused(f"answered the request for a token with status {answer.status}")
        content = _parsed(answer)
        value = content.get("access_token") if isinstance(content, dict) else None
        if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
            raise WrongRecord("answered the request for a token without one")
        return Token(value, _seconds(content.get("expires_in")))

    def _send_again(self, request: httpx.Request, deadline: float, *, statuses: frozenset[int]) -> _Answer:
        """Sends, and again where nothing was sent or (for `statuses`) somebody in between was down."""
        for left in reversed(range(_TRIES)):
            try:
                answer = self._send(request, deadline)
            except (httpx.ConnectError, httpx.ConnectTimeout) as cause:
                if not left or not self._wait(deadline):
                    raise SourceDown(f"cannot be reached ({type(cause).__name__})") from None
                continue
            if answer.status in statuses and left and self._wait(deadline):
                continue
            if answer.status >= 500:
                raise SourceDown(f"answered with status {answer.status}")
            if 300 <= answer.status < 400:
                raise Redirected(f"sends elsewhere (status {answer.status})")
            return answer
        raise SourceDown("cannot be reached")

    def _wait(self, deadline: float) -> bool:
        # Spread, so that many clients do not come back in the same moment.
        pause = random.uniform(_LEAST_WAIT_S, _MOST_WAIT_S)
        if self._clock() + pause >= deadline:
            return False
        self._sleep(pause)
        return True

    def _send(self, request: httpx.Request, deadline: float) -> _Answer:
        """Sends once and reads the whole answer.

        Raises:
            httpx.ConnectError, httpx.ConnectTimeout: nothing was sent.
            SourceSlow, SourceDown, NotJson: too slow, broken off, too large.
        """
        left = deadline - self._clock()
        if left <= 0:
            raise SourceSlow("did not answer in time")
        read = min(self._client.read_s, left)
        times = httpx.Timeout(read, connect=min(self._client.connect_s, left))
        request.extensions = {**request.extensions, "timeout": times.as_dict()}
        try:
            response = self._http.send(request, stream=True)
            try:
                body = bytearray()
                for some in response.iter_bytes():
                    body += some
                    if len(body) > _LARGEST:
                        raise NotJson("answered with more than can be a record")
                    # Each wait is short enough, but they may be many.
                    if self._clock() > deadline:
                        raise SourceSlow("did not answer in time")
            finally:
                response.close()
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise
        except httpx.TimeoutException:
            raise SourceSlow("did not answer in time") from None
        except httpx.DecodingError:
            raise NotJson("answered with content that cannot be unpacked") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as cause:
            raise SourceDown(f"broke off ({type(cause).__name__})") from None
        return _Answer(response.status_code, response.headers.get("content-type", ""), bytes(body))


def _parsed(answer: _Answer) -> Any:
    kind = answer.kind.partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise NotJson(f"answered with {kind[:40] if kind.isascii() and kind else 'no content type'}, not JSON")
    try:
        return parse_json(answer.body)
    except BadRecord:
        # Only that: the parser's reason may quote the answer.
        raise NotJson("answered with JSON that is broken or breaks off") from None


def _seconds(value: object) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**7:
        return None
    return float(value)


def _cursor(since: datetime, offset: int, begun: datetime) -> str:
    return f"{since.isoformat()} {offset} {begun.isoformat()}"


def _read_cursor(cursor: str) -> tuple[datetime, int, datetime]:
    try:
        since, offset, begun = cursor.split(" ")
        return datetime.fromisoformat(since), int(offset), datetime.fromisoformat(begun)
    except ValueError:
        raise SourceDown("the cursor is none of this source's") from None
