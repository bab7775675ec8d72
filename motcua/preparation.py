"""What must be there before the assistant can answer, and how each piece is made."""

from __future__ import annotations

import runpy
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

from actions.dossiers.opening import open_keys
from actions.dossiers.sample import load_samples
from actions.dossiers.sql_source import SqlDossiers
from knowledge.importers import load_starter
from knowledge.search import SearchEngine, build_index, is_current
from knowledge.search.index import version_name
from knowledge.store import Catalogue
from motcua.database import is_current as database_is_current
from motcua.database import open_database, upgrade
from motcua.errors import StepFailed
from motcua.settings import ROOT, Settings, settings
from motcua.steps import Report, Step
from nlu.encoder import build_encoder, is_encoder_folder, load_encoder


def preparation_steps(config: Settings) -> list[Step]:
    """The steps from a bare clone to an assistant that can answer, in the order they build on each other."""
    return [
        Step("Sentence encoder", partial(_encoder_missing, config), partial(_make_encoder, config)),
        Step(
            "Database",
            lambda: not database_is_current(open_database(config.database)),
            lambda _: upgrade(config.database),
        ),
        Step("Starter catalogue", lambda: True, partial(_load_starter, config)),
        Step("Demo dossiers", partial(_demo_missing, config), partial(_load_demo, config)),
        Step("Search index", partial(_index_stale, config), partial(_make_index, config)),
        Step("Dialogue model", partial(_model_missing, config), partial(_train, config)),
    ]


def open_catalogue() -> Catalogue:
    """Opens the catalogue of the settings in force, its database brought up to date.

    Raises:
        DatabaseUnusable: it cannot be reached, read or written.
    """
    config = settings()
    upgrade(config.database)
    return Catalogue(open_database(config.database))


def open_engine() -> SearchEngine:
    """Opens search on the index in force.

    Raises:
        EncoderError, IndexMissing, IndexCorrupt: what is missing or damaged.
    """
    config = settings()
    encoder = load_encoder(config.encoder_in_force, config.encoder_threads)
    return SearchEngine(config.index_folder, encoder, province=config.province, follow=False)


def build_search_index(report: Callable[[str, int, int], None], *, force: bool = False) -> str:
    """Builds the index of the catalogue in force and switches to it; gives its version."""
    config = settings()
    catalogue = open_catalogue()
    return build_index(
        list(catalogue.procedures()),
        load_encoder(config.encoder_in_force, config.encoder_threads),
        config.index_folder,
        catalogue_digest=catalogue.digest(),
        catalogue_version=catalogue.version(),
        cache=config.cache_folder / "embeddings.sqlite",
        progress=report,
        force=force,
    )


def _encoder_missing(config: Settings) -> bool:
    return not config.encoder and not is_encoder_folder(config.encoder_folder)


def _make_encoder(config: Settings, report: Report) -> None:
    build_encoder(
        config.encoder_folder,
        config.cache_folder / "encoder",
        progress=lambda _, done, total: report(done, total),
    )


def _load_starter(config: Settings, _: Report) -> None:
    load_starter(Catalogue(open_database(config.database)))


def _demo_missing(config: Settings) -> bool:
    if not config.dossier_demo or config.dossier_source != "sql":
        return False
    engine = open_database(config.database)
    try:
        return SqlDossiers(engine, open_keys(config)).is_empty()
    finally:
        engine.dispose()


def _load_demo(config: Settings, _: Report) -> None:
    engine = open_database(config.database)
    try:
        load_samples(engine, open_keys(config))
    finally:
        engine.dispose()


def _index_stale(config: Settings) -> bool:
    catalogue = Catalogue(open_database(config.database))
    encoder = load_encoder(config.encoder_in_force, config.encoder_threads)
    return not is_current(config.index_folder, version_name(catalogue.digest(), encoder))


def _make_index(_: Settings, report: Report) -> None:
    build_search_index(lambda __, done, total: report(done, total))


def rasa_model(config: Settings) -> Path:
    """Gives where the trained model of the present dialogue files stands or will stand."""
    # bot/ belongs to another environment, but its trainer reads file names and hashes with the standard library.
    trainer = runpy.run_path(str(ROOT / "bot" / "train.py"))
    return Path(trainer["model_path"](config.models_folder))


def _model_missing(config: Settings) -> bool:
    return not rasa_model(config).exists()


def _train(config: Settings, _: Report) -> None:
    command = [str(config.bot_python), "bot/train.py", "--models", str(config.models_folder)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError as cause:
        raise StepFailed(f"Rasa's environment cannot be started ({cause.strerror}): run 'make setup'") from cause
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise StepFailed(f"training failed: {lines[-1] if lines else 'no message'}")
