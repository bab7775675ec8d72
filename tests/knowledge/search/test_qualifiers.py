"""What tells the variants of one thing apart."""

import numpy as np

from knowledge.search.qualifiers import Qualifiers, carried

ORDINARY = carried("Thủ tục đăng ký kết hôn", "cưới vợ. làm giấy kết hôn")
FOREIGN = carried("Thủ tục đăng ký kết hôn có yếu tố nước ngoài", "lấy chồng người Hàn")
AGAIN = carried("Cấp lại giấy phép lái xe", "bằng lái bị mất")


def compared(text: str) -> dict[str, list[float]]:
    of = (ORDINARY, FOREIGN, AGAIN)
    table = Qualifiers([titled for titled, _ in of], [known for _, known in of]).of(text)
    return {name: values.tolist() for name, values in table.items() if np.any(values)}


def test_a_title_carries_what_it_says_and_people_add_to_it() -> None:
    assert ORDINARY == ([], [])
    assert "foreign" in FOREIGN[0]
    assert "again" in AGAIN[0] and "again" not in carried("Cấp giấy phép lái xe", "")[0]
    assert "again" in carried("Cấp giấy phép lái xe", "bằng lái bị mất")[1]


def test_the_variant_is_marked_where_nobody_asked_for_it() -> None:
    table = compared("đăng ký kết hôn cần gì")
    assert table["unasked_foreign"] == [0, 1, 0]
    assert table["unasked_again"] == [0, 0, 1]


def test_the_ordinary_case_is_marked_where_the_variant_was_asked_for() -> None:
    assert compared("ket hon voi nguoi nuoc ngoai")["missed_foreign"] == [1, 0, 1]
    assert "unasked_foreign" not in compared("kết hôn với người nước ngoài")


def test_every_question_gets_the_same_names() -> None:
    of = Qualifiers([[]], [[]])
    assert of.of("").keys() == of.of("kết hôn với người nước ngoài bị mất").keys()


def test_a_word_that_means_something_else_beside_its_neighbour_is_no_qualifier() -> None:
    assert "missed_again" not in compared("kết hôn mất mấy ngày, có mất tiền không")
    assert "missed_again" in compared("bị mất giấy kết hôn")
