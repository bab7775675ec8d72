"""No phrase for two procedures, and no distinction with a figure of its own."""

from pathlib import Path

import pytest

from knowledge.curation import check_words, read_curated_folder, read_vocabulary_folder
from knowledge.curation.reading import STARTER
from knowledge.importers import read_source
from knowledge.model import PortalRecord, Words


def said(code: str, *names: str, differs: str = "") -> Words:
    return Words(code=code, name="Cấp phép", field="Thử", popularity=1, common_names=names, differs=differs)


def record(code: str, description: str = "") -> PortalRecord:
    return PortalRecord(code=code, name="Cấp phép", field="Thử", description=description)


def reasons(*words: Words, portal: tuple[PortalRecord, ...] = ()) -> list[str]:
    return [str(found) for found in check_words(words, {p.code: p for p in portal})]


@pytest.mark.parametrize("other", ["xin phép xây nhà", "Xin phep xay nha?", "XIN PHÉP, XÂY NHÀ"])
def test_a_phrase_of_another_procedure_is_named(other: str) -> None:
    [found] = reasons(said("1.000001", "xin phép xây nhà"), said("1.000002", other))
    assert found.startswith("1.000002 common_names:") and found.endswith("the same is said for 1.000001")


def test_short_forms_are_compared_written_out() -> None:
    assert len(reasons(said("1.000001", "mất CCCD"), said("1.000002", "mất căn cước công dân"))) == 1


def test_a_procedure_may_say_a_thing_twice() -> None:
    assert reasons(said("1.000001", "xây nhà"), said("1.000001", "xây nhà")) == []


def test_a_figure_in_a_distinction_must_stand_in_the_record_or_in_that_of_a_neighbour_it_names() -> None:
    differs = "Ở từ 30 ngày; ngắn hơn là 1.000002."
    own, neighbour = record("1.000001"), record("1.000002", "Lưu trú dưới 30 ngày.")
    assert reasons(said("1.000001", differs=differs), portal=(own, neighbour)) == []
    assert len(reasons(said("1.000001", differs=differs), portal=(own, record("1.000002")))) == 1


@pytest.mark.shared
def test_all_that_people_say_is_proved(shared: Path) -> None:
    portal = {
        r.code: r for r in read_source(shared / "data" / "procedures.jsonl.gz") if isinstance(r, PortalRecord)
    }
    spoken = [*read_curated_folder(STARTER), *read_vocabulary_folder()]
    assert [str(found) for found in check_words(spoken, portal)] == []
