"""The account's tokens, in the database: one renewal at a time over all processes, saved before anybody uses it.

A refresh token serves once. So whoever renews first takes a lease on the row (one UPDATE, which the database lets only
one process win), then asks Zalo, then saves the new pair in one transaction; everybody else waits for that pair, or
goes on with the old access token while it lasts. The lease lives longer than both tries at Zalo together. A renewal
is a task of its own: nobody's broken request can cut it off between Zalo's answer and the saving.

Where the answer is lost on the way the same refresh token is tried once more; if Zalo refuses, the consent is lost:
that is written down as an alert and not tried again until somebody has consented anew.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, or_, select, update

from channels.errors import StorageUnavailable
from channels.storage import Storage, in_utc, now
from channels.zalo.errors import CallFailed, ConsentLost, ConsentRefused, NotSent, OutcomeUnknown
from channels.zalo_oa.alerts import consent_is_back, consent_is_lost
from channels.zalo_oa.oauth import OAuth, Pair
from channels.zalo_oa.sealing import TokenSeal
from channels.zalo_oa.tables import ZaloToken

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
_DUE = 0.8  # of its life: 20 of 25 hours
_LOOK_S = 0.1
_WAIT_S = 75.0
_SAVE_TRIES, _SAVE_PAUSE_S = 60, 0.5


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of the tokens, for a page or a check; the tokens themselves are not in its `repr`."""

    version: int
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    made_at: datetime
    expires_at: datetime
    refused_at: datetime | None
    refused_code: int | None

    @property
    def due_at(self) -> datetime:
        """From when on it is renewed."""
        return self.made_at + (self.expires_at - self.made_at) * _DUE


