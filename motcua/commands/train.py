"""`motcua train adapter|ranker`."""

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
def adapter(
    catalogue: Annotated[Path, typer.Option(help="Portal records of the whole catalogue.")],
    write: Annotated[bool, typer.Option(help="Put the result into force; the index is to be built again.")] = False,
) -> None:
    """Learn the map that brings what people say near what is meant, from the project's own phrases."""
    from evaluation.search import catalogue_for
    from evaluation.training.adapter import learn_adapter
    from knowledge.search.embeddings import EmbeddingCache
    from motcua.progress import bar
    from motcua.settings import settings
    from nlu.encoder import load_encoder

    config = settings()
    encoder = load_encoder(config.encoder_in_force, config.encoder_threads)
    with bar() as progress:
        procedures = list(catalogue_for(config, catalogue, progress).procedures())
        learned = learn_adapter(
            procedures, encoder, EmbeddingCache(config.cache_folder / "embeddings.sqlite"), progress
        )
    if write:
        learned.save(encoder)
    typer.echo(f"adapter {learned.digest}" + ("" if write else " (not written: --write puts it into force)"))


@train_app.command()
def ranker(
    questions: Annotated[list[Path], typer.Argument(help="Question sets, one JSON object a line.")],
    catalogue: Annotated[Path, typer.Option(help="Portal records of the whole catalogue.")],
    foreign: Annotated[list[Path], typer.Option(help="Sets of messages that are about no procedure.")],
    write: Annotated[bool, typer.Option(help="Put the result into force.")] = False,
) -> None:
    """Fit what orders procedures and how sure it is, cross-validated by procedure."""
    from evaluation.foreign import read_foreign
    from evaluation.questions import Question, read_lines
    from evaluation.search import engine_for, engine_without_phrases
    from evaluation.training.ranker import fit
    from knowledge.search.ranker import REPORT
    from motcua.progress import bar
    from motcua.settings import settings

    with bar() as progress:
        config = settings()
        fitted, report = fit(
            engine_for(config, catalogue, progress),
            {path.stem: read_lines(path, Question) for path in questions},
            engine_without_phrases(config, catalogue, progress),
            [message for path in foreign for message in read_foreign(path)],
            progress,
        )
    typer.echo(json.dumps(report, indent=1))
    if write:
        fitted.save()
        REPORT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
