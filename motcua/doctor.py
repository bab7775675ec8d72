"""`motcua doctor`: looks at everything the assistant rests on and says what is wrong and what to do."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from motcua import preflight
from motcua.bootstrap import SetUp
from motcua.errors import CannotStart, SetUpFailed
from motcua.settings import ROOT, Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

State = Literal["ok", "warn", "bad"]

_TRAIN = "`motcua run` or `motcua prepare` trains it"

ROOMY_GB = 3.0
"""Less than this is worth a word: an import of the whole catalogue, its index and a backup fit into it."""


@dataclass(frozen=True)
class Finding:
    """What one look gave.

    Attributes:
        name: what was looked at.
        state: "ok"; "warn", the assistant runs but something is not as it should be; "bad", it cannot run.
        says: one sentence.
        todo: what to do; empty when nothing.
    """

    name: str
    state: State
    says: str
    todo: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether the assistant cannot run like this."""
        return self.state == "bad"

    def __str__(self) -> str:
        """One line for the terminal."""
        return f"{self.state:<4}  {self.name}: {self.says}" + (f" → {self.todo}" if self.todo else "")


def doctor(settings: Settings, root: Path = ROOT) -> list[Finding]:
    """Looks at everything; never raises because of what it finds.

    Args:
        settings: the settings in force.
        root: the checkout.
    """
    looks: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("environments", lambda: _environments(settings, root)),
        ("versions", lambda: _versions(root)),
        ("home folder", lambda: _home(settings)),
        ("database", lambda: _database(settings)),
        ("encoder", lambda: _encoder(settings)),
        ("search index", lambda: _index(settings)),
        ("model of the bot", lambda: _model(settings)),
        ("ports", lambda: _ports(settings)),
    )
    findings: list[Finding] = []
    for name, look in looks:
        try:
            findings += look()
        except Exception as cause:  # a broken look is a finding too
            findings.append(Finding(name, "bad", f"could not be looked at ({type(cause).__name__}: {cause})"))
    return findings


def _environments(settings: Settings, root: Path) -> Iterator[Finding]:
    try:
        missing = SetUp(root).missing()
    except SetUpFailed as cause:
        yield Finding("environments", "bad", str(cause), "clone again")
        return
    if missing & {"services"}:
        yield Finding("environments", "warn", ".venv is not as the locks say", "run `make setup`")
    else:
        yield Finding("environments", "ok", ".venv is as the locks say")
    if problem := preflight.bot_problem(settings.bot_python):
        yield Finding("environments", "bad", problem.partition(": run")[0], "run `make setup`")
    elif "bot" in missing:
        yield Finding("environments", "warn", "bot/.venv is not as its lock says", "run `make setup`")
    else:
        yield Finding("environments", "ok", "bot/.venv is as its lock says")


def _versions(root: Path) -> Iterator[Finding]:
    text = (root / "requirements" / "services.lock").read_text(encoding="utf-8")
    others = []
    for name, locked in re.findall(r"^([a-z0-9-]+)==(\S+)$", text, re.MULTILINE):
        try:
            there = version(name).partition("+")[0]
        except PackageNotFoundError:
            there = "nothing"
        if there != locked:
            others.append(f"{name} is {there} instead of {locked}")
    shown = f"Python {sys.version.split()[0]}, Motcua {version('motcua')}"
    if others:
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        yield Finding("versions", "warn", f"{shown}; {', '.join(others[:3])}{more}", "run `make setup`")
    else:
        yield Finding("versions", "ok", f"{shown}, every library as locked")


def _home(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    if problem := preflight.folder_problem(home):
        yield _bad("home folder", problem)
        return
    yield Finding("home folder", "ok", f"{home} can be written")
    if problem := preflight.space_problem(home):
        yield _bad("disk", problem, "free some space")
    elif preflight.space_problem(home, ROOMY_GB):
        yield Finding("disk", "warn", f"less than {ROOMY_GB:g} GB are free under {home}", "free some space")
    else:
        yield Finding("disk", "ok", "there is room")


def _database(settings: Settings) -> Iterator[Finding]:
    from motcua.database import is_current, open_database

    file = settings.home / "motcua.db"
    if not settings.database_url and not file.exists():
        yield Finding("database", "warn", "there is none yet", "`motcua run` or `motcua prepare` makes it")
        return
    if problem := preflight.database_problem(settings.database):
        yield _bad("database", problem)
        return
    engine = open_database(settings.database)
    try:
        if is_current(engine):
            yield Finding("database", "ok", f"{engine.dialect.name}, of the shape this version expects")
            yield _extent(engine)
        else:
            yield Finding(
                "database", "warn", "not of the shape this version expects", "run `motcua db upgrade`"
            )
    finally:
        engine.dispose()


def _extent(engine: Engine) -> Finding:
    from knowledge.store import Catalogue

    detailed, named = Catalogue(engine).extent()
    says = f"{detailed} procedures in detail, {named} by name only"
    # People are sent to the portal for those.
    return Finding("catalogue", "ok", says, "`motcua catalogue import FILE` brings their details" if named else "")


def _encoder(settings: Settings) -> Iterator[Finding]:
    from nlu.encoder import is_encoder_folder, load_encoder
    from nlu.errors import NluError

    if not settings.encoder and not is_encoder_folder(settings.encoder_folder):
        yield Finding("encoder", "warn", "the offline encoder is not built", "run `motcua encoder build`")
        return
    try:
        encoder = load_encoder(settings.encoder_in_force, settings.encoder_threads)
    except NluError as cause:
        todo = "correct MOTCUA_ENCODER" if settings.encoder else "run `motcua encoder build`"
        yield Finding("encoder", "bad", str(cause), todo)
    else:
        yield Finding("encoder", "ok", f"{settings.encoder_in_force} works ({encoder.fingerprint})")


def _index(settings: Settings) -> Iterator[Finding]:
    from knowledge.errors import IndexMissing, KnowledgeError
    from knowledge.search.index import SearchIndex, current_folder

    todo = "run `motcua index build`"
    try:
        index = SearchIndex.open(current_folder(settings.index_folder))
    except IndexMissing:
        yield Finding("search index", "warn", "there is none yet", todo)
    except KnowledgeError as cause:
        yield Finding("search index", "bad", str(cause), todo)
    else:
        held = f"{index.manifest.procedures} procedures, version {index.manifest.version}"
        yield Finding("search index", "ok", held)


def _model(settings: Settings) -> Iterator[Finding]:
    from motcua.preparation import rasa_model

    model = rasa_model(settings)
    if model.exists():
        yield Finding("model of the bot", "ok", f"{model.name} fits the files of the bot")
    elif any(settings.models_folder.glob("*.tar.gz")):
        yield Finding("model of the bot", "warn", "the bot has changed since its training", _TRAIN)
    else:
        yield Finding("model of the bot", "warn", "it is not trained", _TRAIN)


def _ports(settings: Settings) -> Iterator[Finding]:
    if not preflight.folder_problem(settings.home):
        try:
            with preflight.only_one(settings.home):
                pass
        except CannotStart as running:
            yield Finding("ports", "ok", str(running).partition(":")[0])
            return
    problems = list(preflight.port_problems(settings))
    for problem in problems:
        yield _bad("ports", problem)
    if not problems:
        wanted = f"{settings.port}, {settings.rasa_port} and {settings.actions_port}"
        yield Finding("ports", "ok", f"{wanted} are free")


def _bad(name: str, problem: str, todo: str = "") -> Finding:
    says, _, after = problem.rpartition(": ")
    return Finding(name, "bad", problem, todo) if todo or not says else Finding(name, "bad", says, after)
