"""A list of papers for one person's case."""

from __future__ import annotations

from itertools import product

from actions.cases import Case, facts, question_for, tailor
from knowledge.curation import read_curated_folder
from knowledge.model import CuratedDocument

PAPERS = (
    CuratedDocument(name="Tờ khai"),
    CuratedDocument(name="Hợp đồng thuê nhà", when="nhà thuê, mượn, ở nhờ"),
    CuratedDocument(name="Giấy tờ nhà", when="nhà của mình"),
    CuratedDocument(name="Giấy ủy quyền", when="nhờ người khác làm thay"),
    CuratedDocument(name="Giấy giới thiệu", when="bộ đội ở nơi đóng quân"),
)


def names(papers: tuple[CuratedDocument, ...]) -> list[str]:
    return [paper.name for paper in papers]


def test_of_nothing_known_nothing_is_ruled_out() -> None:
    tailored = tailor(PAPERS, Case())
    assert names(tailored.needed) == ["Tờ khai"] and len(tailored.open) == 4 and not tailored.left_out


def test_what_is_said_adds_papers_and_rules_others_out() -> None:
    tailored = tailor(PAPERS, Case({"home": "rented"}))
    assert names(tailored.needed) == ["Tờ khai", "Hợp đồng thuê nhà"]
    assert names(tailored.left_out) == ["Giấy tờ nhà"]
    assert names(tailored.open) == ["Giấy ủy quyền", "Giấy giới thiệu"]


def test_only_what_the_papers_depend_on_is_asked_for_and_only_once() -> None:
    asked = question_for(PAPERS, Case())
    assert asked is not None and asked.key == "home"
    assert question_for(PAPERS, Case(asked=("home",))) is None
    assert question_for(PAPERS, Case({"home": "own"})) is None
    assert question_for(PAPERS[:1], Case()) is None


def test_no_case_loses_or_invents_a_paper_of_any_record() -> None:
    records = list(read_curated_folder())
    assert len(records) > 50
    pairs = [(fact.key, value) for fact in facts().values() for value in fact.values]
    for record in records:
        everything = [paper for paper in record.documents if not paper.when]
        for pair in pairs:
            tailored = tailor(record.documents, Case(dict([pair])))
            assert sorted(map(id, (*tailored.needed, *tailored.open, *tailored.left_out))) == sorted(
                map(id, record.documents)
            )
            assert all(paper in tailored.needed for paper in everything)


def test_two_facts_rule_out_no_more_than_each_by_itself() -> None:
    for home, doer in product(("own", "rented"), ("self", "other")):
        both = set(names(tailor(PAPERS, Case({"home": home, "doer": doer})).left_out))
        each = set(names(tailor(PAPERS, Case({"home": home})).left_out)) | set(
            names(tailor(PAPERS, Case({"doer": doer})).left_out)
        )
        assert both == each
