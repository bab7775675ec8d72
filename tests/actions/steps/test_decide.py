from __future__ import annotations

import pytest

from actions.steps.decide import MOST_CHOICES, Thresholds, decide
from knowledge.search import Hit, SearchResult

BARS = Thresholds(answer=0.65, answer_short=0.85, relevant=0.05, off_topic=0.5, near=4.0)


def found(
    *scores: float, probability: float = 0.3, relevance: float = 0.9, text: str = "một câu dài hơn"
) -> SearchResult:
    hits = tuple(Hit(f"9.30000{n}", "", "", score) for n, score in enumerate(scores))
    return SearchResult(text, hits, probability, relevance, 1, "1", 1.0)


def test_a_sure_hit_is_answered() -> None:
    assert decide(found(9, 8, probability=0.8), BARS) == ("answer", ["9.300000"])


def test_a_message_of_few_words_must_be_surer() -> None:
    assert decide(found(9, 8, probability=0.8, text="làm sổ đỏ"), BARS)[0] == "clarify"
    assert decide(found(9, 8, probability=0.9, text="làm sổ đỏ"), BARS)[0] == "answer"


def test_the_variants_of_what_is_on_top_are_offered_before_other_things() -> None:
    hits = tuple(
        Hit(f"9.30000{n}", "", "", score, family)
        for n, (score, family) in enumerate([(9.0, "a"), (8.5, ""), (8.0, "b"), (7.0, "a")])
    )
    result = SearchResult("một câu dài hơn", hits, 0.3, 0.9, 1, "1", 1.0)
    assert decide(result, BARS)[1] == ["9.300000", "9.300003", "9.300001", "9.300002"]


def test_near_ones_are_offered() -> None:
    assert decide(found(9, 8, 7, 1), BARS) == ("clarify", ["9.300000", "9.300001", "9.300002"])


def test_no_more_is_offered_than_a_screen_holds() -> None:
    assert len(decide(found(*[9.0] * 9), BARS)[1]) == MOST_CHOICES


def test_a_lone_hit_is_answered() -> None:
    assert decide(found(9, 1), BARS)[0] == "answer"


def test_what_is_about_nothing_is_refused() -> None:
    assert decide(found(9, 8, relevance=0.01), BARS)[0] == "refuse"


@pytest.mark.parametrize(
    ("probability", "relevance", "decision"),
    [(0.9, 0.4, "refuse"), (0.5, 0.7, "refuse"), (0.9, 0.7, "answer"), (0.4, 0.95, "clarify")],
)
def test_out_of_scope_is_overruled_only_by_a_search_that_is_sure(
    probability: float, relevance: float, decision: str
) -> None:
    result = found(9, 8, probability=probability, relevance=relevance)
    assert decide(result, BARS, out_of_scope=True)[0] == decision
