"""What goes through the inbox and the outbox, and what a channel brings to it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Address:
    """One conversation of a channel.

    Attributes:
        channel: name of the channel, such as "zalo_oa"; at most 16 characters.
        account: our own account there (the Official Account, the bot); at most 64 characters.
        conversation: whom the channel is to give a message to, in its own words: a person's or a group's id there.
    """

    channel: str
    account: str
    conversation: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event as the channel pushed it, before it is stored.

    Attributes:
        address: where it happened, and where an answer goes.
        key: what makes it the same event when it comes again, by the channel's rule; any length.
        sent_at: the channel's time stamp, with its zone.
        body: what the handler needs of it, as JSON.
    """

    address: Address
    key: str = field(repr=False)
    sent_at: datetime
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """A stored event, as the handler gets it.

    Attributes:
        id: 32 hexadecimal digits, the same at every try: whoever asks the bot passes it on.
        address: where it happened.
        sent_at: the channel's time stamp.
        received_at: when it was stored.
        attempt: the how-manieth try this is, from 1.
        body: as it arrived.
    """

    id: str
    address: Address
    sent_at: datetime
    received_at: datetime
    attempt: int
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Something to be sent: one call of the channel.

    Attributes:
        address: to whom.
        body: what the sender needs to make the call, as JSON.
    """

    address: Address
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """An outgoing message as the outbox keeps it and the sender gets it.

    Attributes:
        id: up to 40 characters, the same at every try.
        address: to whom.
        body: as it was given.
        attempt: the how-manieth call this is, from 1; for `settle`, how many were made.
        tried_at: when the last call began.
    """

    id: str
    address: Address
    body: Mapping[str, Any] = field(repr=False)
    attempt: int
    tried_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """The channel has it.

    Attributes:
        message_id: the channel's own id of it.
        as_template: a registered text was sent in its place, outside the window for free text.
    """

    message_id: str
    as_template: bool = False


@dataclass(frozen=True, slots=True)
class NotSent:
    """The channel surely has not taken it; it may be sent again.

    Attributes:
        problem: why, in a word or a code, without personal data.
        retry_after: how long to wait at least; None leaves it to the outbox.
    """

    problem: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Never:
    """The channel refuses it for good.

    Attributes:
        problem: why, in a word or a code, without personal data.
        unreachable: the person as such cannot be reached (has blocked us, is gone).
    """

    problem: str
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say (yet) whether the channel has it: no answer in time, or one that cannot be read."""

    problem: str


Outcome = Sent | NotSent | Never | Unknown

Handled = Sequence[Outgoing] | Callable[[Connection], Sequence[Outgoing]]
"""What becomes of an event: what is to be sent; or a function that writes what belongs to the answer, in the
transaction that marks the event as done, and gives what is to be sent. It may be called again after a rollback."""


class Handler(Protocol):
    """Makes answers of the events of one channel. It asks the bot, and otherwise changes nothing."""

    async def handle(self, event: Event) -> Handled:
        """Answers an event; the same event comes again when the answer could not be stored.

        Raises:
            NotNow: it is to be tried again. Any other exception means the same, without words for the person.
        """

    def give_up(self, event: Event) -> Sequence[Outgoing]:
        """Gives what the person is told when an event is tried no more."""


class Sender(Protocol):
    """Makes the calls of one channel."""

    async def send(self, message: Message) -> Outcome:
        """Makes one call. An exception counts as `Unknown`."""

    async def settle(self, message: Message) -> Outcome | None:
        """Finds out what became of a message whose outcome is unknown, by whatever rule the channel allows.

        Returns:
            `Sent` or `NotSent` (it is sent again) when that is certain, `Unknown` when it may be asked again later,
            None when there is no way to find out.
        """


@dataclass(frozen=True, slots=True)
class Terms:
    """How the worker goes about it.

    Attributes:
        window: how long an event waits for earlier ones of its conversation that are still on their way.
        lease: after this long without a sign of life a worker counts as dead.
        attempts: tries of an event, or calls for a message, before it is given up.
        first_wait: before the second try; doubled each time.
        longest_wait: no wait is longer.
        settle_after: how long after a call began what became of it can be found out.
        settles: how often that is tried.
        at_once: conversations that are worked at side by side, in each direction.
        handle_within: a try at an event is broken off after this long.
        send_within: a call is broken off after this long.
        look_every: between two looks for what other processes have stored.
        grace: how long work may go on after the order to stop.
    """

    window: timedelta = timedelta(milliseconds=400)
    lease: timedelta = timedelta(seconds=30)
    attempts: int = 12
    first_wait: timedelta = timedelta(seconds=2)
    longest_wait: timedelta = timedelta(minutes=10)
    settle_after: timedelta = timedelta(seconds=10)
    settles: int = 4
    at_once: int = 64
    handle_within: timedelta = timedelta(seconds=60)
    send_within: timedelta = timedelta(seconds=180)
    look_every: timedelta = timedelta(milliseconds=500)
    grace: timedelta = timedelta(seconds=2)

    def wait_before(self, attempt: int, asked: timedelta | None = None) -> timedelta:
        """Gives how long to wait before trying again.

        Args:
            attempt: tries made, from 1.
            asked: what the channel asks for, if it does.
        """
        wait = min(self.first_wait * (1 << min(attempt - 1, 30)), self.longest_wait)
        # Those who failed together do not come back together.
        spread = wait * random.uniform(0.5, 1.0)
        return spread if asked is None else max(asked, spread)
