"""Consent: an administrator of the account is sent to Zalo and comes back with a code.

The nonce that travels with them proves that the consent was begun here: it serves once and for half an hour.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, update

from channels.storage import Storage, now
from channels.zalo.errors import CallFailed, ConsentRefused
from channels.zalo_oa.oauth import OAuth
from channels.zalo_oa.tables import ZaloConsent
from channels.zalo_oa.tokens import Tokens

logger = logging.getLogger(__name__)

_LASTS = timedelta(minutes=30)


class Consents:
    """Begins and finishes consents of one account."""

    def __init__(
        self,
        storage: Storage,
        oauth: OAuth,
        tokens: Tokens,
        account: str,
        callback: str,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """Takes its parts.

        Args:
            storage: the database.
            oauth: Zalo's side.
            tokens: where the pair is kept.
            account: id of the Official Account that has to consent.
            callback: address that Zalo sends the administrator back to, exactly as saved in its console.
            clock: time, for tests.
        """
        self._storage, self._oauth, self._tokens = storage, oauth, tokens
        self._account, self._callback, self._clock = account, callback, clock

    async def begin(self, by: str) -> str:
        """Gives the address to send an administrator to.

        Args:
            by: the member of the staff who begins, for the record.

        Raises:
            StorageUnavailable: the database cannot be written.
        """
        state, moment = secrets.token_urlsafe(32), self._clock()

        def write(connection: Connection) -> None:
            connection.execute(delete(ZaloConsent).where(ZaloConsent.begun_at < moment - _LASTS))
            connection.execute(
                insert(ZaloConsent).values(state_sha256=_digest(state), begun_by=by[:64], begun_at=moment)
            )

        await self._storage.run(write)
        return self._oauth.consent_address(self._callback, state)

    async def finish(self, code: str, state: str, account: str) -> None:
        """Takes what came back: `code`, `state` and `oa_id` of the callback address. Saves the tokens.

        Raises:
            ConsentRefused: not begun here, too late, a second time, for another account, or Zalo refuses the code.
            StorageUnavailable: the database cannot be read or written.
        """
        moment = self._clock()

        def use(connection: Connection) -> bool:
            used = connection.execute(
                update(ZaloConsent)
                .where(
                    ZaloConsent.state_sha256 == _digest(state),
                    ZaloConsent.used_at.is_(None),
                    ZaloConsent.begun_at >= moment - _LASTS,
                )
                .values(used_at=moment)
            )
            return used.rowcount == 1

        if not code or not state or not await self._storage.run(use):
            raise ConsentRefused("this consent was not begun here, has been used already, or is too old")
        if account != self._account:
            raise ConsentRefused("the consent is for another Official Account than MOTCUA_ZALO_OA_ID")
        try:
            pair = await self._oauth.exchange(code)
        except CallFailed as cause:
            raise ConsentRefused(f"Zalo did not answer, begin again ({cause})") from None
        await self._tokens.store(pair)
        logger.info("the Zalo account has consented")


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()
