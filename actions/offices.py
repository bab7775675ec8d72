"""Where the nearest service centre is, and what a commune or district is called today."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

import yaml

from actions.steps.phrases import Phrases, Said
from actions.wording import say
from knowledge.places import NearOffice, Place, PlaceBook, office_lines
from knowledge.places.errors import PlacesUnavailable
from motcua.reply import Reply

log = logging.getLogger(__name__)

_TABLE = Path(__file__).parent / "steps" / "offices.yaml"
_MOST_OFFICES = 3
_MOST_NAMES = 6


@lru_cache(maxsize=1)
def _table() -> tuple[Phrases, Phrases, Phrases]:
    table = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    # A phrase with a gap may hold the place itself.
    around = [phrase for phrases in table.values() for phrase in phrases if "*" not in phrase]
    return Phrases(table["office"]), Phrases(table["unit"]), Phrases(around)


def _without_asking(text: str) -> str:
    """What is left of a message without the words that ask: "trung tâm" is also the name of communes."""
    return " ".join(_table()[2].without(Said.of(text)).words)


def asks_for_office(text: str) -> bool:
    """Whether a message asks where a centre is or when it is open."""
    return _table()[0].found_in(Said.of(text))


def asks_for_unit(text: str) -> bool:
    """Whether a message asks what a commune, district or province is called today."""
    return _table()[1].found_in(Said.of(text))


class OfficeDesk:
    """Answers what people ask of places. Never raises: where places cannot be read, the hotline is named."""

    def __init__(self, book: PlaceBook) -> None:
        self._book = book

    def names_place(self, text: str) -> bool:
        """Whether a message names a place of today or of before."""
        return bool(self._found(text))

    def answer(self, text: str) -> tuple[Reply, bool]:
        """Answers a message.

        Returns:
            The reply, and whether it asks for the place in turn.
        """
        places = self._found(text)
        if not places:
            return _told(say("offices.ask_place", hotline=say("places.hotline"))), True
        several = len([place for place in places if not place.is_province]) > 1
        changed = several or asks_for_unit(text) or bool(places[0].known_as)
        lines = [_today(places)] if changed else []
        if several:
            return _told("\n".join([*lines, say("offices.which")])), True
        if not asks_for_unit(text):
            lines += self._near(places[0])
        return _told("\n".join(lines)), False

    def _near(self, place: Place) -> list[str]:
        try:
            near = self._book.nearest_offices(place, _MOST_OFFICES)
        except PlacesUnavailable as cause:
            log.warning("offices cannot be told: %s", cause)
            near = []
        if not near:
            return [say("offices.unknown", place=place.name, hotline=say("places.hotline"))]
        rows = [say("offices.near", place=place.name)]
        for number, one in enumerate(near, 1):
            rows += _rows(number, one)
        return rows

    def _found(self, text: str) -> list[Place]:
        try:
            return self._book.find_places(_without_asking(text))
        except PlacesUnavailable as cause:
            log.warning("places cannot be told: %s", cause)
            return []


def _rows(number: int, near: NearOffice) -> list[str]:
    first, *rest = office_lines(near.office)
    rows = [say("offices.line", number=number, office=first), *(f"   {line}" for line in rest)]
    if near.kilometres:
        rows.append(say("offices.kilometres", km=f"{near.kilometres:.1f}".replace(".", ",")))
    return rows


def _today(places: list[Place]) -> str:
    first = places[0]
    if len(places) == 1:
        return (
            say("offices.now", old=first.known_as, name=first.name)
            if first.known_as
            else say("offices.same", name=first.name)
        )
    names = ", ".join(place.commune or place.province for place in places[:_MOST_NAMES])
    if len(places) > _MOST_NAMES:
        names = say("offices.and_more", names=names, count=len(places) - _MOST_NAMES)
    return say("offices.now_several", old=first.known_as or first.name, names=names)


def _told(text: str) -> Reply:
    return Reply(kind="office_info", text=text)