class Tokens:
    """The tokens of one account."""

    def __init__(
        self,
        storage: Storage,
        oauth: OAuth,
        seal: TokenSeal,
        account: str,
        *,
        clock: Callable[[], datetime] = now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Takes its parts; nothing is read yet.

        Args:
            storage: the database.
            oauth: where pairs come from.
            seal: what tokens are sealed with.
            account: id of the Official Account.
            clock, sleep: time, for tests.
        """
        self._storage, self._oauth, self._seal, self._account = storage, oauth, seal, account
        self._clock, self._sleep = clock, sleep
        self._renewing: asyncio.Task[Kept | None] | None = None

    async def access(self) -> str:
        """Gives an access token that still lasts; renews it when its time has come.

        Raises:
            ConsentLost: there is none, and none can be had until somebody consents.
            CallFailed: it has run out and Zalo cannot be asked now.
            StorageUnavailable: the database cannot be read or written.
        """
        kept = await self._some()
        moment = self._clock()
        if moment < kept.due_at:
            return kept.access
        if moment >= kept.expires_at:
            return (await self._renew(kept, patient=True)).access
        try:
            return (await self._renew(kept, patient=False)).access
        except (CallFailed, ConsentLost, StorageUnavailable) as cause:
            # The old one lasts a while yet.
            logger.warning("the tokens of the Zalo account were not renewed yet: %s", cause)
            return kept.access

    async def renewed(self, refused: str) -> str:
        """Gives another access token than the one that Zalo has just refused.

        Raises:
            ConsentLost, CallFailed, StorageUnavailable: as for `access`.
        """
        kept = await self._some()
        if kept.access != refused:
            return kept.access
        return (await self._renew(kept, patient=True)).access

    async def keep_fresh(self) -> bool:
        """Renews the tokens if their time has come: for a timer, so that no message has to wait for it.

        Returns:
            Whether the tokens are good for now; False where there are none or the consent is lost.

        Raises:
            CallFailed, StorageUnavailable: it could not be tried.
        """
        kept = await self.kept()
        if kept is None or kept.refused_at:
            return False
        if self._clock() >= kept.due_at:
            try:
                await self._renew(kept, patient=False)
            except ConsentLost:
                return False
        return True

    async def kept(self) -> Kept | None:
        """Gives what is stored, or None before the first consent.

        Raises:
            StorageUnavailable: the database cannot be read.
            CannotSeal: it was sealed under another secret.
        """
        return await self._storage.run(self._read)

    async def store(self, pair: Pair) -> None:
        """Takes the pair of a new consent.

        Raises:
            StorageUnavailable: the database cannot be written; the pair is lost.
        """
        moment = self._clock()

        def save(connection: Connection) -> None:
            old = self._read(connection)
            row = self._row(pair, moment, old)
            if old is None:
                connection.execute(insert(ZaloToken).values(account=self._account, **row))
            else:
                connection.execute(update(ZaloToken).where(ZaloToken.account == self._account).values(row))
            consent_is_back(connection, self._account, moment)

        await self._storage.run(save)

    async def finish(self) -> None:
        """Waits for a renewal that is under way; before the database is closed."""
        if self._renewing:
            await asyncio.wait([self._renewing])

    # --- renewing

    async def _some(self) -> Kept:
        kept = await self.kept()
        if kept is None:
            raise ConsentLost("the Zalo account has not consented yet")
        return kept

    async def _renew(self, old: Kept, *, patient: bool) -> Kept:
        """Gives the pair after `old`, made here or elsewhere; an impatient caller gets `old` while others make it."""
        deadline = asyncio.get_running_loop().time() + _WAIT_S
        while True:
            if self._renewing is None or self._renewing.done():
                self._renewing = asyncio.create_task(self._renew_once(old))
                # Whoever asked may be gone when it fails.
                self._renewing.add_done_callback(lambda done: done.cancelled() or done.exception())
            new = await asyncio.shield(self._renewing)
            if new is not None and new.version != old.version:
                return new
            if not patient:
                return old
            if asyncio.get_running_loop().time() > deadline:
                raise NotSent("oauth refresh", "another process has been renewing for too long")
            await self._sleep(_LOOK_S)

    async def _renew_once(self, old: Kept) -> Kept | None:
        """Renews; gives None while another process is at it."""
        lease = secrets.token_hex(16)
        if not await self._storage.run(lambda connection: self._take_lease(connection, old, lease)):
            kept = await self.kept()
            if kept and kept.version == old.version:
                if kept.refused_at:
                    raise ConsentLost("the consent of the Zalo account is lost")
                return None
            return kept
        try:
            pair = await self._ask(old.refresh)
        except ConsentRefused as refusal:
            await self._lose(old, lease, refusal.code)
            raise ConsentLost("the consent of the Zalo account is lost") from None
        except CallFailed:
            await self._storage.run(lambda connection: self._give_lease(connection, lease))
            raise
        return await self._save(pair, old)

    async def _ask(self, refresh_token: str) -> Pair:
        try:
            return await self._oauth.refresh(refresh_token)
        except (OutcomeUnknown, ConsentRefused) as first:
            # The answer may be what was lost, and a refusal may have been a slip: once more, and then it is believed.
            logger.warning("the tokens of the Zalo account are asked for once more: %s", first)
            return await self._oauth.refresh(refresh_token)

    def _take_lease(self, connection: Connection, old: Kept, lease: str) -> bool:
        moment = self._clock()
        taken = connection.execute(
            update(ZaloToken)
            .where(
                ZaloToken.account == self._account,
                ZaloToken.version == old.version,
                ZaloToken.refused_at.is_(None),
                or_(ZaloToken.lease == "", ZaloToken.lease_until < moment),
            )
            .values(lease=lease, lease_until=moment + LEASE)
        )
        return taken.rowcount == 1

    def _give_lease(self, connection: Connection, lease: str) -> None:
        connection.execute(update(ZaloToken).where(ZaloToken.lease == lease).values(lease=""))

    async def _save(self, pair: Pair, old: Kept) -> Kept | None:
        """Saves the new pair; a failing database is tried for a while, for the old refresh token is dead."""

        def save(connection: Connection) -> Kept | None:
            moment = self._clock()
            # Somebody may have consented anew meanwhile: then that pair counts, and this one belongs to a dead consent.
            saved = connection.execute(
                update(ZaloToken)
                .where(ZaloToken.account == self._account, ZaloToken.version == old.version)
                .values(self._row(pair, moment, old))
            )
            if saved.rowcount:
                consent_is_back(connection, self._account, moment)
            return self._read(connection)

        for left in reversed(range(_SAVE_TRIES)):
            try:
                return await self._storage.run(save)
            except StorageUnavailable as cause:
                if not left:
                    raise
                logger.error("the new tokens of the Zalo account could not be saved yet: %s", cause)
                await self._sleep(_SAVE_PAUSE_S)
        return None

    async def _lose(self, old: Kept, lease: str, code: int | None) -> None:
        def write(connection: Connection) -> bool:
            moment = self._clock()
            refused = connection.execute(
                update(ZaloToken)
                .where(ZaloToken.account == self._account, ZaloToken.version == old.version, ZaloToken.lease == lease)
                .values(refused_at=moment, refused_code=code, lease="")
            )
            if refused.rowcount:
                consent_is_lost(connection, self._account, code, moment)
            return bool(refused.rowcount)

        if await self._storage.run(write):
            logger.error(
                "Zalo no longer renews the tokens of the Official Account (code %s): "
                "an administrator of the account must consent again",
                code,
            )

    # --- rows

    def _row(self, pair: Pair, moment: datetime, old: Kept | None) -> dict[str, object]:
        return {
            "version": 1 if old is None else old.version + 1,
            "access_sealed": self._seal.close(pair.access),
            "refresh_sealed": self._seal.close(pair.refresh),
            "previous_sealed": "" if old is None else self._seal.close(old.refresh),
            "made_at": moment,
            "expires_at": moment + timedelta(seconds=pair.lasts_s),
            "lease": "",
            "lease_until": moment,
            "refused_at": None,
            "refused_code": None,
        }

    def _read(self, connection: Connection) -> Kept | None:
        row = connection.execute(select(ZaloToken.__table__).where(ZaloToken.account == self._account)).one_or_none()
        if row is None:
            return None
        return Kept(
            row.version,
            self._seal.open(row.access_sealed),
            self._seal.open(row.refresh_sealed),
            in_utc(row.made_at),
            in_utc(row.expires_at),
            in_utc(row.refused_at) if row.refused_at else None,
            row.refused_code,
        )
