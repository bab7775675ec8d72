from __future__ import annotations

from pathlib import Path

import pytest

from actions.compose import answer_about
from evaluation.grounding import ASPECTS, check_grounding, check_reply
from knowledge.model import PortalRecord, Procedure
from knowledge.store import Catalogue
from motcua.database import open_database, upgrade
from motcua.reply import Aspect, Item, Reply
from tests.actions.samples import (
    CURATED,
    catalogue_of_samples,
    curated,
    fee,
    method,
    of_portal,
    paper,
    portal,
)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    url = f"sqlite:///{tmp_path_factory.mktemp('grounding') / 'samples.db'}"
    upgrade(url)
    catalogue = Catalogue(open_database(url))
    everything = catalogue_of_samples()
    catalogue.write([r for r in everything if isinstance(r, PortalRecord)], origin="portal", reason="samples")
    catalogue.write(
        [r for r in everything if not isinstance(r, PortalRecord)], origin="starter", reason="samples"
    )
    return catalogue


def test_every_answer_of_the_samples_stands_in_its_record(catalogue: Catalogue) -> None:
    told: list[int] = []
    report = check_grounding(catalogue, lambda _, done, of: told.append(done * 100 // of), processes=1)
    assert report["offenders"] == [] and report["procedures"] == 11
    assert report["answers"] >= 11 * len(ASPECTS) and told[-1] == 100


def says(text: str, aspect: Aspect, procedure: Procedure | None = None) -> list[str]:
    """Reasons against an answer to which something was added."""
    procedure = procedure or of_portal()
    reply = answer_about(procedure, aspect)
    spoilt = reply.model_copy(update={"text": f"{reply.text}\n{text}"})
    return [offence.reason for offence in check_reply(procedure, spoilt, aspect)]


@pytest.mark.parametrize(
    "invented", ["Mất 26.000 đồng.", "Sau 5 ngày làm việc.", "Giảm 10%.", "Theo 99/2025/NĐ-CP."]
)
def test_an_invented_figure_is_found(invented: str) -> None:
    assert says(invented, "fee") == ["figure"]


def test_a_figure_of_the_record_is_no_offence() -> None:
    assert says("Mất 25.000 đồng, 3 ngày làm việc, theo 12/2024/NĐ-CP.", "overview") == []


@pytest.mark.parametrize(
    "claim", ["Thủ tục này miễn phí.", "Không mất lệ phí", "anh/chị không phải nộp tiền"]
)
def test_free_is_found_where_the_record_does_not_say_it(claim: str) -> None:
    assert says(claim, "fee") == ["free"]


def test_free_is_no_offence_where_the_record_says_it() -> None:
    procedure = of_portal(methods=[method("Trực tiếp", "1 ngày", fee(0, "Miễn lệ phí"))])
    assert says("Thủ tục này miễn phí.", "fee", procedure) == []


def with_item(item: Item) -> Reply:
    reply = answer_about(of_portal(), "documents")
    section = reply.sections[0].model_copy(update={"items": (item,)})
    return reply.model_copy(update={"sections": (section,)})


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (Item(text="Giấy khám sức khỏe của thuyền"), "name"),
        (Item(text="Tờ khai theo mẫu", originals=7), "count"),
    ],
)
def test_an_invented_paper_or_count_is_found(item: Item, reason: str) -> None:
    assert [o.reason for o in check_reply(of_portal(), with_item(item), "documents")] == [reason]


@pytest.mark.parametrize("seam", ["Nộp đơn;.", "Giá None đồng", "Tên {name}", "Giấy A; ; B", "xong.. rồi"])
def test_a_seam_is_found(seam: str) -> None:
    assert "seam" in says(seam, "steps")


def test_an_invented_paper_in_the_overview_is_found() -> None:
    procedure = of_portal()
    reply = answer_about(procedure, "overview")
    section = reply.sections[0].model_copy(
        update={"items": (Item(text="Giấy tờ: Giấy lạ; Tờ khai theo mẫu."),)}
    )
    spoilt = reply.model_copy(update={"sections": (section,)})
    assert [(o.reason, o.what) for o in check_reply(procedure, spoilt, "overview")] == [("name", "Giấy lạ")]


def test_a_curated_figure_needs_the_curated_record() -> None:
    published = portal(CURATED, "Thủ tục cấp phép hoạt động bến đò ngang")
    reply = answer_about(Procedure(code=CURATED, portal=published, curated=curated()), "fee")
    assert "50.000 đồng" in reply.text
    assert check_reply(Procedure(code=CURATED, portal=published, curated=curated()), reply, "fee") == []
    assert [o.reason for o in check_reply(Procedure(code=CURATED, portal=published), reply, "fee")] == [
        "figure"
    ]


def test_work_side_by_side_gives_the_same_report(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'many.db'}"
    upgrade(url)
    catalogue = Catalogue(open_database(url))
    records = [portal(f"9.4{n:05}", f"Thủ tục số {n}", documents=[paper(f"Giấy {n}")]) for n in range(130)]
    catalogue.write(records, origin="portal", reason="samples")
    alone, together = (check_grounding(catalogue, processes=n) for n in (1, 2))
    assert alone == together and alone["procedures"] == 130


@pytest.mark.shared
def test_every_answer_of_a_sample_of_the_real_catalogue_stands_in_its_record(
    shared: Path, tmp_path: Path
) -> None:
    from itertools import islice

    from knowledge.importers import import_portal_records, load_starter, read_source

    url = f"sqlite:///{tmp_path / 'real.db'}"
    upgrade(url)
    catalogue = Catalogue(open_database(url))
    records = islice(read_source(shared / "data" / "procedures.jsonl.gz"), 0, None, 15)
    import_portal_records(catalogue, records, "sample")
    load_starter(catalogue)
    report = check_grounding(catalogue)
    assert report["procedures"] > 370 and report["offenders"] == []
