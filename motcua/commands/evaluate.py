"""`motcua evaluate search|ladder|intents|dialogues|offtopic`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

evaluate_app = typer.Typer(help="Measure how good the assistant is.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="Question set, one JSON object a line.")]
Report = Annotated[Path | None, typer.Option("--json", help="File for the report.")]
Out = Annotated[Path | None, typer.Option(help="File for what was predicted, a line a question.")]
Url = Annotated[str, typer.Option(help="Where the running assistant answers.")]


def register(app: typer.Typer) -> None:
    """Adds the group to the command line."""
    app.add_typer(evaluate_app, name="evaluate")


@evaluate_app.command()
def search(
    file: File,
    catalogue: Annotated[
        Path | None, typer.Option(help="Portal records; the catalogue in force if none.")
    ] = None,
    json_report: Report = None,
    predictions: Out = None,
) -> None:
    """Find the procedure of every question, and measure hits, decisions and latency."""
    from evaluation.questions import Question, read_lines
    from evaluation.search import engine_for, predict, report
    from motcua.progress import bar
    from motcua.settings import settings

    questions = read_lines(file, Question)
    with bar() as progress:
        engine = engine_for(settings(), catalogue, progress)
        found = predict(engine, questions, progress)
    if predictions:
        predictions.write_text("".join(p.as_line() + "\n" for p in found), encoding="utf-8")
    _show(report(questions, found), json_report)


@evaluate_app.command()
def ladder(
    files: Annotated[list[Path], typer.Argument(help="Question sets, one JSON object a line.")],
    catalogue: Annotated[
        Path | None, typer.Option(help="Portal records; the catalogue in force if none.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for ladder.md and ladder.svg.")] = Path("var/ladder"),
    json_report: Report = None,
) -> None:
    """Measure search on every rung of noise, with intervals, as a table and a plot."""
    from evaluation.ladder import as_markdown, as_svg, climb, figures
    from evaluation.questions import Question, read_lines
    from evaluation.search import engine_for
    from motcua.progress import bar
    from motcua.settings import settings

    sets = {file.stem: read_lines(file, Question) for file in files}
    with bar() as progress:
        found = climb(engine_for(settings(), catalogue, progress), sets, progress)
    out.mkdir(parents=True, exist_ok=True)
    (out / "ladder.md").write_text(as_markdown(found), encoding="utf-8")
    (out / "ladder.svg").write_text(as_svg(figures(found), "Hit@1, 95 % interval"), encoding="utf-8")
    if json_report:
        json_report.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    typer.echo(as_markdown(found))


@evaluate_app.command()
def intents(file: File, json_report: Report = None) -> None:
    """Classify every message with the trained dialogue model."""
    from evaluation.intents import evaluate_intents
    from motcua.preparation import rasa_model
    from motcua.settings import settings

    config = settings()
    _show(evaluate_intents(file, config.bot_python, rasa_model(config)), json_report)


@evaluate_app.command()
def dialogues(
    file: File, url: Url = "http://127.0.0.1:8080", json_report: Report = None, predictions: Out = None
) -> None:
    """Hold every conversation with the running assistant and compare each turn with what is expected."""
    from evaluation.conversations import evaluate_dialogues
    from evaluation.questions import Dialogue, read_lines
    from motcua.progress import bar

    with bar() as progress:
        report, lines = evaluate_dialogues(read_lines(file, Dialogue), url, progress)
    _write(predictions, lines)
    _show(report, json_report)


@evaluate_app.command()
def offtopic(
    file: File, url: Url = "http://127.0.0.1:8080", json_report: Report = None, predictions: Out = None
) -> None:
    """Send off-topic and odd-looking messages to the running assistant and see what it takes up."""
    from evaluation.conversations import evaluate_offtopic
    from evaluation.questions import Odd, read_lines
    from motcua.progress import bar

    with bar() as progress:
        report, lines = evaluate_offtopic(read_lines(file, Odd), url, progress)
    _write(predictions, lines)
    _show(report, json_report)


@evaluate_app.command()
def grounding(
    catalogue: Annotated[
        Path | None, typer.Option(help="Portal records; the catalogue in force if none.")
    ] = None,
    json_report: Report = None,
) -> None:
    """Answer every aspect of every procedure, and prove that each figure stands in its record."""
    from evaluation.grounding import check_grounding
    from evaluation.search import catalogue_for
    from motcua.preparation import open_catalogue
    from motcua.progress import bar
    from motcua.settings import settings

    with bar() as progress:
        store = catalogue_for(settings(), catalogue, progress) if catalogue else open_catalogue()
        report = check_grounding(store, progress)
    _show(report, json_report)
    raise typer.Exit(1 if report["offences"] else 0)


def _show(report: dict[str, Any], target: Path | None) -> None:
    text = json.dumps(report, ensure_ascii=False, indent=1)
    if target:
        target.write_text(text + "\n", encoding="utf-8")
    typer.echo(text)


def _write(target: Path | None, lines: list[dict[str, Any]]) -> None:
    if target:
        target.write_text(
            "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8"
        )
