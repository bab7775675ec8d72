"""`motcua bench`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    app.command()(bench)


def bench(
    url: Annotated[str, typer.Option(help="Measure a running assistant too.")] = "",
    json_report: Annotated[Path | None, typer.Option("--json", help="File for the report.")] = None,
) -> None:
    """Measure speed and memory: search with the encoder, and the whole answer through the web API."""
    from evaluation.bench import bench as measure
    from motcua.settings import settings

    measure(settings(), url=url, report=json_report)
