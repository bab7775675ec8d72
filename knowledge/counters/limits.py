"""What one person may hold, so that nobody takes the places of others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Numbers and appointments of one person.

    Attributes:
        tickets: open numbers at a time, over all counters.
        tickets_a_day: numbers on one day, those given back included.
        appointments: open appointments at a time.
        bookings_a_day: appointments made on one day.
        moves: how often one appointment may be moved.
        days_ahead: how far ahead appointments are made.
    """

    tickets: int = 2
    tickets_a_day: int = 5
    appointments: int = 2
    bookings_a_day: int = 4
    moves: int = 3
    days_ahead: int = 14
