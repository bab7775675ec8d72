"""Fitting the ranker: better than chance, the same each time, and true to what it is told."""

import dataclasses
import math
import random
from pathlib import Path

import pytest

from evaluation.noise import RUNGS
from evaluation.questions import Question
from evaluation.training.material import Hidden, hide_phrases, is_held_out, letters
from evaluation.training.ranker import FOLDS, fit
from knowledge.search import SearchEngine
from knowledge.search.features import features
from knowledge.search.ranker import Ranker
from tests.knowledge.search.conftest import build, procedure, words
from tests.simulators.encoder import ToyEncoder

# Things that one may get a permit for, and the word that people use for it instead.
THINGS = {
    "khai thác nước dưới đất": "giếng khoan",
    "tổ chức lễ hội": "hội làng",
    "nuôi động vật hoang dã": "cá sấu",
    "kinh doanh vận tải hành khách": "chạy xe khách",
    "hành nghề khám bệnh": "phòng mạch",
    "xây dựng nhà ở riêng lẻ": "cất nhà",
    "bán lẻ rượu": "bán rượu đế",
    "sản xuất giống cây trồng": "ươm cây con",
    "dạy thêm học thêm": "lớp dạy kèm",
    "đào đường đặt cống": "đào lòng lề đường",
    "biểu diễn nghệ thuật": "diễn văn nghệ",
    "xuất bản bản tin": "ra báo tường",
}
HIDDEN = [Hidden(0, "đào giếng trong vườn có phải xin không"), Hidden(2, "tổ chức hội làng thì báo ai")]
FOREIGN = ["hôm nay trời mưa không", "kể chuyện cười đi", "1 + 1 bằng mấy", "bạn tên gì", "bóng đá tối qua", "ừ"]


def quiet(*_: object) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> SearchEngine:
    catalogue = []
    for number, (thing, said) in enumerate(THINGS.items()):
        new, again = f"9.1{number:05}", f"9.2{number:05}"
        vocabulary = words(new, f"xin phép {said}", questions=(f"{said} thì xin ở đâu?",))
        catalogue.append(procedure(new, f"Cấp giấy phép {thing}", words=vocabulary))
        catalogue.append(procedure(again, f"Cấp lại giấy phép {thing}"))
    root = tmp_path_factory.mktemp("index")
    build(root, catalogue)
    return SearchEngine(root, ToyEncoder(), follow=False)


@pytest.fixture(scope="module")
def asked() -> list[Question]:
    made = []
    for number, (thing, said) in enumerate(THINGS.items()):
        made += [
            Question(id=f"s{number}", question=f"muốn {said} cần gì", gold=(f"9.1{number:05}",)),
            Question(id=f"n{number}", question=f"giấy phép {thing} hết bao nhiêu", gold=(f"9.1{number:05}",)),
            Question(id=f"a{number}", question=f"cấp lại giấy phép {thing}", gold=(f"9.2{number:05}",)),
        ]
    return made


@pytest.fixture(scope="module")
def fitted(engine: SearchEngine, asked: list[Question]) -> tuple[Ranker, dict[str, dict[str, float]]]:
    return fit(engine, {"asked": asked}, (engine, HIDDEN), FOREIGN, quiet)


def hits(engine: SearchEngine, asked: list[Question], ranker: Ranker) -> float:
    right = 0
    for question in asked:
        query = engine.query(question.question)
        first = ranker.rank(features(engine.index, query), words=5).rows[0]
        right += engine.index.procedures[first].code in question.gold
    return right / len(asked)


def test_it_ranks_better_than_weights_by_chance(
    engine: SearchEngine, asked: list[Question], fitted: tuple[Ranker, dict[str, dict[str, float]]]
) -> None:
    dice = random.Random(7)
    by_chance = [
        hits(engine, asked, dataclasses.replace(fitted[0], trees=None, weights=_by_chance(fitted[0], dice)))
        for _ in range(10)
    ]
    assert hits(engine, asked, fitted[0]) >= 0.9 > max(by_chance)


def _by_chance(ranker: Ranker, dice: random.Random) -> dict[str, float]:
    return {name: dice.gauss(0, 1) for name in ranker.weights}


