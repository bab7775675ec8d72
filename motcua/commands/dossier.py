"""`motcua dossier …`."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

dossier_app = typer.Typer(help="Citizens' dossiers: where they stand.", no_args_is_help=True)

_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Adds the group to the command line."""
    app.add_typer(dossier_app, name="dossier")


@dossier_app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="Export of the province's system: CSV or XLSX.")],
    map_file: Annotated[
        Path | None, typer.Option("--map", help="YAML file that names the columns; the usual names if none.")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
            help="When the export was made, in Vietnam's time; the file's own time if none.",
        ),
    ] = None,
    strict: Annotated[bool, typer.Option(help="Stop at the first bad row, with nothing gone in.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Bring dossiers in or up to date; bad rows are named and the rest goes in."""
    from actions.dossiers.exports import load_map
    from actions.dossiers.importing import import_export
    from actions.dossiers.opening import open_keys
    from actions.dossiers.reading import VIETNAM
    from motcua.database import open_database, upgrade
    from motcua.progress import bar
    from motcua.settings import settings

    config = settings()
    how = load_map(map_file)
    upgrade(config.database)
    with bar() as report:
        told = import_export(
            open_database(config.database),
            open_keys(config),
            source,
            how,
            as_of=as_of.replace(tzinfo=VIETNAM) if as_of else None,
            strict=strict,
            report=report,
        )
    if as_json:
        typer.echo(json.dumps(told.as_json(), ensure_ascii=False, indent=1))
        raise typer.Exit(0 if told.is_clean else 1)
    for bad in told.reasons[:_SHOWN]:
        typer.echo(f"{told.file}: {bad}", err=True)
    if told.broken > _SHOWN:
        typer.echo(f"{told.file}: and {told.broken - _SHOWN} bad rows more (--json lists up to 1000)", err=True)
    for spelling, count in told.unknown_states.most_common(_SHOWN):
        typer.echo(f"{told.file}: state {spelling!r} is none of the ten ({count} rows): name it in a map", err=True)
    if told.unused:
        typer.echo(f"{told.file}: nothing was made of the columns {', '.join(told.unused)}", err=True)
    typer.echo(
        f"dossiers as of {told.as_of.astimezone(VIETNAM):%Y-%m-%d %H:%M}: {told.new} new, {told.changed} changed, "
        f"{told.unchanged} unchanged, {told.older} known newer, {told.repeated} repeated, "
        f"{told.broken} bad rows, {told.without_key} without a second key"
    )
    raise typer.Exit(0 if told.is_clean else 1)


@dossier_app.command()
def days(
    year: Annotated[int | None, typer.Argument(min=1995, max=2098, help="The year; this one if none.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the days off and make-up working days of a year, to be compared with the year's decree."""
    from actions.dossiers.opening import open_working_days
    from actions.dossiers.reading import VIETNAM
    from motcua.settings import settings
    from motcua.working_days import read_days_off

    config = settings()
    if config.dossier_days_off_file.exists():
        read_days_off(config.dossier_days_off_file)
    asked = year or datetime.now(VIETNAM).year
    lines = open_working_days(config).year(asked)
    if as_json:
        table = [{"day": day.isoformat(), "open": is_open, "why": why} for day, is_open, why in lines]
        typer.echo(json.dumps(table, ensure_ascii=False, indent=1))
        return
    for day, is_open, why in lines:
        typer.echo(f"{day.isoformat()} {_weekday(day)} {'open  ' if is_open else 'closed'} {why}")


@dossier_app.command()
def watch(
    once: Annotated[bool, typer.Option(help="Look once and end, for a scheduler of your own.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs; with --once.")] = False,
) -> None:
    """Tell people who follow a dossier when it changes; `motcua run` does this by itself."""
    import signal
    import threading

    from actions.dossiers.opening import open_dossiers
    from actions.dossiers.watching import Quiet, Watcher
    from channels.notices import WebNotices
    from motcua import logs
    from motcua.database import open_database, upgrade
    from motcua.settings import settings

    config = settings()
    logs.set_up(config.log_level, "watcher")
    upgrade(config.database)
    engine = open_database(config.database)
    dossiers = open_dossiers(config, engine)
    watcher = Watcher(
        engine,
        dossiers,
        {"web": WebNotices(engine)},
        look_every=None if config.dossier_source == "sql" else timedelta(minutes=config.following_look_minutes),
        quiet=Quiet(config.following_quiet_from, config.following_quiet_until),
    )
    try:
        if once:
            done = watcher.watch_once()
            if as_json:
                typer.echo(json.dumps(done.as_json()))
            else:
                typer.echo(f"{done.made} notices made, {done.sent} sent, {done.later} to be sent later")
            raise typer.Exit(1 if done.problem else 0)
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        watcher.watch(stop, timedelta(seconds=config.following_interval))
    finally:
        dossiers.close()


def _weekday(day: date) -> str:
    return ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[day.weekday()]
