"""Notice: a message that nobody asked for just now, and the seam to whatever channel carries it to a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from motcua.reply import Reply


class Outcome(Enum):
    """What became of a notice that a channel was given."""

    SENT = "sent"
    """The channel has it: as it is, within whatever window the channel allows."""
    SENT_AS_TEMPLATE = "template"
    """Outside that window; the channel sent its template with the notice's fields."""
    LATER = "later"
    """Not now: to be given again."""
    UNREACHABLE = "unreachable"
    """This person cannot be reached any more: the account is gone, or has blocked us."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message for one person.

    Attributes:
        id: 32 hexadecimal digits; whoever is given the same id again sends nothing again.
        person: account in the channel (on the web the session).
        reply: what is said where free text is allowed.
        template: name of the registered text for where it is not: "dossier_changed", "source_back".
        fields: values for the template's places, without names and with masked codes.
    """

    id: str
    person: str = field(repr=False)
    reply: Reply = field(repr=False)
    template: str = ""
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)


class NoticeChannel(Protocol):
    """Carries notices to the people of one channel. Neither method raises."""

    def deliver(self, notice: Notice) -> Outcome:
        """Takes a notice over; given the same id again it does nothing more and gives the same outcome."""

    def gone(self, persons: Collection[str]) -> set[str]:
        """Says which of these people are no longer there, so that what is kept of them can be deleted."""
