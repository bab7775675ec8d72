"""What is not known of the real services, as switches; two profiles that a client must live with equally."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass
class Modes:
    """The switches.

    Attributes:
        bot_status: whether errors of the Bot API have an HTTP status of their own.
        bot_code_on_idle: whether the end of an empty poll, and "no webhook", carry an error code.
        bot_updates: whether an update is given once, or at every poll.
        bot_list: whether `getUpdates` gives a list.
        bot_second_poll: what happens to a second poll at the same time.
        bot_wrapped: whether a webhook's update stands in an envelope.
        bot_photo: name of the field with a picture.
        bot_retries: how often a webhook that failed is repeated.
        bot_echoes: whether the bot's own messages come back as updates.
        bot_rate: messages a minute, or None.
        bot_monthly: messages a month.
        dead_refresh: code for a refresh token that is dead; None for an error without a number.
        old_access_dies: whether a renewal ends the old access token.
        expired: code for an access token that has run out.
        oa_status: whether errors of the OpenAPI have an HTTP status of their own.
        oa_says_user, oa_says_message, oa_says_quota: what stands in an answer besides the message's id.
        oa_free: free answers in 48 hours, or None for no limit.
        oa_id_field: how `getoa` calls the id.
        oa_rate: requests a minute, or None.
        escapes: how a webhook's body is written.
        signature: how the header is written.
        disables: whether the address is switched off after the last repetition.
        night: whether template messages are refused at night.
        receipt: when the receipt of a template message comes.
    """

    bot_status: bool = False
    bot_code_on_idle: bool = True
    bot_updates: Literal["consume", "replay"] = "consume"
    bot_list: bool = False
    bot_second_poll: Literal["error", "starve"] = "error"
    bot_wrapped: bool = True
    bot_photo: Literal["photo", "photo_url"] = "photo"
    bot_retries: int = 1
    bot_echoes: bool = False
    bot_rate: int | None = None
    bot_monthly: int = 3000
    dead_refresh: int | None = -118
    old_access_dies: bool = False
    expired: int = -216
    oa_status: bool = False
    oa_says_user: bool = True
    oa_says_message: bool = True
    oa_says_quota: bool = True
    oa_free: int | None = 8
    oa_id_field: Literal["oa_id", "oaid"] = "oa_id"
    oa_rate: int | None = None
    escapes: Literal["raw", "unicode", "slashes"] = "raw"
    signature: Literal["mac", "bare", "upper"] = "mac"
    disables: bool = True
    night: bool = False
    receipt: Literal["after", "before", "never"] = "after"


def documented() -> Modes:
    """As the documents have it."""
    return Modes()


def observed() -> Modes:
    """As others have measured it."""
    return Modes(
        bot_status=True,
        bot_code_on_idle=False,
        bot_updates="replay",
        bot_second_poll="starve",
        bot_wrapped=False,
        bot_photo="photo_url",
        bot_retries=3,
        bot_echoes=True,
        dead_refresh=None,
        old_access_dies=True,
        expired=-220,
        oa_status=True,
        oa_says_user=False,
        oa_says_message=False,
        oa_says_quota=False,
        oa_free=None,
        oa_id_field="oaid",
        escapes="slashes",
        signature="bare",
        disables=False,
        night=True,
        receipt="before",
    )
