"""The figures of a search report, on predictions whose figures can be counted by hand."""

import json
from pathlib import Path

import pytest

from evaluation.questions import Question
from evaluation.search import Prediction, predict, report
from knowledge.search import SearchEngine
from tests.knowledge.search.conftest import BIRTH, LICENCE, MARRIAGE, build
from tests.simulators.encoder import ToyEncoder


def question(gold: str = "a", also_ok: str = "", register: str = "") -> Question:
    fields = {"id": "q", "question": "?", "gold": gold.split(), "also_ok": also_ok.split(), "register": register}
    return Question.model_validate(fields)


def prediction(codes: str, decision: str = "answer", choices: str = "", ms: float = 1.0) -> Prediction:
    found = tuple(codes.split())
    return Prediction("q", found, tuple(float(-n) for n in range(len(found))), decision, tuple(choices.split()), ms)


TEN = "b c d e f g h i j a"


def test_hits_and_ranks() -> None:
    asked = [question()] * 5
    found = [prediction(p) for p in ("a b", "b c a", "b c d e a", TEN, "b c")]
    figures = report(asked, found)
    assert figures["n"] == 5
    assert [figures[f"hit@{k}"] for k in (1, 3, 5, 10)] == [0.2, 0.4, 0.6, 0.8]
    assert figures["mrr@10"] == pytest.approx((1 + 1 / 3 + 1 / 5 + 1 / 10) / 5, abs=1e-4)


def test_any_gold_code_is_right_and_the_first_of_them_counts() -> None:
    figures = report([question("x a c")], [prediction("b c a")])
    assert (figures["hit@1"], figures["hit@3"], figures["mrr@10"]) == (0, 1, 0.5)


def test_an_acceptable_code_is_no_hit_and_no_mistake() -> None:
    figures = report([question(also_ok="b")], [prediction("b a")])
    assert (figures["hit@1"], figures["resolved"], figures["confident_wrong"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("found", "resolved", "confident_wrong"),
    [
        (prediction("a b", "answer"), 1, 0),
        (prediction("b a", "answer"), 0, 1),
        (prediction("b a", "clarify", "b a"), 1, 0),
        (prediction("a b", "clarify", "b c"), 0, 0),
        (prediction("b c", "clarify", "b c"), 0, 0),
        (prediction("a b", "refuse"), 0, 0),
        (prediction("b a", "refuse", "a"), 0, 0),
        (prediction("", "refuse"), 0, 0),
        (prediction("", "answer"), 0, 1),
    ],
)
def test_what_a_decision_is_worth(found: Prediction, resolved: int, confident_wrong: int) -> None:
    figures = report([question()], [found])
    assert (figures["resolved"], figures["confident_wrong"]) == (resolved, confident_wrong)


def test_a_question_about_nothing_is_never_hit() -> None:
    figures = report([question("")], [prediction("a")])
    assert (figures["hit@10"], figures["resolved"], figures["confident_wrong"]) == (0, 0, 1)


def test_registers_are_measured_apart_and_questions_without_one_only_in_all() -> None:
    asked = [question(register="plain"), question(register="scenario"), question(register="plain"), question()]
    found = [prediction("a"), prediction("b"), prediction("b a"), prediction("a")]
    figures = report(asked, found)
    by = figures["by"]["register"]
    assert figures["hit@1"] == 0.5
    assert {name: (of["n"], of["hit@1"]) for name, of in by.items()} == {"plain": (2, 0.5), "scenario": (1, 0)}


def test_latency_is_over_all_questions() -> None:
    asked = [question()] * 101
    found = [prediction("a", ms=float(n)) for n in range(101)]
    assert report(asked, found)["latency_ms"] == {"p50": 50.0, "p95": 95.0}


def test_a_prediction_and_its_question_must_pair() -> None:
    with pytest.raises(ValueError, match="zip"):
        report([question(), question()], [prediction("a")])


def test_a_line_of_the_predictions_file() -> None:
    line = json.loads(prediction("a b", "clarify", "a b", 1.23456).as_line())
    assert line == {
        "id": "q",
        "codes": ["a", "b"],
        "scores": [0.0, -1.0],
        "decision": "clarify",
        "choices": ["a", "b"],
        "latency_ms": 1.23,
    }


def test_predictions_come_from_search_and_decision(tmp_path: Path) -> None:
    build(tmp_path)
    engine = SearchEngine(tmp_path, ToyEncoder(), follow=False)
    texts = {BIRTH: "làm giấy khai sinh cho con", MARRIAGE: "làm giấy kết hôn", LICENCE: "đổi bằng lái xe"}
    asked = [Question(id=code, question=text, gold=(code,)) for code, text in texts.items()]
    told: list[tuple[str, int, int]] = []
    found = predict(engine, asked, lambda *step: told.append(step))
    assert [p.id for p in found] == list(texts)
    assert report(asked, found)["hit@1"] == 1
    assert all(p.latency_ms > 0 and p.decision in ("answer", "clarify", "refuse") for p in found)
    assert all(p.choices if p.decision == "clarify" else not p.choices for p in found)
    assert told[-1] == ("Searching", 3, 3)
