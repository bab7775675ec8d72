from __future__ import annotations

from actions.compose import answer_about
from actions.compose.documents import documents, forms
from knowledge.model import CuratedDocument, Procedure
from tests.actions.samples import curated, of_portal, paper


def texts(procedure: Procedure) -> list[list[str]]:
    return [[item.text for item in section.items] for section in documents(procedure).sections]


def test_rows_that_were_published_out_of_order_come_in_order() -> None:
    rows = [paper("b) Ảnh"), paper("c) Bản vẽ"), paper("a) Đơn")]
    assert texts(of_portal(documents=rows)) == [["Đơn", "Ảnh", "Bản vẽ"]]


def test_rows_with_a_gap_in_their_letters_are_left_as_they_are() -> None:
    rows = [paper("c) Bản vẽ"), paper("a) Đơn")]
    assert texts(of_portal(documents=rows)) == [["Bản vẽ", "Đơn"]]


def test_a_count_told_in_words_is_not_told_again_or_otherwise() -> None:
    item = documents(of_portal(documents=[paper("01 bản chính Tờ khai", 1, 1)])).sections[0].items[0]
    assert (item.text, item.originals, item.copies) == ("01 bản chính Tờ khai", None, None)


def test_counts_stand_beside_each_paper() -> None:
    text = answer_about(of_portal(documents=[paper("Đơn", 1, 0), paper("Ảnh", 0, 2)]), "documents").text
    assert "1. Đơn (1 bản chính)" in text and "2. Ảnh (2 bản sao)" in text


def test_counts_that_all_papers_share_are_told_once() -> None:
    text = answer_about(of_portal(documents=[paper("Đơn"), paper("Ảnh"), paper("Bản vẽ")]), "documents").text
    assert text.count("1 bản chính") == 1


def test_forty_papers_are_cut_and_the_rest_is_counted() -> None:
    procedure = of_portal(documents=[paper(f"Giấy số {n} của bến cá") for n in range(1, 41)])
    assert len(texts(procedure)[0]) == 12
    assert "28" in documents(procedure).lines[0]


def test_a_case_is_shown_whole_or_only_named() -> None:
    rows = [paper(f"Giấy {n}", 1, 0, "Trường hợp mua mới") for n in range(1, 11)]
    rows += [paper(f"Tờ {n}", 1, 0, "Trường hợp thừa kế") for n in range(1, 6)]
    part = documents(of_portal(documents=rows))
    assert [len(section.items) for section in part.sections] == [10, 1]
    assert part.sections[1].items[0].text == "Trường hợp thừa kế"
    assert "5" in part.lines[0]


def test_papers_of_somebody_acting_for_another_come_last() -> None:
    rows = [paper("Giấy ủy quyền", 1, 0, "Trường hợp ủy quyền"), paper("Đơn", 1, 0, "Giấy tờ phải nộp")]
    assert texts(of_portal(documents=rows)) == [["Đơn"], ["Giấy ủy quyền"]]


def test_notes_are_no_papers() -> None:
    rows = [paper("Đơn"), paper("Lưu ý: giấy tờ nước ngoài phải dịch sang tiếng Việt", 0, 0)]
    part = documents(of_portal(documents=rows))
    assert [item.text for item in part.sections[0].items] == ["Đơn"]
    assert part.sections[1].title == "Lưu ý"


def test_a_record_without_papers_does_not_say_that_none_are_needed() -> None:
    text = answer_about(of_portal(documents=[]), "documents").text
    assert "không ghi" in text and "hỏi lại" in text


def test_curated_papers_come_by_role_and_by_case() -> None:
    sections = documents(Procedure(code="9.100011", curated=curated())).sections
    assert [section.title for section in sections] == [
        "Giấy tờ phải nộp",
        "Tờ khai phải điền",
        "Tùy trường hợp, chỉ cần khi",
    ]
    assert sections[2].items[0].note == "Khi: thuê đất."


def test_a_long_curated_list_names_the_cases_and_counts_the_rest() -> None:
    papers = [
        CuratedDocument(
            name=f"Giấy của trường hợp số {n}", when=f"thuộc trường hợp {n}", note="Chú thích dài. " * 8
        )
        for n in range(1, 16)
    ]
    record = curated(documents=[p.model_dump() for p in papers])
    part = documents(Procedure(code="9.100011", curated=record))
    assert len(part.sections[0].items) == 10
    assert "5" in part.lines[0]
    assert not any("Chú thích" in item.note for item in part.sections[0].items)


def test_forms_spliced_into_one_name_are_taken_apart() -> None:
    rows = [paper("Đơn", 1, 0, "", "Mẫu số 1.docxMẫu_số_2.pdf")]
    assert [item.text for item in forms(of_portal(documents=rows)).sections[0].items] == [
        "Mẫu số 1",
        "Mẫu số 2",
    ]
