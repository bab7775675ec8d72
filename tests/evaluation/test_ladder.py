"""The ladder report: all rungs, honest intervals, a table and a plot that can be read."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from evaluation.ladder import CLEAN, Figure, as_markdown, as_svg, climb, figures, interval
from evaluation.noise import RUNGS
from evaluation.questions import Question
from knowledge.search import SearchEngine
from tests.knowledge.search.conftest import BIRTH, build, procedures
from tests.simulators.encoder import ToyEncoder


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> SearchEngine:
    root = tmp_path_factory.mktemp("index")
    build(root, procedures())
    return SearchEngine(root, ToyEncoder(), follow=False)


def test_every_set_is_measured_on_every_rung_and_in_every_register(engine: SearchEngine) -> None:
    questions = [
        Question(id="1", question="làm giấy khai sinh cho con", gold=(BIRTH,), register="youth"),
        Question(id="2", question="đăng ký khai sinh ở đâu", gold=(BIRTH,), register="elderly"),
    ]
    found = climb(engine, {"asked": questions}, lambda *_: None)
    assert list(found["asked"]) == [CLEAN, *RUNGS]
    listed = figures(found)
    assert len(listed) == 1 + len(RUNGS) + 2
    assert next(f for f in listed if f.name == "asked · clean").share == 1
    table = as_markdown(found)
    assert "| asked · register youth | 1 |" in table and "asked · everything" in table


@pytest.mark.parametrize(("share", "n"), [(0.0, 10), (1.0, 10), (0.9, 220), (0.5, 1), (0.3, 0)])
def test_an_interval_holds_its_share_and_stays_between_nothing_and_all(share: float, n: int) -> None:
    low, high = interval(share, n)
    assert 0 <= low <= share <= high <= 1


def test_more_questions_make_it_narrower() -> None:
    few, many = interval(0.9, 20), interval(0.9, 2000)
    assert many[1] - many[0] < 0.2 * (few[1] - few[0])


def test_the_plot_is_a_picture_that_names_its_rows(tmp_path: Path) -> None:
    drawn = ElementTree.fromstring(as_svg([Figure("a & b", 10, 0.5, 0.2, 0.8)], "<title>"))
    texts = [node.text for node in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a & b", "<title>", "0.500"} <= set(texts)
