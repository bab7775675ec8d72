"""A procedure is a portal record overlaid by a curated one."""

from __future__ import annotations

from knowledge.model import Procedure, Words
from tests.knowledge.samples import CODE, NAME, curated, portal_record

WORDS = Words(code=CODE, name="cũ", field="Sách", popularity=5, common_names=("thẻ thư viện", "thẻ đọc sách"))


def test_the_curated_part_speaks_and_the_portal_part_names() -> None:
    procedure = Procedure(code=CODE, portal=portal_record(), curated=curated())
    assert (procedure.name, procedure.plain_name) == (NAME, "Làm thẻ thư viện")
    assert procedure.url.endswith("000101")
    assert procedure.data_date == "2026-07-18"


def test_a_portal_part_alone_is_spoken_of_without_the_word_procedure() -> None:
    assert Procedure(code=CODE, portal=portal_record()).plain_name == "Cấp thẻ bạn đọc thư viện"


def test_words_of_both_layers_come_together_once() -> None:
    words = Procedure(code=CODE, curated=curated(), vocabulary=WORDS).words
    assert words.common_names == ("Làm thẻ thư viện", "làm thẻ mượn sách", "thẻ thư viện", "thẻ đọc sách")
    assert words.popularity == 5


def test_words_alone_are_nothing_to_answer_with() -> None:
    procedure = Procedure(code=CODE, vocabulary=WORDS)
    assert not procedure.is_detailed
    assert procedure.name == "cũ"
    assert procedure.url == "https://dichvucong.gov.vn"
