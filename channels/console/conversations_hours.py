"""The working hours of officers as a form: two spans for each weekday."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from channels.handover.hours import Span, read_time, show_time

SPANS = 2


def week_as_form(week: Mapping[int, tuple[Span, ...]]) -> dict[str, str]:
    """Gives the fields of the form: `opens-<weekday>-<span>` and `closes-…`, empty where there is no such span."""
    fields = {}
    for day in range(7):
        spans = week.get(day, ())
        for number in range(SPANS):
            opens, closes = map(show_time, spans[number]) if number < len(spans) else ("", "")
            fields[f"opens-{day}-{number}"], fields[f"closes-{day}-{number}"] = opens, closes
    return fields


def read_form(form: Mapping[str, str]) -> dict[int, list[Span]]:
    """Reads the form.

    Raises:
        ValueError: a time that is none, half a span, one that ends before it begins, or two over one another.
    """
    week: dict[int, list[Span]] = {}
    for day in range(7):
        spans = []
        for number in range(SPANS):
            opens = form.get(f"opens-{day}-{number}", "").strip()
            closes = form.get(f"closes-{day}-{number}", "").strip()
            if opens or closes:
                spans.append((read_time(opens), read_time(closes)))
        spans.sort()
        if any(opens >= closes for opens, closes in spans):
            raise ValueError(day)
        if any(one[1] > other[0] for one, other in itertools.pairwise(spans)):
            raise ValueError(day)
        if spans:
            week[day] = spans
    return week
