"""`motcua receipt`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from channels.handover.receipts import Receipt


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""
    app.command()(receipt)


def receipt(
    code: Annotated[str, typer.Argument(help="Code such as A7K2-QW3E; case, blanks and 0 for O do not matter.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show exactly what was told under a receipt, from which catalogue version, and what has changed since."""
    from channels.handover.receipts import find_receipts
    from motcua.database import open_database, upgrade
    from motcua.settings import settings

    url = settings().database
    upgrade(url)
    with open_database(url).connect() as connection:
        found = find_receipts(connection, code)
    if as_json:
        typer.echo(json.dumps([_as_json(one) for one in found], ensure_ascii=False, indent=1))
    elif not found:
        typer.echo(f"no answer was given under {code}", err=True)
    else:
        typer.echo("\n\n".join(_as_text(one) for one in found))
    raise typer.Exit(0 if found else 1)


def _as_text(one: Receipt) -> str:
    from channels.handover.hours import VIETNAM

    lines = [
        f"receipt:    {one.code}",
        f"first told: {one.first_told_at.astimezone(VIETNAM):%Y-%m-%d %H:%M}",
        f"catalogue:  version {one.catalogue_version}"
        + (f" of {one.version_at.astimezone(VIETNAM):%Y-%m-%d %H:%M} ({one.version_reason})" if one.version_at else ""),
        f"procedure:  {one.procedure or '-'}, {one.aspect or '-'}",
    ]
    for change in one.changes:
        when = f" of {change.at.astimezone(VIETNAM):%Y-%m-%d %H:%M}" if change.at else ""
        what = "withdrawn" if change.is_withdrawn else "changed"
        lines.append(f"since then: {change.part} {what} with version {change.version}{when}")
    if one.procedure and not one.changes:
        lines.append("since then: unchanged")
    return "\n".join([*lines, "", one.reply.text if one.reply else one.shown])


def _as_json(one: Receipt) -> dict[str, Any]:
    return {
        "code": one.code,
        "first_told_at": one.first_told_at.isoformat(),
        "catalogue_version": one.catalogue_version,
        "procedure": one.procedure,
        "aspect": one.aspect,
        "shown": json.loads(one.shown),
        "changes": [
            {"part": change.part, "version": change.version, "withdrawn": change.is_withdrawn} for change in one.changes
        ],
    }
