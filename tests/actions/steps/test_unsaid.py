"""What a message leaves open is asked back, and nothing else."""

import pytest

from actions.steps.unsaid import left_open
from knowledge.search import Hit, SearchResult

CARD_LOST = Hit("1", "Cấp lại thẻ", "Cấp lại thẻ", 9.0, "card", ("again",))
CARD_LOST_IN_PROVINCE = Hit("2", "Cấp lại thẻ (cấp tỉnh)", "Cấp lại thẻ", 8.0, "card", ("again",))
CARD_EXPIRED = Hit("3", "Cấp đổi thẻ", "Cấp đổi thẻ", 7.0, "card", ("exchange",))
KITE = Hit("4", "Cấp đổi giấy phép thả diều", "Thả diều", 6.0, "kite", ("exchange",))


def found(*hits: Hit) -> SearchResult:
    return SearchResult("", hits, 0.9, 0.9, 1, "1", 1.0)


@pytest.mark.parametrize("message", ["làm lại thẻ", "lam lai the", "Em muốn xin lại thẻ thì nộp gì?"])
def test_having_it_made_again_may_be_either(message: str) -> None:
    assert left_open(message, found(CARD_LOST, CARD_LOST_IN_PROVINCE, CARD_EXPIRED, KITE)) == ["1", "3"]


@pytest.mark.parametrize("message", ["bị mất, làm lại thẻ", "thẻ hết hạn giờ làm lại", "đổi thẻ", "cấp lại thẻ"])
def test_a_reason_or_the_official_word_says_which(message: str) -> None:
    assert left_open(message, found(CARD_LOST, CARD_EXPIRED)) == []


def test_there_is_no_question_where_the_thing_has_one_variant_only() -> None:
    assert left_open("làm lại thẻ", found(CARD_LOST, CARD_LOST_IN_PROVINCE, KITE)) == []


def test_nothing_found_leaves_nothing_open() -> None:
    assert left_open("làm lại thẻ", found()) == []