def test_the_report_is_cross_validated_by_set_and_rung(
    fitted: tuple[Ranker, dict[str, dict[str, float]]], asked: list[Question]
) -> None:
    report = fitted[1]
    assert set(report) == {"asked", "own", "formal", *(f"asked:{rung}" for rung in RUNGS)}
    assert report["asked"]["n"] == report["asked:telex"]["n"] == len(asked)
    assert all(0 <= of["hit@1"] <= of["hit@5"] <= 1 for of in report.values())
    assert report["asked"]["hit@1"] >= 0.7


def test_fitting_twice_gives_the_same(
    engine: SearchEngine, asked: list[Question], fitted: tuple[Ranker, dict[str, dict[str, float]]]
) -> None:
    again, report = fit(engine, {"asked": asked}, (engine, HIDDEN), FOREIGN, quiet)
    assert report == fitted[1]
    assert (again.weights, again.probability, again.relevance) == (
        fitted[0].weights,
        fitted[0].probability,
        fitted[0].relevance,
    )


def test_every_weight_is_a_number_and_has_its_name(fitted: tuple[Ranker, dict[str, dict[str, float]]]) -> None:
    ranker = fitted[0]
    assert set(ranker.weights) > {"dense_best", "focus_dense_best", "lexical_name", "unasked_foreign", "popularity"}
    for of_part in (ranker.weights, ranker.probability, ranker.relevance):
        assert all(math.isfinite(weight) for weight in of_part.values())


def test_what_is_about_a_procedure_looks_more_relevant_than_what_is_not(
    engine: SearchEngine, asked: list[Question], fitted: tuple[Ranker, dict[str, dict[str, float]]]
) -> None:
    def relevance(message: str) -> float:
        query = engine.query(message)
        return fitted[0].rank(features(engine.index, query), len(query.text.split())).relevance

    valid = [relevance(q.question) for q in asked]
    foreign = [relevance(message) for message in FOREIGN]
    assert sum(valid) / len(valid) > 0.7 > 0.5 > sum(foreign) / len(foreign)


def test_questions_about_procedures_that_are_not_in_the_catalogue_are_left_out(
    engine: SearchEngine, asked: list[Question], fitted: tuple[Ranker, dict[str, dict[str, float]]]
) -> None:
    stranger = Question(id="x", question="làm hộ chiếu", gold=("1.999999",))
    assert fit(engine, {"asked": [*asked, stranger]}, (engine, HIDDEN), FOREIGN, quiet)[1] == fitted[1]


def test_progress_is_told_to_its_end(engine: SearchEngine, asked: list[Question]) -> None:
    told: dict[str, tuple[int, int]] = {}

    def tell(title: str, done: int, total: int) -> None:
        told[title] = (done, total)

    fit(engine, {"asked": asked}, (engine, HIDDEN), FOREIGN, tell)
    assert told["Cross-validating"] == (FOLDS, FOLDS)
    assert told["Reading questions"][0] == told["Reading questions"][1]


def test_a_saved_ranker_ranks_the_same(
    engine: SearchEngine, fitted: tuple[Ranker, dict[str, dict[str, float]]], tmp_path: Path
) -> None:
    fitted[0].save(tmp_path)
    table = features(engine.index, engine.query("muốn cất nhà cần gì"))
    kept, loaded = fitted[0].rank(table, 5), Ranker.load(tmp_path).rank(table, 5)
    assert kept.rows.tolist() == loaded.rows.tolist()
    assert loaded.probability == pytest.approx(kept.probability, abs=1e-3)


def test_hidden_phrases_are_taken_out_and_told() -> None:
    rich = procedure("9.100001", "Cấp phép", words=words("9.100001", "xin phép", questions=tuple("abcdef")))
    poor = procedure("9.100002", "Cấp lại", words=words("9.100002", "xin lại", questions=("g",)))
    left, hidden = hide_phrases([rich, poor], 2, random.Random(1))
    assert [phrase.row for phrase in hidden] == [0, 0]
    assert set(left[0].words.sample_questions) == set("abcdef") - {phrase.text for phrase in hidden}
    assert left[1] == poor


def test_a_fifth_of_the_letters_is_kept_for_measuring_and_their_questions_stand_in_them() -> None:
    assert 0.1 < sum(map(is_held_out, letters())) / len(letters()) < 0.3
    assert [letter.question for letter in letters() if letter.question not in letter.text] == []
