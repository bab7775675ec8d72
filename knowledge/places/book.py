"""Places and offices for one process, always those of the newest import."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock

from sqlalchemy import Engine

from knowledge.places.errors import PlacesUnavailable
from knowledge.places.gazetteer import Gazetteer
from knowledge.places.model import NearOffice, Office, Place
from knowledge.places.offices import Point, nearest_offices
from knowledge.places.store import PlaceStore

log = logging.getLogger(__name__)

_LOOK_S = 5.0


class PlaceBook:
    """Finds places and offices; an import by another process counts within five seconds."""

    def __init__(self, engine: Engine, *, home: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        """Prepares it; nothing is read before the first question.

        Args:
            engine: the database.
            home: name of the own province, whose places come first, or empty.
            clock: tells seconds, for tests.
        """
        self._store = PlaceStore(engine)
        self._home = home
        self._clock = clock
        self._lock = Lock()
        self._looked = float("-inf")
        self._stamps = (-1, -1)
        self._gazetteer: Gazetteer | None = None
        self._offices: tuple[Office, ...] = ()

    def find_places(self, text: str) -> list[Place]:
        """Gives the communes and provinces of today that a text names; see `Gazetteer.find_places`.

        Raises:
            PlacesUnavailable: nothing has been read yet and it cannot be.
        """
        return self.gazetteer().find_places(text)

    def nearest_offices(self, where: Place | Point, k: int = 3) -> list[NearOffice]:
        """Gives the nearest service centres; see `knowledge.places.offices`. Empty when staff have imported none.

        Raises:
            PlacesUnavailable: nothing has been read yet and it cannot be.
        """
        return nearest_offices(self.offices(), where, k)

    def offices(self) -> tuple[Office, ...]:
        """Gives all service centres.

        Raises:
            PlacesUnavailable: nothing has been read yet and it cannot be.
        """
        with self._lock:
            self._follow()
            return self._offices

    def gazetteer(self) -> Gazetteer:
        """Gives the names in force; the first call, and the first after an import, takes about half a second.

        Raises:
            PlacesUnavailable: nothing has been read yet and it cannot be.
        """
        with self._lock:
            self._follow()
            assert self._gazetteer is not None
            return self._gazetteer

    def _follow(self) -> None:
        if self._clock() - self._looked < _LOOK_S:
            return
        try:
            stamps = self._store.stamps()
            if stamps[0] != self._stamps[0]:
                self._gazetteer = Gazetteer(self._store.units(), home=self._home)
            if stamps[1] != self._stamps[1]:
                self._offices = self._store.offices()
            self._stamps = stamps
        except PlacesUnavailable as cause:
            if self._gazetteer is None:
                raise
            log.warning("places are those of before: %s", cause)
        self._looked = self._clock()
