"""People's words and letters of the project are its own: none is near any question that it is measured on."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation.training.material import letters
from knowledge.curation import read_curated_folder, read_vocabulary_folder
from nlu.text import fold, words

pytestmark = pytest.mark.shared

SETS = ("dev_questions", "dev_real", "dev_noise", "extra_questions")
GRAM = 5
# The share of five-letter runs in common from which two texts are near copies. What a thing is called ("làm hộ chiếu",
# a common name) there is only one way to say.
NEAR = 0.6
SHORTEST = 20


def grams(text: str) -> set[str]:
    plain = " ".join(words(fold(text)))
    return {plain[i : i + GRAM] for i in range(len(plain) - GRAM + 1)}


@pytest.fixture(scope="module")
def asked(shared: Path) -> list[set[str]]:
    lines = [line for name in SETS for line in (shared / "eval" / f"{name}.jsonl").read_text("utf-8").splitlines()]
    return [grams(json.loads(line)["question"]) for line in lines]


def near_copies(own: Iterator[str], asked: list[set[str]]) -> list[str]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, of_one in enumerate(asked):
        for gram in of_one:
            places[gram].append(place)
    any_asked = places.keys()
    found = []
    for text in own:
        mine = grams(text)
        if len(mine & any_asked) < NEAR * len(mine):
            continue
        common = Counter(place for gram in mine for place in places.get(gram, ()))
        if len(mine) >= SHORTEST and any(n / len(mine | asked[place]) >= NEAR for place, n in common.items()):
            found.append(text)
    return found


def test_no_phrase_of_a_procedure_is_near_a_question(asked: list[set[str]]) -> None:
    spoken = [*read_curated_folder(), *read_vocabulary_folder()]
    own = (text for r in spoken for text in (*r.sample_questions, *r.situations))
    assert near_copies(own, asked) == []


def test_no_letter_is_near_a_question(asked: list[set[str]]) -> None:
    assert near_copies((part for x in letters() for part in (x.text, x.question)), asked) == []


def test_a_near_copy_would_be_found(asked: list[set[str]], shared: Path) -> None:
    line = (shared / "eval" / "dev_questions.jsonl").read_text("utf-8").splitlines()[1]
    question = json.loads(line)["question"]
    assert near_copies(iter([f"{fold(question)} ạ"]), asked) != []
