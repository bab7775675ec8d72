"""`motcua staff …` and `motcua audit …`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from channels.console.permissions import Role

staff_app = typer.Typer(help="Accounts of the staff console.", no_args_is_help=True)
audit_app = typer.Typer(help="The audit log of the staff console.", no_args_is_help=True)

T = TypeVar("T")
_Name = Annotated[str, typer.Argument(help="User name: lower-case letters without accents, digits, dots, dashes.")]


def register(app: typer.Typer) -> None:
    """Adds the groups to the command line."""
    app.add_typer(staff_app, name="staff")
    app.add_typer(audit_app, name="audit")


@staff_app.command()
def add(
    name: _Name,
    role: Annotated[
        list[str],
        typer.Option(help="editor, reviewer, officer, analyst or administrator; may be given several times."),
    ],
    display: Annotated[str, typer.Option(help="How colleagues are shown this member; the user name if none.")] = "",
    ask_password: Annotated[
        bool, typer.Option(help="Ask here for a first password, to be changed at once, instead of giving a code.")
    ] = False,
) -> None:
    """Make an account; prints a one-time code with which its member chooses a password."""
    from channels.console import accounts, passwords
    from motcua.settings import settings

    first = None
    if ask_password:
        password = typer.prompt("First password", hide_input=True, confirmation_prompt=True)
        passwords.check(password, accounts.folded(name))
        first = passwords.make_hash(password)
    roles = _roles(role)
    hours = settings().console_code_hours
    code = _change(
        lambda connection: accounts.add(
            connection, accounts.COMMAND_LINE, name, display, roles, code_hours=hours, first_hash=first
        )
    )
    typer.echo(f"account {accounts.folded(name)} made")
    _tell(code)


@staff_app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """List the accounts."""
    from channels.console import accounts

    listed = _change(accounts.everyone)
    if as_json:
        table = [
            {
                "name": account.name,
                "display": account.display,
                "roles": sorted(account.roles),
                "password": account.has_password,
                "second_factor": account.has_second_factor,
                "made_at": account.made_at.isoformat(timespec="seconds"),
                "disabled": account.disabled_at is not None,
            }
            for account in listed
        ]
        typer.echo(json.dumps(table, ensure_ascii=False, indent=1))
        return
    if not listed:
        typer.echo("no accounts yet: motcua staff add NAME --role administrator")
    for account in listed:
        state = "disabled" if account.disabled_at else "waits for a password" if not account.has_password else "open"
        second = "second factor" if account.has_second_factor else "password only"
        typer.echo(f"{account.name:<20} {','.join(sorted(account.roles)):<40} {state}, {second}")


@staff_app.command()
def reset(
    name: _Name,
    second_factor: Annotated[
        bool, typer.Option("--second-factor", help="Take the second factor away as well (a lost telephone).")
    ] = False,
) -> None:
    """Take an account's password away and print a one-time code to choose another; its sessions end."""
    from channels.console import accounts
    from motcua.settings import settings

    hours = settings().console_code_hours
    code = _change(
        lambda connection: accounts.reset(
            connection, accounts.COMMAND_LINE, name, second_factor=second_factor, code_hours=hours
        )
    )
    typer.echo(f"account {accounts.folded(name)} reset")
    _tell(code)


@staff_app.command()
def disable(name: _Name) -> None:
    """Close an account; its sessions end."""
    from channels.console import accounts

    _change(lambda connection: accounts.disable(connection, accounts.COMMAND_LINE, name))
    typer.echo(f"account {accounts.folded(name)} disabled")


@staff_app.command()
def enable(name: _Name) -> None:
    """Open an account again."""
    from channels.console import accounts

    _change(lambda connection: accounts.enable(connection, accounts.COMMAND_LINE, name))
    typer.echo(f"account {accounts.folded(name)} enabled")


@audit_app.command()
def verify(
    noted: Annotated[
        str,
        typer.Option(help="NUMBER:DIGEST that this command printed before: the log up to there must be the same."),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Look over the audit log: finds a changed, removed or reordered row (exit code 1)."""
    from channels.console import audit

    number, _, digest = noted.partition(":")
    if noted and not (number.isascii() and number.isdigit() and len(digest) >= 8):
        raise typer.BadParameter("NUMBER:DIGEST, with at least 8 signs of the digest", param_hint="--noted")
    kept = (int(number), digest.lower()) if noted else None
    verdict = _change(lambda connection: audit.verify(connection, kept))
    if as_json:
        faults = [{"row": fault.number, "kind": fault.kind, "sentence": fault.sentence} for fault in verdict.faults]
        told = {"rows": verdict.rows, "last": verdict.number, "digest": verdict.digest, "faults": faults}
        typer.echo(json.dumps(told, indent=1))
    else:
        for fault in verdict.faults:
            typer.echo(f"audit log: {fault.sentence}", err=True)
        found = "nothing wrong" if not verdict.faults else f"{len(verdict.faults)} faults"
        typer.echo(f"audit log: {verdict.rows} rows, {found}; the last one is {verdict.number}:{verdict.digest}")
    raise typer.Exit(1 if verdict.faults else 0)


def _roles(names: list[str]) -> frozenset[Role]:
    from channels.console.permissions import Role, roles_of

    unknown = [name for name in names if not roles_of([name])]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]} is none of {', '.join(Role)}", param_hint="--role")
    return roles_of(names)


def _change(work: Callable[[Connection], T]) -> T:
    from sqlalchemy.exc import SQLAlchemyError

    from motcua.database import DatabaseUnusable, in_one_line, open_database, upgrade
    from motcua.settings import settings

    url = settings().database
    upgrade(url)
    engine = open_database(url)
    try:
        with engine.begin() as connection:
            return work(connection)
    except SQLAlchemyError as cause:
        raise DatabaseUnusable(in_one_line(cause)) from cause
    finally:
        engine.dispose()


def _tell(code: str) -> None:
    from motcua.settings import settings

    if not code:
        typer.echo("the password must be changed at the first sign-in")
        return
    typer.echo(f"one-time code, for {settings().console_code_hours} hours, shown this once: {code}")
    typer.echo("open /console, choose 'Tôi có mã dùng một lần', and set the password there")
