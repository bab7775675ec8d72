"""`motcua counters …`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from knowledge.counters.model import Ticket

counters_app = typer.Typer(help="Counters of service centres: queue numbers and appointments.", no_args_is_help=True)

_SHOWN = 20
_Counter = Annotated[int, typer.Argument(help="Number of the counter, as 'motcua counters list' shows it.")]
_Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def register(app: typer.Typer) -> None:
    """Adds the group to the command line."""
    app.add_typer(counters_app, name="counters")


@counters_app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="Table of counters: CSV or XLSX, one row a counter.")],
    as_json: _Json = False,
) -> None:
    """Put a table of counters in the place of the one before; with a row at fault nothing goes in."""
    from knowledge.counters.book import CounterBook
    from knowledge.counters.counter_file import read_counters
    from knowledge.counters.errors import BadCounters

    try:
        counters = read_counters(source)
    except BadCounters as bad:
        if not bad.faults:
            raise
        if as_json:
            typer.echo(json.dumps({"faults": bad.faults}, ensure_ascii=False, indent=1))
        for fault in bad.faults[: 0 if as_json else _SHOWN]:
            typer.echo(f"{source.name}: {fault}", err=True)
        if len(bad.faults) > _SHOWN and not as_json:
            typer.echo(f"{source.name}: and {len(bad.faults) - _SHOWN} faults more (--json lists all)", err=True)
        typer.echo("nothing has gone in", err=True)
        raise typer.Exit(1) from None
    done = CounterBook(_opened(sample=False)).replace(counters)
    told = {"new": done.new, "changed": done.changed, "unchanged": done.unchanged, "ended": done.ended}
    if as_json:
        typer.echo(json.dumps(told))
        return
    typer.echo(", ".join(f"{count} {name}" for name, count in told.items()))


@counters_app.command("list")
def list_(as_json: _Json = False) -> None:
    """List the counters with today's queues."""
    from knowledge.counters.book import CounterBook
    from knowledge.counters.hours import Timetable, write_spans
    from knowledge.counters.model import VIETNAM
    from knowledge.counters.tickets import Queues

    engine = _opened()
    timetable = Timetable(_calendar())
    queues, today = Queues(engine, timetable), datetime.now(UTC).astimezone(VIETNAM).date()
    rows: list[dict[str, Any]] = []
    for counter in CounterBook(engine).counters():
        board = queues.board(counter.id)
        rows.append(
            {
                "counter": counter.id,
                "centre": counter.centre,
                "name": counter.name,
                "serves": counter.serves,
                "today": write_spans(timetable.spans(counter, today)),
                "capacity": counter.capacity,
                "given": board.given,
                "current": board.current.number if board.current else 0,
                "waiting": len(board.waiting),
                "missed": [ticket.number for ticket in board.missed],
                "appointments": len(board.appointments),
                "closed": board.is_closed,
                "sample": counter.is_sample,
            }
        )
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    if not rows:
        typer.echo("no counters yet: motcua counters import FILE")
    for row in rows:
        state = "closed" if row["closed"] or not row["today"] else row["today"]
        typer.echo(
            f"{row['counter']:>4}  {row['centre']} – {row['name']}{' (made up)' if row['sample'] else ''}: {state}; "
            f"{row['given']} of {row['capacity']} numbers given, at {row['current']}, {row['waiting']} waiting, "
            f"{len(row['missed'])} missed, {row['appointments']} appointments"
        )


@counters_app.command("next")
def next_(
    counter: _Counter,
    absent: Annotated[bool, typer.Option(help="The one called before did not come.")] = False,
    seen: Annotated[
        int | None, typer.Option(help="The number at the counter now, 0 for none: nothing happens if it is another.")
    ] = None,
    as_json: _Json = False,
) -> None:
    """Call the next number of a counter; whoever was there is done."""
    from knowledge.counters.errors import Closed, NotOpen
    from knowledge.counters.hours import Timetable
    from knowledge.counters.tickets import Queues

    try:
        moved = Queues(_opened(), Timetable(_calendar())).next(counter, absent=absent, seen=seen)
    except (Closed, NotOpen) as cause:
        typer.echo(f"counter {counter}: {cause}", err=True)
        raise typer.Exit(1) from None
    if as_json:
        told = {
            "called": _number(moved.called),
            "finished": _number(moved.finished),
            "to_tell": [ticket.number for ticket in moved.to_tell],
        }
        typer.echo(json.dumps(told))
        return
    typer.echo(f"called {moved.called.number}" if moved.called else "nobody waits")
    if moved.to_tell:
        typer.echo(f"to be told: {', '.join(str(ticket.number) for ticket in moved.to_tell)}")


@counters_app.command()
def tell(
    once: Annotated[bool, typer.Option(help="Look once and end, for a scheduler of your own.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs; with --once.")] = False,
) -> None:
    """Tell people whose turn is close, remind them of appointments, and close days that are over."""
    import signal
    import threading

    from actions.queueing.opening import TELL_EVERY, open_teller
    from channels.notices import WebNotices
    from motcua import logs
    from motcua.settings import settings

    config = settings()
    logs.set_up(config.log_level, "teller")
    engine = _opened()
    teller = open_teller(config, engine, {"web": WebNotices(engine)})
    if once:
        done = teller.watch_once()
        if as_json:
            typer.echo(json.dumps(done.as_json()))
        else:
            typer.echo(f"{done.sent} sent, {done.later} to be sent later, {done.closed} counters closed")
        return
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    teller.watch(stop, TELL_EVERY)


def _opened(*, sample: bool = True) -> Engine:
    from knowledge.counters.book import CounterBook
    from knowledge.counters.sample import sample_counters
    from motcua.database import open_database, upgrade
    from motcua.settings import settings

    config = settings()
    upgrade(config.database)
    engine = open_database(config.database)
    if sample and config.counters_demo:
        CounterBook(engine).fill_if_empty(sample_counters())
    return engine


def _calendar() -> Any:
    from motcua.settings import settings
    from motcua.working_days import WorkingDays

    return WorkingDays(settings().dossier_days_off_file)


def _number(ticket: Ticket | None) -> int:
    return ticket.number if ticket else 0
