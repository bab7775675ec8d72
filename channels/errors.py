"""What can go wrong in the gateway.

ChannelError
├── Refusal                 a request answered with a problem (RFC 9457) instead of what was asked for
│   ├── Malformed           422: not what the contract describes
│   │   └── PayloadUnknown  422: a tapped choice that no answer offers
│   ├── SessionUnknown      401: no token, a wrong one, or a session that has ended
│   ├── OriginRefused       403: another site, which the operator does not allow
│   ├── NotFound            404: no such page or message
│   ├── BodyTooLarge        413
│   ├── NotJson             415: a media type other than JSON
│   ├── TooMany             429: over a rate limit
│   ├── RasaUnavailable     503: the bot is down, slow, broken or silent
│   └── StorageUnavailable  503: the database cannot be read or written
└── CannotStart             one sentence for the operator; the process ends with exit code 2
"""

from __future__ import annotations

from typing import ClassVar


class ChannelError(Exception):
    """Ground of every error of the gateway."""


class Refusal(ChannelError):
    """A request answered with a problem; the wording lies in `wording/problems.yaml` under `problem`."""

    status: ClassVar[int] = 500
    problem: ClassVar[str] = "internal"


class Malformed(Refusal):
    """The request is not what the contract describes.

    Attributes:
        fields: names of the fields at fault, each with a key of `fields` in `wording/problems.yaml`.
    """

    status = 422
    problem = "malformed"

    def __init__(self, fields: dict[str, str] | None = None) -> None:
        super().__init__("malformed request")
        self.fields = fields or {}


class PayloadUnknown(Malformed):
    """The payload of a tapped choice is none of `motcua.reply.PAYLOAD`."""

    problem = "payload_unknown"


class SessionUnknown(Refusal):
    """The bearer token is missing, wrong, expired or erased."""

    status = 401
    problem = "session_unknown"


class OriginRefused(Refusal):
    """The page that made the request is of a site that may not use the chat."""

    status = 403
    problem = "origin_refused"


class NotFound(Refusal):
    """Nothing lies at this address."""

    status = 404
    problem = "not_found"


class BodyTooLarge(Refusal):
    """The body is larger than the gateway reads."""

    status = 413
    problem = "body_too_large"


class NotJson(Refusal):
    """The body is declared as something other than JSON."""

    status = 415
    problem = "not_json"


class TooMany(Refusal):
    """A rate limit is used up.

    Attributes:
        retry_after: seconds until a request is taken again.
    """

    status = 429
    problem = "too_many"

    def __init__(self, retry_after: int) -> None:
        super().__init__("rate limit used up")
        self.retry_after = retry_after


class RasaUnavailable(Refusal):
    """The bot gave no usable answer; the argument says why, for the log, without any text of a person."""

    status = 503
    problem = "rasa_unavailable"


class StorageUnavailable(Refusal):
    """The database failed while the gateway ran; the argument is the kind of the failure."""

    status = 503
    problem = "storage_unavailable"


class CannotStart(ChannelError):
    """The gateway cannot start; the message is one sentence for the operator."""
