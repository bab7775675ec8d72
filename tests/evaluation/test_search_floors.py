"""How good and how fast search is on the whole catalogue. The floors only rise."""

import os
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from evaluation.noise import RUNGS, noisy
from evaluation.questions import Question, read_lines
from evaluation.search import catalogue_for, predict, report
from knowledge.search import SearchEngine, SearchIndex, build_index
from knowledge.search.index import current_folder
from motcua.settings import Settings
from nlu.encoder import load_encoder

pytestmark = [pytest.mark.shared, pytest.mark.encoder, pytest.mark.timeout(1800)]

HIT_1, HIT_5, RESOLVED, CONFIDENT_WRONG = 0.93, 0.985, 0.96, 0.03
# How far below the clean figure a rung of the noise ladder may stand.
STEPS = {"unaccented": 0.03, "teencode": 0.03, "telex": 0.02, "vni": 0.02, "typo": 0.04, "everything": 0.07}
P95_MS = 40
OPEN_S = 2.5
# Five seconds on an idle machine; processors that others share count the same work half as much again.
EDIT_S = 7.5


@pytest.fixture(scope="module")
def dev_questions(shared: Path) -> list[Question]:
    return read_lines(shared / "eval" / "dev_questions.jsonl", Question)


@pytest.fixture
def idle() -> None:
    """Skips where others keep the processors busy, for then a latency says nothing."""
    if os.getloadavg()[0] > 1.5 * len(os.sched_getaffinity(0)):
        pytest.skip("the machine is busy")


def quiet(*_: object) -> None:
    """Nobody watches."""


def test_the_right_procedure_is_found(full_engine: SearchEngine, dev_questions: list[Question]) -> None:
    figures = report(dev_questions, predict(full_engine, dev_questions, quiet))
    assert (figures["hit@1"] >= HIT_1, figures["hit@5"] >= HIT_5) == (True, True), figures
    assert (figures["resolved"] >= RESOLVED, figures["confident_wrong"] <= CONFIDENT_WRONG) == (True, True), figures


@pytest.mark.parametrize("rung", RUNGS)
def test_it_is_found_on_every_rung_of_the_noise_ladder(
    full_engine: SearchEngine, dev_questions: list[Question], rung: str
) -> None:
    typed = [q.model_copy(update={"question": noisy(q.question, rung, q.id)}) for q in dev_questions]
    figures = report(typed, predict(full_engine, typed, quiet))
    assert figures["hit@1"] >= HIT_1 - STEPS[rung], figures


@pytest.mark.usefixtures("idle")
def test_it_is_found_in_time(full_engine: SearchEngine, dev_questions: list[Question]) -> None:
    runs = [report(dev_questions, predict(full_engine, dev_questions, quiet))["latency_ms"] for _ in range(3)]
    assert min(run["p95"] for run in runs) <= P95_MS, runs


def test_the_index_opens_quickly(full_engine: SearchEngine, real_settings: Settings) -> None:
    folder = _index_root(real_settings, full_engine)
    assert min(_processor_seconds(lambda: SearchIndex.open(current_folder(folder))) for _ in range(3)) <= OPEN_S


def test_an_edit_of_one_procedure_is_in_the_index_within_seconds(
    full_engine: SearchEngine, real_settings: Settings, shared: Path, tmp_path: Path
) -> None:
    store = catalogue_for(real_settings, shared / "data" / "procedures.jsonl.gz", quiet)
    procedures = list(store.procedures())
    encoder = load_encoder(real_settings.encoder_in_force, real_settings.encoder_threads)
    cache = real_settings.cache_folder / "embeddings.sqlite"
    shutil.copytree(_index_root(real_settings, full_engine), tmp_path / "index")
    place = next(n for n, p in enumerate(procedures) if p.vocabulary and p.portal)
    edited, said = procedures[place], procedures[place].vocabulary
    assert said is not None

    def publish(phrase: str) -> None:
        names = (*said.common_names, phrase)
        procedures[place] = edited.model_copy(update={"vocabulary": said.model_copy(update={"common_names": names})})
        build_index(
            procedures,
            encoder,
            tmp_path / "index",
            catalogue_digest=phrase,
            catalogue_version=1,
            cache=cache,
        )

    phrases = ("xin cái giấy màu tím than", "xin cái giấy màu hồng đào", "xin cái giấy màu cánh gián")
    assert min(_processor_seconds(partial(publish, phrase)) for phrase in phrases) <= EDIT_S
    found = SearchEngine(tmp_path / "index", encoder, follow=False).search(phrases[-1])
    assert found.hits[0].code == edited.code


def _processor_seconds(work: Callable[[], object]) -> float:
    """What it would take on an idle machine."""
    start = time.process_time()
    work()
    return time.process_time() - start


def _index_root(settings: Settings, engine: SearchEngine) -> Path:
    version = engine.index.manifest.version
    [folder] = (settings.cache_folder / "evaluation").glob(f"*/index/{version}")
    return folder.parent
