from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.wording import sentences
from channels.sheet.arrange import arrange, may_link, printable
from channels.sheet.facts import ProcedureFacts
from channels.sheet.model import Part, Sheet
from channels.sheet.words import sheet_words
from motcua.reply import Item, Reply
from nlu.text import fold
from tests.channels.sheet import samples as s


def sheet_of(answer: Reply = s.DOCUMENTS, facts: ProcedureFacts | None = s.FACTS, **changes: Any) -> Sheet:
    given_ = {
        "address": "https://motcua.example.vn/phieu/A7K2-M4QX",
        "words": sheet_words(),
        "link_domains": ("gov.vn",),
    }
    return arrange(s.kept(answer), facts, **(given_ | changes))


def part(sheet: Sheet, slot: str) -> Part:
    return next(p for p in sheet.parts if p.slot == slot)


def test_a_sheet_goes_from_the_papers_to_the_steps() -> None:
    sheet = sheet_of()
    assert [p.slot for p in sheet.parts] == ["documents", "where", "fee", "duration", "steps"]
    assert (sheet.name, sheet.receipt, sheet.told_on) == (s.NAME, s.RECEIPT, "22/11/2026")
    assert (sheet.data_date, sheet.legal_basis, sheet.source_linked) == ("18/07/2026", ("12/2024/NĐ-CP",), True)
    assert not sheet.alone and not sheet.newer


def test_what_was_told_stands_as_it_was_told() -> None:
    told = s.reply("fee", "Lệ phí\n\n20.000 đồng", s.section("Phí, lệ phí", "20.000 đồng"))
    sheet = sheet_of(told)
    assert [line.text for line in part(sheet, "fee").blocks[0].lines] == ["20.000 đồng"]
    assert part(sheet, "documents").blocks[0].lines[0].originals == 1


def test_papers_of_particular_cases_stand_apart_and_last() -> None:
    loose = s.reply(
        "documents", "Giấy tờ", s.CASES,
        s.section("Giấy tờ phải nộp", "Đơn", Item(text="Giấy xác nhận", note="Tùy trường hợp.")),
    )  # fmt: skip
    blocks = part(sheet_of(loose), "documents").blocks
    assert [(b.by_case, b.title, [line.text for line in b.lines]) for b in blocks] == [
        (False, "Giấy tờ phải nộp", ["Đơn"]),
        (True, "Tùy trường hợp", ["Giấy ủy quyền"]),
        (True, "Tùy trường hợp", ["Giấy xác nhận"]),
    ]


def test_a_box_stands_before_papers_alone() -> None:
    told = s.reply("documents", "Giấy tờ", s.PAPERS, s.section("Lưu ý", "Thuyền trên 12 mét phải đăng kiểm."))
    sheet = sheet_of(told)
    assert [b.mark for b in part(sheet, "documents").blocks] == ["box", "none"]
    assert {b.mark for p in sheet.parts if p.slot != "documents" for b in p.blocks} == {"number", "none"}
    assert part(sheet, "steps").blocks[0].mark == "number"


def test_the_sheet_knows_the_titles_that_answers_use() -> None:
    words, said = sheet_words(), sentences()
    by_case = [said[f"answer.documents.{key}"] for key in ("cases", "other_cases")]
    to_bring = [said[f"answer.documents.{key}"] for key in ("submit", "present", "fill", "portal")]
    plain = [said[f"answer.documents.{key}"] for key in ("notes", "other_cases")]
    assert all(any(w in fold(title) for w in words.by_case) for title in by_case)
    assert not any(w in fold(title) for w in words.by_case for title in to_bring)
    assert all(any(fold(title).startswith(w) for w in words.nothing_to_bring) for title in plain)
    assert not any(fold(title).startswith(w) for w in words.nothing_to_bring for title in (*to_bring, by_case[0]))
    assert {fold(said[f"answer.{key}"]) for key in ("where.title", "steps.title", "documents.cases")} == set(
        words.said_already
    )


def test_sentences_that_no_list_holds_are_kept_once() -> None:
    sheet = sheet_of()
    assert part(sheet, "documents").remarks == ("Thuyền trên 12 mét phải đăng kiểm trước.",)
    assert part(sheet_of(s.FEE_UNSTATED), "fee").remarks == ("Chưa ghi mức phí: anh/chị hỏi nơi tiếp nhận.",)
    said = "Lưu ý: chỉ áp dụng ở Gia Lai."
    both = [s.reply(a, f"Tên\n\n{said}") for a in ("fee", "duration")]  # type: ignore[arg-type]
    again = sheet_of(facts=ProcedureFacts(name=s.NAME, replies=tuple(both)))
    assert [p.slot for p in again.parts if said in p.remarks] == ["fee"]


def test_a_one_line_answer_is_never_lost() -> None:
    alone = sheet_of(s.reply("fee", "Không mất lệ phí."), None)
    assert part(alone, "fee").remarks == ("Không mất lệ phí.",)
    assert alone.name == sheet_words().title_without_name


def test_without_todays_facts_the_sheet_shows_what_was_told_and_says_so() -> None:
    sheet = sheet_of(facts=None)
    assert [p.slot for p in sheet.parts] == ["documents"]
    assert sheet.alone and sheet.name == s.NAME


def test_a_record_that_changed_since_is_pointed_out() -> None:
    today = s.SOURCE.model_copy(update={"data_date": "2026-10-01"})
    facts = ProcedureFacts(name=s.NAME, replies=(s.FEE.model_copy(update={"source": today}),))
    newer = sheet_of(facts=facts).newer
    assert "01/10/2026" in newer and "18/07/2026" in newer


def test_an_answer_about_anything_else_leads_the_sheet() -> None:
    told = s.reply("result", f"{s.NAME}: kết quả\n\nGiấy chứng nhận", s.section("Kết quả", "Giấy chứng nhận"))
    sheet = sheet_of(told)
    assert (sheet.parts[0].slot, sheet.parts[0].blocks[0].lines[0].text) == ("other", "Giấy chứng nhận")


def test_a_summary_gives_way_to_the_parts_but_for_what_it_alone_says() -> None:
    told = s.reply(
        "overview", f"{s.NAME}\nTên trên Cổng: Thủ tục đăng ký thuyền.\n\nPhí: 25.000 đồng.",
        s.section("Tóm tắt", "Phí: 25.000 đồng."),
    )  # fmt: skip
    sheet = sheet_of(told)
    assert sheet.intro == ("Tên trên Cổng: Thủ tục đăng ký thuyền.",)
    assert sheet.parts[0].slot == "documents"
    assert sheet_of(told, None).parts[0].blocks[0].lines[0].text == "Phí: 25.000 đồng."


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://dichvucong.gov.vn/x", True),
        ("http://gov.vn", True),
        ("javascript:alert(1)//gov.vn", False),
        ("https://gov.vn.example.com", False),
        ("https://notgov.vn", False),
        ("https://dichvucong.gov.vn@example.com/", False),
        ("https://me@dichvucong.gov.vn/", False),
        ("https://dichvucong.gov.vn/\u202egpj.exe", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_a_link_leads_to_the_allowed_domains_only(address: str, allowed: bool) -> None:
    assert may_link(address, ("gov.vn",)) is allowed


@given(st.text())
def test_printable_text_is_one_line_without_hidden_signs(text: str) -> None:
    said = printable(text)
    assert said == printable(said) == said.strip()
    assert all(c == " " or c.isprintable() or not c.isspace() for c in said)
    assert not set(said) & set("\n\r\t\x00\x1b\u200b\u202e\ufeff")
