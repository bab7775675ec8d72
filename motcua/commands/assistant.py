"""`motcua run`, `motcua chat`, `motcua prepare`, `motcua doctor`."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    app.command()(run)
    app.command()(chat)
    app.command()(prepare)
    app.command()(doctor)


def run() -> None:
    """Prepare what is missing, start everything and keep it running."""
    from motcua.settings import settings
    from motcua.supervisor import run as supervise

    raise typer.Exit(supervise(settings()))


def chat(
    url: Annotated[str, typer.Option(help="Where the gateway answers.")] = "",
) -> None:
    """Talk to the running assistant in the terminal."""
    from channels.terminal import chat as talk
    from motcua.settings import settings

    raise typer.Exit(talk(url or f"http://127.0.0.1:{settings().port}"))


def prepare() -> None:
    """Make what running needs: encoder, database, starter catalogue, index, Rasa model."""
    from rich.console import Console

    from motcua.preflight import check_database
    from motcua.preparation import preparation_steps
    from motcua.settings import settings
    from motcua.steps import run_steps

    config = settings()
    check_database(config)
    run_steps(preparation_steps(config), Console(stderr=True), log=config.home / "log" / "prepare.log")


def doctor() -> None:
    """Look at the installation and say what is wrong with it."""
    from motcua.doctor import doctor as examine
    from motcua.settings import settings

    findings = examine(settings())
    for finding in findings:
        typer.echo(str(finding))
    raise typer.Exit(1 if any(finding.is_bad for finding in findings) else 0)
