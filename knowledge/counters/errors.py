"""What can go wrong at counters.

CountersError
├── BadCounters          a table of counters that cannot be taken; tells every row at fault
├── NoSuchCounter        no counter goes by that number
├── CountersBusy         somebody else is writing for longer than can be waited
└── Refused              a number or an appointment is not given
    ├── Closed           the counter is not open then, or no more
    ├── Full             no numbers are left today
    ├── SlotTaken        the slot is full, gone by, or none
    ├── TooMany          the person holds as many as anybody may
    ├── HasOne           the person has an open one at this counter already
    └── NotOpen          the number or appointment is not, or no longer, in a state that allows it

Messages are for operators and never name a person.
"""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.errors import KnowledgeError


class CountersError(KnowledgeError):
    """Root of the errors of counters; the message is one line that an operator can act on."""


class BadCounters(CountersError):
    """The table of counters cannot be taken; nothing of it has gone in.

    Attributes:
        faults: one line for each fault, with the row it stands in.
    """

    def __init__(self, reason: str, faults: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.faults = tuple(faults)


class NoSuchCounter(CountersError):
    """No counter goes by that number."""


class CountersBusy(CountersError):
    """Somebody else is writing for longer than can be waited."""


class Refused(CountersError):
    """A number or an appointment is not given."""


class Closed(Refused):
    """The counter is not open then, or no more.

    Attributes:
        why: the day off in Vietnamese, or "".
    """

    def __init__(self, why: str = "") -> None:
        super().__init__("the counter is closed")
        self.why = why


class Full(Refused):
    """No numbers are left today."""


class SlotTaken(Refused):
    """The slot is full, gone by, or none."""


class TooMany(Refused):
    """The person holds as many as anybody may."""


class HasOne(Refused):
    """The person has an open one at this counter already."""


class NotOpen(Refused):
    """The number or appointment is not, or no longer, in a state that allows it."""
