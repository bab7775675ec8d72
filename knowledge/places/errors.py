"""What can go wrong with places.

PlacesError
├── BadUnits          a file that is no list of provinces and communes
├── BadOffices        a file of service centres that cannot be taken; tells every row at fault
└── PlacesUnavailable the database, or the table of old names, cannot be read or written
"""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.errors import KnowledgeError


class PlacesError(KnowledgeError):
    """Root of the errors of places; the message is one line that an operator can act on."""


class BadUnits(PlacesError):
    """The file does not list provinces and communes."""


class BadOffices(PlacesError):
    """The file of service centres cannot be taken; nothing of it has gone in.

    Attributes:
        faults: one line for each fault, with the row it stands in.
    """

    def __init__(self, reason: str, faults: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.faults = tuple(faults)


class PlacesUnavailable(PlacesError):
    """What is known of places cannot be read or written."""
