"""Webhooks of the Bot Platform: whether Zalo sent them. What they say is read by `updates.read`."""

from __future__ import annotations

import hmac

from channels.zalo.errors import SignatureWrong
from channels.zalo_bot.updates import Update, read

SECRET_HEADER = "X-Bot-Api-Secret-Token"
_PROBES = (b"", b"{}")


def receive(body: bytes, shown: str | None, secret: str) -> tuple[Update, ...]:
    """Gives the updates of a request that Zalo made: what an endpoint calls, with everything it may believe.

    Args:
        body: the bytes as they came.
        shown: value of the header `X-Bot-Api-Secret-Token`.
        secret: as given to `setWebhook`.

    Returns:
        The updates to be stored before 200 is answered; none for an empty request, which Zalo may make when the
        address is saved.

    Raises:
        SignatureWrong: answer 403 and do nothing.
        NotAnEvent: from Zalo, and yet no update: answer 200 and do nothing, or it may come again.
    """
    if body.strip() in _PROBES:
        return ()
    check(shown, secret)
    return read(body)


def check(shown: str | None, secret: str) -> None:
    """Makes sure that Zalo sent it.

    Args:
        shown: value of the header `X-Bot-Api-Secret-Token`.
        secret: as given to `setWebhook`.

    Raises:
        SignatureWrong: it did not; answer 403 and do nothing.
    """
    same = hmac.compare_digest((shown or "").encode("utf-8", "replace"), secret.encode())
    if not secret or not same:
        raise SignatureWrong("the secret of the webhook is not ours")
