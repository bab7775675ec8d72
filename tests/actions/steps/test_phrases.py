from __future__ import annotations

import pytest

from actions.steps.phrases import Phrases, Said


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("cháy nhà", "Cháy nhà rồi!", True),
        ("cháy nhà", "chay nha roi", True),
        ("cháy nhà", "chạy nhà rồi", False),
        ("cháy nhà", "ăn chay nhà hàng nào ngon", False),
        ("nhà * cháy", "nhà của hàng xóm tôi cháy", True),
        ("nhà * cháy", "nhà cháy", True),
        ("nhà * cháy", "nhà một hai ba bốn năm cháy", False),
        ("đang cháy", "đang", False),
        ("=làm giả", "làm giả giấy", True),
        ("=làm giả", "lam gia dinh", False),
    ],
)
def test_phrases_are_found_as_they_were_typed(phrase: str, text: str, found: bool) -> None:
    assert Phrases([phrase]).found_in(Said.of(text)) is found


def test_what_stood_around_a_phrase_does_not_run_together() -> None:
    rest = Phrases(["chữa cháy"]).without(Said.of("nhà chữa cháy cháy"))
    assert not Phrases(["nhà cháy"]).found_in(rest)


def test_a_phrase_is_found_after_an_abbreviation_was_written_out() -> None:
    assert Phrases(["không muốn sống"]).found_in(Said.of("ko muốn sống nữa"))
    assert Phrases(["không muốn sống"]).found_in(Said.of("ko muon song nua"))
