"""What can go wrong with Zalo.

channels.errors.ChannelError
└── ZaloError
    ├── CallFailed            a call did not do what it was for; says which call, which code, how to try again
    │   ├── NotSent           nothing reached Zalo: safe to repeat
    │   ├── Passing           Zalo said no for now
    │   ├── TokenRefused      the access token is not taken (any more)
    │   ├── CannotReach       this person cannot be written to now: never repeat, take another way
    │   ├── Permanent         the request itself is wrong: never repeat
    │   ├── SetUpWrong        account, application or quota: somebody has to put it right
    │   └── OutcomeUnknown    it may or may not have been done: never repeat blindly
    ├── ConsentLost           the account's consent can no longer be renewed: somebody has to give it again
    ├── ConsentRefused        what came back from the consent page cannot be used
    ├── NotConfigured         a setting is missing; the message names it
    ├── SignatureWrong        a webhook that Zalo did not sign: 403, no effect
    └── NotAnEvent            a webhook's body or an update that cannot be read

No message holds a token, a secret, an address with a token in it, or anything of a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from channels.errors import ChannelError


class ZaloError(ChannelError):
    """Ground of the tree; the message is one line for the operator."""


class When(Enum):
    """When a failed call may be made again."""

    NEVER = "never"
    BACKOFF = "backoff"
    """After a pause that grows."""
    IN_THE_MORNING = "morning"
    """After 06:00 in Vietnam."""
    AFTER_UPLOAD = "after-upload"
    """Once the attachment has been uploaded again."""
    ASK_FIRST = "ask-first"
    """Only if whoever asked for it decides so: it may be done already."""


@dataclass(frozen=True, slots=True)
class Again:
    """How a failed call may be tried again.

    Attributes:
        when: at which time.
        most: how many more tries, however long it takes.
        first_s: seconds of the first pause; doubled each time.
    """

    when: When = When.NEVER
    most: int = 0
    first_s: float = 1.0


OFTEN = Again(When.BACKOFF, 1000)
"""For what surely did nothing: however long the other side is down, nothing is given up here."""
OVER_THE_RATE = Again(When.BACKOFF, 3, 15.0)
"""Rates are counted by the minute."""


class CallFailed(ZaloError):
    """A call did not do what it was for.

    Attributes:
        call: name of the call, such as "message/cs".
        code: Zalo's error code, or None where it gave none.
        status: HTTP status, or None where no answer came.
        again: how it may be tried again.
    """

    again_by_default = Again()

    def __init__(
        self, call: str, why: str, *, code: int | None = None, status: int | None = None, again: Again | None = None
    ) -> None:
        super().__init__(f"{call}: {why}" if code is None else f"{call}: {why} (code {code})")
        self.call, self.code, self.status = call, code, status
        self.again = self.again_by_default if again is None else again


class NotSent(CallFailed):
    """Nothing reached Zalo."""

    again_by_default = OFTEN


class Passing(CallFailed):
    """Zalo said no for now."""

    again_by_default = Again(When.BACKOFF, 3)


class TokenRefused(CallFailed):
    """The access token is not taken. The client has renewed it once already, where it could."""


class CannotReach(CallFailed):
    """This person cannot be written to now."""


class Permanent(CallFailed):
    """The request itself is wrong."""


class SetUpWrong(CallFailed):
    """The account, the application or its quota must be put right by somebody."""


class OutcomeUnknown(CallFailed):
    """It may or may not have been done."""

    again_by_default = Again(When.ASK_FIRST, 1)


class ConsentLost(ZaloError):
    """The account's consent can no longer be renewed."""


class ConsentRefused(ZaloError):
    """What came back from the consent page cannot be used.

    Attributes:
        code: Zalo's error code, or None.
    """

    def __init__(self, why: str, *, code: int | None = None) -> None:
        super().__init__(why if code is None else f"{why} (code {code})")
        self.code = code


class NotConfigured(ZaloError):
    """A setting is missing or cannot be used."""


class SignatureWrong(ZaloError):
    """A webhook that Zalo did not sign."""


class NotAnEvent(ZaloError):
    """A webhook's body or an update that cannot be read."""
