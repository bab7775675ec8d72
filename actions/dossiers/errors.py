"""What can go wrong on the way to a dossier.

DossierError
├── BadCode                   a text that is no dossier code
├── BadExport                 a file of dossiers that cannot be read at all
│   └── BadRow                one row of it that cannot be read (named by row and reason)
├── BadMap                    a YAML file of columns or fields breaks its rules
├── BadKey                    a second key that is not four digits, or a secret too short to hash them with
├── NotConfigured             the settings name a source that they do not describe
└── SourceError               a source cannot say where a dossier stands
    ├── SourceDown            not reached: refused, timed out, broken off, 5xx, circuit open, no database
    │   ├── SourceSlow        reached, but not answered in time
    │   └── CredentialsRefused  the system does not accept this client
    ├── SourceStale           what the source has is too old for "there is no such dossier" to be believed
    ├── AnswerBroken          an answer that must not be believed
    │   ├── NotJson           an HTML page, another content type, JSON that breaks off
    │   ├── Redirected        sent elsewhere, mostly to a login page
    │   ├── Refused           an unexpected status, such as 400 or 403
    │   ├── WrongRecord       well-formed, but not the record asked for, or without what a record must have
    │   └── StateUnknown      a state this project does not know; carries the dossier
    └── CannotSearch          the source has no such search

Messages name the fault and never a code, a name or a key, so that they may be logged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions.errors import ActionError

if TYPE_CHECKING:
    from actions.dossiers.model import Dossier


class DossierError(ActionError):
    """Root of the package's errors."""


class BadCode(DossierError):
    """A text is no dossier code."""


class BadExport(DossierError):
    """A file of dossiers cannot be read; the message is one line for the operator."""


class BadRow(BadExport):
    """One row cannot be read.

    Attributes:
        row: its number in the file, from 1, the header counted.
        reason: which field is wrong, and how; never its value.
    """

    def __init__(self, reason: str, row: int = 0) -> None:
        self.row, self.reason = row, reason
        super().__init__(f"row {row}: {reason}" if row else reason)


class BadMap(DossierError):
    """A YAML file of columns or fields breaks its rules."""


class BadKey(DossierError):
    """A second key is not four digits."""


class NotConfigured(DossierError):
    """The settings name a source that they do not describe; the message is one line for the operator."""


class SourceError(DossierError):
    """A source cannot say where a dossier stands."""


class SourceDown(SourceError):
    """The source was not reached, or is known to be down."""


class SourceSlow(SourceDown):
    """The source did not answer in time."""


class CredentialsRefused(SourceDown):
    """The source does not accept this client."""


class SourceStale(SourceError):
    """What the source has is too old for its "no" to be believed."""


class AnswerBroken(SourceError):
    """The source answered something that must not be believed."""


class NotJson(AnswerBroken):
    """The answer is a page, another content type, or JSON that breaks off."""


class Redirected(AnswerBroken):
    """The source sends elsewhere, mostly to a login page."""


class Refused(AnswerBroken):
    """The source answered with a status that means neither a record nor its absence."""


class WrongRecord(AnswerBroken):
    """The answer is not the record asked for, or lacks what a record must have."""


class StateUnknown(AnswerBroken):
    """The record is whole but its state is none of the ten.

    Attributes:
        dossier: the record, its state `UNKNOWN`.
    """

    def __init__(self, dossier: Dossier) -> None:
        self.dossier = dossier
        super().__init__("the record's state is none of the ten")


class CannotSearch(SourceError):
    """The source has no such search."""
