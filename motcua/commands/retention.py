"""`motcua retention …`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

retention_app = typer.Typer(help="What is kept of people, and for how long.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the group to the command line."""
    app.add_typer(retention_app, name="retention")


@retention_app.callback()
def _group() -> None:
    """What is kept of people, and for how long."""


@retention_app.command()
def run(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Delete what is older than the settings allow; a running gateway does the same every minute."""
    from channels.handover.retention import delete_messages, sweep
    from channels.storage import now
    from motcua.database import open_database, upgrade
    from motcua.settings import settings

    config = settings()
    upgrade(config.database)
    with open_database(config.database).begin() as connection:
        swept = sweep(connection, now(), config.handover_keep_days, config.chat_keep_days)
        delete_messages(connection, "web")
    if as_json:
        typer.echo(json.dumps(swept.as_json()))
        return
    typer.echo(
        f"deleted: {swept.cases} cases of officers, {swept.reports} reports, "
        f"the messages of {swept.sessions} web sessions"
    )
