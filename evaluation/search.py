"""Measuring search: hits, ranks, decisions and latency over a question set."""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from actions.steps.decide import Thresholds, decide
from evaluation.questions import Question
from evaluation.training.material import Hidden, hide_phrases
from knowledge.importers import import_portal_records, load_starter, read_source
from knowledge.search import SearchEngine, build_index
from knowledge.store import Catalogue
from motcua.database import open_database, upgrade
from motcua.settings import Settings
from nlu.encoder import load_encoder

DEPTHS = (1, 3, 5, 10)
_WARM_UP = 3
_HIDDEN = 1400
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Prediction:
    """What search and decision made of one question; `decision` is answer, clarify or refuse."""

    id: str
    codes: tuple[str, ...]
    scores: tuple[float, ...]
    decision: str
    choices: tuple[str, ...]
    latency_ms: float

    def as_line(self) -> str:
        """The line of the predictions file."""
        return json.dumps(
            {
                "id": self.id,
                "codes": self.codes,
                "scores": [round(s, 4) for s in self.scores],
                "decision": self.decision,
                "choices": self.choices,
                "latency_ms": round(self.latency_ms, 2),
            },
            ensure_ascii=False,
        )


def engine_for(config: Settings, catalogue: Path | None, progress: Progress) -> SearchEngine:
    """Opens search on the catalogue in force, or on a file of portal records under the starter catalogue.

    The file's catalogue and index are kept in the cache folder under a name made of its content, so that the
    second measurement does not build them again.
    """
    encoder = load_encoder(config.encoder_in_force, config.encoder_threads)
    if catalogue is None:
        return SearchEngine(config.index_folder, encoder, province=config.province, follow=False)
    store = catalogue_for(config, catalogue, progress)
    index = _folder_of(config, catalogue) / "index"
    build_index(
        list(store.procedures()),
        encoder,
        index,
        catalogue_digest=store.digest(),
        catalogue_version=store.version(),
        cache=config.cache_folder / "embeddings.sqlite",
        progress=progress,
    )
    return SearchEngine(index, encoder, province=config.province, follow=False)


def engine_without_phrases(config: Settings, catalogue: Path, progress: Progress) -> tuple[SearchEngine, list[Hidden]]:
    """Opens search on a file's catalogue with some of the phrases taken out, and gives these."""
    encoder = load_encoder(config.encoder_in_force, config.encoder_threads)
    store = catalogue_for(config, catalogue, progress)
    left, hidden = hide_phrases(list(store.procedures()), _HIDDEN, random.Random(_HIDDEN))
    index = _folder_of(config, catalogue) / "index-without"
    build_index(
        left,
        encoder,
        index,
        catalogue_digest=f"{store.digest()} without {_HIDDEN}",
        catalogue_version=store.version(),
        cache=config.cache_folder / "embeddings.sqlite",
        progress=progress,
    )
    return SearchEngine(index, encoder, province=config.province, follow=False), hidden


def catalogue_for(config: Settings, file: Path, progress: Progress) -> Catalogue:
    """Gives a catalogue of a file of portal records under the starter catalogue, in the cache folder."""
    folder = _folder_of(config, file)
    folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder / 'catalogue.db'}"
    upgrade(url)
    store = Catalogue(open_database(url))
    if "portal" not in store.counts():
        records = read_source(file, lambda done, total: progress("Reading the catalogue", done, total))
        import_portal_records(store, records, reason=f"evaluation on {file.name}")
    load_starter(store)
    return store


def _folder_of(config: Settings, file: Path) -> Path:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return config.cache_folder / "evaluation" / digest[:16]


def predict(engine: SearchEngine, questions: Sequence[Question], progress: Progress) -> list[Prediction]:
    """Searches and decides every question, one at a time, as a citizen's message would be."""
    bars = Thresholds.load()
    for question in questions[:_WARM_UP]:
        engine.search(question.question)
    predictions = []
    for done, question in enumerate(questions, 1):
        start = time.perf_counter()
        result = engine.search(question.question, k=max(DEPTHS))
        decision, choices = decide(result, bars)
        latency = (time.perf_counter() - start) * 1000
        predictions.append(
            Prediction(
                question.id,
                tuple(h.code for h in result.hits),
                tuple(h.score for h in result.hits),
                decision,
                tuple(choices) if decision == "clarify" else (),
                latency,
            )
        )
        progress("Searching", done, len(questions))
    return predictions


def report(questions: Sequence[Question], predictions: Sequence[Prediction]) -> dict[str, Any]:
    """Makes the report of a question set, over all and by register."""
    whole = _measures(questions, predictions)
    registers: dict[str, list[int]] = defaultdict(list)
    for place, question in enumerate(questions):
        if question.register_:
            registers[question.register_].append(place)
    whole["by"] = {
        "register": {
            name: _measures([questions[i] for i in places], [predictions[i] for i in places])
            for name, places in sorted(registers.items())
        }
    }
    latencies = [p.latency_ms for p in predictions]
    whole["latency_ms"] = {
        "p50": round(float(np.percentile(latencies, 50)), 2),
        "p95": round(float(np.percentile(latencies, 95)), 2),
    }
    return whole


def _measures(questions: Sequence[Question], predictions: Sequence[Prediction]) -> dict[str, Any]:
    ranks = [
        next((rank for rank, code in enumerate(p.codes, 1) if code in q.gold), None)
        for q, p in zip(questions, predictions, strict=True)
    ]
    count = len(ranks)

    def share(values: Sequence[bool]) -> float:
        return round(sum(values) / count, 4)

    measures: dict[str, Any] = {"n": count}
    for depth in DEPTHS:
        measures[f"hit@{depth}"] = share([rank is not None and rank <= depth for rank in ranks])
    measures["mrr@10"] = round(sum(1 / r for r in ranks if r is not None and r <= 10) / count, 4)
    measures["resolved"] = share([_resolved(q, p) for q, p in zip(questions, predictions, strict=True)])
    measures["confident_wrong"] = share([_wrong(q, p) for q, p in zip(questions, predictions, strict=True)])
    return measures


def _resolved(question: Question, prediction: Prediction) -> bool:
    if prediction.decision == "answer":
        return bool(prediction.codes) and prediction.codes[0] in question.gold
    return prediction.decision == "clarify" and any(code in question.gold for code in prediction.choices)


def _wrong(question: Question, prediction: Prediction) -> bool:
    top = prediction.codes[0] if prediction.codes else ""
    return prediction.decision == "answer" and top not in (*question.gold, *question.also_ok)
