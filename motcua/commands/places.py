"""`motcua places …`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sqlalchemy import Engine

places_app = typer.Typer(help="Provinces, communes and service centres.", no_args_is_help=True)
offices_app = typer.Typer(help="Service centres, as staff list them.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the groups to the command line."""
    places_app.add_typer(offices_app, name="offices")
    app.add_typer(places_app, name="places")


def _open() -> Engine:
    from motcua.database import open_database, upgrade
    from motcua.settings import settings

    config = settings()
    upgrade(config.database)
    return open_database(config.database)


@places_app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="JSON list of provinces and communes, see docs/places.md.")],
) -> None:
    """Bring in the provinces and communes of today; the list before is replaced."""
    from knowledge.places.names import lost_old_names
    from knowledge.places.store import PlaceStore
    from knowledge.places.units import read_units

    units = read_units(source)
    store = PlaceStore(_open())
    store.write_units(units)
    typer.echo(f"{len(units.provinces)} provinces and {len(units.communes)} communes are in force")
    if lost := lost_old_names(units):
        typer.echo(f"{lost} old communes went into one that this list does not name: they are not found any more")
    codes = {unit.code for unit in units.communes}
    if gone := [office for office in store.offices() if office.commune_code and office.commune_code not in codes]:
        typer.echo(
            f"{len(gone)} service centres are of communes that this list does not name, the first "
            f"{gone[0].name!r}: import the offices anew"
        )
    raise typer.Exit(1 if lost or gone else 0)


@places_app.command()
def find(
    text: Annotated[str, typer.Argument(help="What somebody says, such as “bến thành quận 1”.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Name the communes and provinces of today that a text means, and the centres nearest to the first."""
    from knowledge.places import PlaceBook
    from motcua.settings import settings

    book = PlaceBook(_open(), home=settings().province)
    found = book.find_places(text)
    near = book.nearest_offices(found[0]) if found else []
    if as_json:
        told = {"places": [asdict(place) for place in found], "offices": [asdict(one) for one in near]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
        raise typer.Exit(0 if found else 1)
    for place in found:
        typer.echo(" ".join(filter(None, (place.name, place.code, f"({place.known_as})" if place.known_as else ""))))
    for one in near:
        far = "" if one.kilometres is None else f"  {one.kilometres:.1f} km"
        typer.echo(f"  {one.office.name}, {one.office.address}{far}")
    if not found:
        typer.echo("no place is named", err=True)
    raise typer.Exit(0 if found else 1)


@offices_app.command("import")
def offices_import(
    source: Annotated[Path, typer.Argument(help="CSV or XLSX with the columns of the template.")],
    fewer: Annotated[bool, typer.Option(help="Let it have less than half as many as are known.")] = False,
) -> None:
    """Bring in the service centres; all before are replaced, and nothing goes in when a row is at fault."""
    from knowledge.places import Gazetteer
    from knowledge.places.errors import BadOffices
    from knowledge.places.office_file import read_offices
    from knowledge.places.store import PlaceStore
    from motcua.settings import settings

    store = PlaceStore(_open())
    try:
        offices = read_offices(source, Gazetteer(store.units(), home=settings().province))
    except BadOffices as cause:
        for fault in cause.faults:
            typer.echo(f"{source.name}: {fault}", err=True)
        raise
    before = store.write_offices(offices, source.name, fewer=fewer)
    placed = sum(office.point is not None for office in offices)
    typer.echo(f"service centres: {len(offices)} now, {before} before; {placed} with latitude and longitude")


@offices_app.command()
def template(
    target: Annotated[Path, typer.Argument(help="File to write.")] = Path("offices.csv"),
) -> None:
    """Write a CSV with the columns that are read."""
    from knowledge.places.office_file import write_template

    write_template(target)
    typer.echo(f"{target} written; delete the sample line before importing")
