"""Fitting the fusion: better than chance, the same each time, and true to what it is told."""

import dataclasses
import math
import random
from pathlib import Path

import pytest
import yaml

from evaluation.questions import Question
from evaluation.training import FEATURES, FOLDS, fit
from knowledge.search import SearchEngine
from knowledge.search.features import features
from knowledge.search.fusion import Fusion, save
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
def fitted(engine: SearchEngine, asked: list[Question]) -> tuple[Fusion, dict[str, dict[str, float]]]:
    return fit(engine, {"asked": asked}, FOREIGN, quiet)


def hits(engine: SearchEngine, asked: list[Question], fusion: Fusion) -> float:
    right = 0
    for question in asked:
        query = engine.query(question.question)
        first = fusion.rank(features(engine.index, query), words=5).rows[0]
        right += engine.index.procedures[first].code in question.gold
    return right / len(asked)


def test_it_ranks_better_than_weights_by_chance(
    engine: SearchEngine, asked: list[Question], fitted: tuple[Fusion, dict[str, dict[str, float]]]
) -> None:
    dice = random.Random(7)
    by_chance = [
        hits(engine, asked, dataclasses.replace(fitted[0], weights={name: dice.gauss(0, 1) for name in FEATURES}))
        for _ in range(10)
    ]
    assert hits(engine, asked, fitted[0]) >= 0.9 > max(by_chance)


def test_the_report_is_cross_validated_by_set_and_rung(
    fitted: tuple[Fusion, dict[str, dict[str, float]]], asked: list[Question]
) -> None:
    report = fitted[1]
    assert set(report) == {"asked", "unaccented", "formal"}
    assert report["asked"]["n"] == report["unaccented"]["n"] == len(asked)
    assert all(0 <= of["hit@1"] <= of["hit@5"] <= 1 for of in report.values())
    assert report["asked"]["hit@1"] >= 0.7


def test_fitting_twice_gives_the_same(
    engine: SearchEngine, asked: list[Question], fitted: tuple[Fusion, dict[str, dict[str, float]]]
) -> None:
    assert fit(engine, {"asked": asked}, FOREIGN, quiet) == fitted


def test_every_weight_is_a_number_and_has_its_name(fitted: tuple[Fusion, dict[str, dict[str, float]]]) -> None:
    fusion = fitted[0]
    assert tuple(fusion.weights) == FEATURES
    for of_part in (fusion.weights, fusion.probability, fusion.relevance):
        assert all(math.isfinite(weight) for weight in of_part.values())


def test_what_is_about_a_procedure_looks_more_relevant_than_what_is_not(
    engine: SearchEngine, asked: list[Question], fitted: tuple[Fusion, dict[str, dict[str, float]]]
) -> None:
    def relevance(message: str) -> float:
        query = engine.query(message)
        return fitted[0].rank(features(engine.index, query), len(query.text.split())).relevance

    valid = [relevance(q.question) for q in asked]
    foreign = [relevance(message) for message in FOREIGN]
    assert sum(valid) / len(valid) > 0.7 > 0.5 > sum(foreign) / len(foreign)


def test_questions_about_procedures_that_are_not_in_the_catalogue_are_left_out(
    engine: SearchEngine, asked: list[Question], fitted: tuple[Fusion, dict[str, dict[str, float]]]
) -> None:
    stranger = Question(id="x", question="làm hộ chiếu", gold=("1.999999",))
    assert fit(engine, {"asked": [*asked, stranger]}, FOREIGN, quiet)[1] == fitted[1]


def test_progress_is_told_to_its_end(engine: SearchEngine, asked: list[Question]) -> None:
    told: dict[str, tuple[int, int]] = {}
    fit(engine, {"asked": asked}, FOREIGN, lambda title, done, total: told.update({title: (done, total)}))
    assert told["Cross-validating"] == (FOLDS, FOLDS)
    assert told["Reading questions"][0] == told["Reading questions"][1]


def test_a_saved_fusion_is_the_same_fusion(fitted: tuple[Fusion, dict[str, dict[str, float]]], tmp_path: Path) -> None:
    save(fitted[0], tmp_path / "fusion.yaml")
    assert Fusion(**yaml.safe_load((tmp_path / "fusion.yaml").read_text(encoding="utf-8"))) == fitted[0]
