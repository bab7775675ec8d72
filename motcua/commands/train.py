"""`motcua train fusion`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

train_app = typer.Typer(help="Fit what is learned from questions.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the group to the command line."""
    app.add_typer(train_app, name="train")


@train_app.callback()
def _group() -> None:
    """Fit what is learned from questions."""


@train_app.command()
def fusion(
    questions: Annotated[list[Path], typer.Argument(help="Question sets, one JSON object a line.")],
    catalogue: Annotated[Path, typer.Option(help="Portal records of the whole catalogue.")],
    foreign: Annotated[list[Path], typer.Option(help="Sets of messages that are about no procedure.")],
    write: Annotated[bool, typer.Option(help="Put the result into force.")] = False,
) -> None:
    """Fit the weights of the search fusion and its probabilities, cross-validated by procedure."""
    from evaluation.foreign import read_foreign
    from evaluation.questions import Question, read_lines
    from evaluation.search import engine_for
    from evaluation.training import fit
    from knowledge.search.fusion import save
    from motcua.progress import bar
    from motcua.settings import settings

    with bar() as progress:
        engine = engine_for(settings(), catalogue, progress)
        fitted, report = fit(
            engine,
            {path.stem: read_lines(path, Question) for path in questions},
            [message for path in foreign for message in read_foreign(path)],
            progress,
        )
    typer.echo(json.dumps(report, indent=1))
    if write:
        save(fitted)
