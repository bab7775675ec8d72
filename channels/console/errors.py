"""What can go wrong in the console.

channels.errors.ChannelError
└── ConsoleError
    ├── GoTo                 another page comes first, such as signing in
    ├── Refused              answered with a page that says why; words in `refusals` of `wording/console.yaml`
    │   ├── NotAllowed       403: the roles of this member do not permit it
    │   ├── FormStale        403: the anti-forgery token is missing, old or of another session
    │   ├── NotHere          404
    │   ├── Conflict         409: somebody else changed it meanwhile
    │   ├── LengthUnknown    411
    │   ├── FormTooLarge     413
    │   └── TooManyTries     429: wrong passwords or codes; says how long to wait
    ├── AccountRefused       an account cannot be made or changed so; one English line, and a key of the words
    └── AuditUnfit           something that must not stand in the audit log: a fault of the code that calls it
"""

from __future__ import annotations

from typing import ClassVar

from channels.errors import ChannelError


class ConsoleError(ChannelError):
    """Ground of every error of the console."""


class GoTo(ConsoleError):
    """Another page comes first.

    Attributes:
        address: path and query of that page.
    """

    def __init__(self, address: str) -> None:
        super().__init__("another page comes first")
        self.address = address


class Refused(ConsoleError):
    """A request answered with a page that says why it cannot be done."""

    status: ClassVar[int] = 400
    words: ClassVar[str] = "malformed"


class NotAllowed(Refused):
    """The roles of this member do not permit it."""

    status = 403
    words = "not_allowed"


class FormStale(Refused):
    """A form without the token of this session."""

    status = 403
    words = "form_stale"


class NotHere(Refused):
    """Nothing lies at this address."""

    status = 404
    words = "not_here"


class Conflict(Refused):
    """Somebody else changed it meanwhile."""

    status = 409
    words = "conflict"


class LengthUnknown(Refused):
    """A body whose size is not declared."""

    status = 411
    words = "length_unknown"


class FormTooLarge(Refused):
    """A body larger than this address takes."""

    status = 413
    words = "form_too_large"


class TooManyTries(Refused):
    """Too many wrong tries: nothing was looked at.

    Attributes:
        seconds: until a try is taken again.
    """

    status = 429
    words = "too_many_tries"

    def __init__(self, seconds: int) -> None:
        super().__init__("too many wrong tries")
        self.seconds = seconds


class AccountRefused(ConsoleError):
    """An account cannot be made or changed so.

    Attributes:
        words: key of `faults` in `wording/console.yaml`.
    """

    def __init__(self, words: str, sentence: str) -> None:
        super().__init__(sentence)
        self.words = words


class AuditUnfit(ConsoleError):
    """An audit row that breaks its own rules."""
