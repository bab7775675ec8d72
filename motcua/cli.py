"""The command `motcua`.

Exit codes: 0 done, 1 done and found wanting (broken lines, differences, findings), 2 used wrongly or not
possible here. Whatever goes wrong says so in one line on standard error.
"""

from __future__ import annotations

import os
import sys

import typer

from motcua.commands import (
    assistant,
    catalogue,
    counters,
    dossier,
    evaluate,
    places,
    receipt,
    retention,
    search,
    staff,
    train,
    upkeep,
)

app = typer.Typer(
    name="motcua",
    help="Tells people in Vietnam how to get an administrative procedure done.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
assistant.register(app)
search.register(app)
receipt.register(app)
catalogue.register(app)
dossier.register(app)
counters.register(app)
places.register(app)
staff.register(app)
evaluate.register(app)
train.register(app)
retention.register(app)
upkeep.register(app)


def main() -> int:
    """Runs a command line and gives its exit code."""
    try:
        app()
        return 0
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader went away ("| head"): nothing is wrong here.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as cause:
        line = _in_one_line(cause)
        if line is None:
            raise
        print(f"motcua: {line}", file=sys.stderr)
        return 2


def _in_one_line(cause: Exception) -> str | None:
    """The operator's sentence for an expected failure; None for one that is a fault of ours."""
    from pydantic import ValidationError

    from actions.errors import ActionError
    from channels.errors import ChannelError
    from evaluation.errors import EvaluationError
    from knowledge.errors import KnowledgeError
    from motcua.database import DatabaseUnusable
    from motcua.errors import MotcuaError
    from nlu.errors import NluError

    if isinstance(cause, ValidationError) and cause.title == "Settings":
        first = cause.errors()[0]
        return f"setting MOTCUA_{str(first['loc'][0]).upper()}: {first['msg']}"
    ours = KnowledgeError | NluError | ActionError | ChannelError | EvaluationError | MotcuaError | DatabaseUnusable
    if isinstance(cause, ours):
        return " ".join(str(cause).split())
    if isinstance(cause, OSError):
        where = f"{cause.filename}: " if cause.filename else ""
        return f"{where}{cause.strerror or cause}"
    return None


if __name__ == "__main__":
    raise SystemExit(main())
