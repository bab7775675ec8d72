"""`motcua search`, `motcua ask`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from knowledge.search import Hit
    from knowledge.search.ranker import Ranker

_REASONS = 6


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    app.command()(search)
    app.command()(ask)


def search(
    question: Annotated[str, typer.Argument(help="What a person would type.")],
    k: Annotated[int, typer.Option("-k", min=1, max=50, help="How many procedures.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Find procedures in the index in force."""
    from motcua.preparation import open_engine

    engine = open_engine()
    result = engine.search(question, k)
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "text": result.text,
                    "probability": result.probability,
                    "relevance": result.relevance,
                    "milliseconds": round(result.milliseconds, 2),
                    "hits": [
                        {"code": h.code, "name": h.name, "score": h.score, "features": h.features}
                        for h in result.hits
                    ],
                },
                ensure_ascii=False,
                indent=1,
            )
        )
        return
    typer.echo(f"read as: {result.text}")
    for hit in result.hits:
        typer.echo(f"{hit.score:7.3f}  {hit.code:10}  {hit.name[:120]}")
    typer.echo(
        f"right on top with probability {result.probability:.2f}, about a procedure {result.relevance:.2f}, "
        f"{result.milliseconds:.1f} ms"
    )


def ask(
    question: Annotated[str, typer.Argument(help="What a person would type.")],
    aspect: Annotated[str, typer.Option(help="Aspect asked for, as Rasa would tell.")] = "overview",
    explain: Annotated[
        bool, typer.Option(help="Show how the message was read and what was decided.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The whole Reply.")] = False,
) -> None:
    """Answer one question without a conversation (Rasa is not asked; name the aspect)."""
    from typing import get_args

    from actions.pipeline import answer, steps
    from actions.serve import build_world
    from actions.turn import Turn
    from motcua.reply import Aspect
    from motcua.settings import settings
    from nlu.text import asking_part

    if aspect not in get_args(Aspect):
        raise typer.BadParameter(f"one of {', '.join(get_args(Aspect))}", param_hint="--aspect")
    world = build_world(settings())
    turn = answer(Turn(text=question, intent=f"ask_{aspect}", aspect=aspect), steps(world))  # type: ignore[arg-type]
    if turn.reply is None:
        raise typer.Exit(1)
    if explain:
        result = turn.result
        typer.echo(f"typed:    {question}", err=True)
        if result:
            reading = world.engine.explain(question)
            for change in reading.changes:
                typer.echo(f"          {change.typed} → {change.read}  ({change.step})", err=True)
            typer.echo(f"read as:  {result.text}", err=True)
            if reading.text != (asking := asking_part(reading.text)):
                typer.echo(f"asks:     {asking}", err=True)
            for hit in result.hits[:5]:
                typer.echo(f"{hit.score:7.3f}  {hit.code:10}  {hit.name[:100]}", err=True)
            typer.echo(f"because:  {_because(world.engine.ranker, result.hits[0])}", err=True)
        typer.echo(f"decided:  {turn.status} {json.dumps(turn.trace)}", err=True)
    typer.echo(turn.reply.model_dump_json(indent=1) if as_json else turn.reply.text)


def _because(ranker: Ranker, hit: Hit) -> str:
    """The features that speak most for and against a hit."""
    parts = {name: weight * hit.features[name] for name, weight in ranker.weights.items()}
    strongest = sorted(parts, key=lambda name: -abs(parts[name]))[:_REASONS]
    return ", ".join(f"{name} {parts[name]:+.2f}" for name in strongest)
