"""Which service centres are nearest, and how one is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import asin, cos, radians, sin, sqrt

from knowledge.places.model import NearOffice, Office, Place

_EARTH_KM = 6371.0
Point = tuple[float, float]
"""Latitude and longitude in degrees."""


def distance_km(one: Point, other: Point) -> float:
    """Gives the distance of two points on the earth in a straight line (haversine)."""
    north, east = radians(other[0] - one[0]), radians(other[1] - one[1])
    half = sin(north / 2) ** 2 + cos(radians(one[0])) * cos(radians(other[0])) * sin(east / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))


def nearest_offices(offices: Iterable[Office], where: Place | Point, k: int = 3) -> list[NearOffice]:
    """Gives the nearest offices, nearest first.

    From a point, only offices whose point is known are given. From a commune, its own offices come first, then those of
    the whole province, then those of other communes there, by distance from the commune's own office where both points
    are known; from a province, its offices for the whole province first. Offices of another province are never given
    for a place: they need not take the papers.

    Args:
        offices: all there are.
        where: a place of today, or latitude and longitude in degrees.
        k: how many at most.
    """
    if not isinstance(where, Place):
        found = [NearOffice(office, distance_km(where, office.point)) for office in offices if office.point]
        return sorted(found, key=lambda near: (near.kilometres, near.office.name))[: max(k, 0)]
    own = [office for office in offices if office.province_code == where.province_code]
    centre = _centre([office for office in own if _serves(office, where)]) if where.commune else None
    told = [NearOffice(office, _from(centre, office)) for office in own]
    return sorted(told, key=lambda near: _rank(near, where))[: max(k, 0)]


def office_lines(office: Office) -> tuple[str, ...]:
    """Tells an office in lines: name, address with commune and province, hours, telephone; what is not known is left
    out, and nothing is added to what staff wrote."""
    address = ", ".join(part for part in (office.address, office.commune, office.province) if part)
    return tuple(line for line in (office.name, address, office.hours, office.phone) if line)


def _serves(office: Office, place: Place) -> bool:
    if office.commune_code and place.code:
        return office.commune_code == place.code
    return bool(place.commune) and office.commune == place.commune


def _centre(offices: Sequence[Office]) -> Point | None:
    return next((office.point for office in offices if office.point), None)


def _from(centre: Point | None, office: Office) -> float | None:
    return distance_km(centre, office.point) if centre and office.point else None


def _rank(near: NearOffice, where: Place) -> tuple[int, float, str]:
    office = near.office
    far = near.kilometres if near.kilometres is not None else float("inf")
    if _serves(office, where):
        return 0, far, office.name
    return (1 if not office.commune else 2), far, office.name
