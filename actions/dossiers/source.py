"""What every source of dossiers can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from actions.dossiers.codes import DossierCode, Tail
from actions.dossiers.keys import SecondKey
from actions.dossiers.model import Dossier

MOST_CANDIDATES = 5
"""No more dossiers than this are ever given for a tail."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since a cursor.

    Attributes:
        dossiers: the changed ones, oldest change first; a dossier that changed twice comes once, as it is now.
        cursor: what to ask with next time; opaque, to be kept by the poller.
        more: whether there is more than fitted.
        problem: name of the error that kept the live system out of this, or "".
    """

    dossiers: tuple[Dossier, ...]
    cursor: str
    more: bool = False
    problem: str = ""


class DossierSource(Protocol):
    """A place that knows where dossiers stand. Safe to use from several threads at once.

    Every method raises a `SourceError` (and nothing else) when the source cannot say.
    """

    def find(self, code: DossierCode) -> Dossier | None:
        """Gives the dossier of a code, or None where the source says that there is none.

        Raises:
            SourceError: the source cannot say; that is not the same as None.
        """

    def find_by_tail(self, tail: Tail, key: SecondKey) -> tuple[Dossier, ...]:
        """Gives the dossiers whose code ends so and that open to this key, at most `MOST_CANDIDATES`.

        A tail alone reveals nothing: there is no way to ask without the key, and a wrong key gives an empty tuple,
        as a tail that does not exist does.

        Raises:
            SourceError: the source cannot say; `CannotSearch` where it never can.
        """

    def changed_since(self, cursor: str, limit: int = 500) -> Changes:
        """Gives what changed since a cursor; with "" nothing but the cursor of now.

        Raises:
            SourceError: the source cannot say; `CannotSearch` where it never can.
        """
