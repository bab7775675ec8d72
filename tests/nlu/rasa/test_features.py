"""What the classifier sees of a message."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from nlu.rasa.features import CODE_SIGN, pieces, views


def test_abbreviations_are_written_out_and_figures_become_signs() -> None:
    assert pieces("Làm CCCD hết 50.000đ ko?") == pieces("làm căn cước công dân hết 70.000đ không?")


def test_a_dossier_code_is_one_sign_however_it_is_typed() -> None:
    assert pieces("tra mã h49.18-261105-0001") == pieces("Tra mã H12 05 250310 0045")
    assert CODE_SIGN in pieces("H12.05-250310-0045")


def test_the_folded_views_do_not_see_accents() -> None:
    accented, folded = views("nộp ở đâu", []), views("nop o dau", [])
    for view in ("folded", "letters", "ending"):
        assert accented[view] == folded[view]
    assert accented["accented"] != folded["accented"]


def test_the_ending_sees_the_question_and_not_the_story() -> None:
    question = views("thì nộp ở đâu vậy bạn", [])["ending"]
    told = views("Ba tôi mất rồi, nhà có bốn anh em, giờ chia đất thì nộp ở đâu vậy bạn", [])["ending"]
    assert set(question) - {"^ thi", "^ thi nop"} <= set(told)
    assert not {"ba", "toi", "mat"} & set(told)


def test_a_picture_alone_is_seen() -> None:
    assert views("👍", [])["folded"] != {}
    assert views("👍", [])["folded"] != views("👎", [])["folded"]


@given(st.text(max_size=200))
def test_any_text_has_every_view(text: str) -> None:
    known = {"folded", "accented", "letters", "spelling", "words", "ending", "length", "asked"}
    assert set(views(text, [])) == known


def test_a_word_within_a_name_is_not_what_is_asked() -> None:
    assert views("phí bảo vệ môi trường", [])["asked"] == views("đăng ký kết hôn", [])["asked"]
    assert views("phí bảo vệ môi trường nộp ở đâu", [])["asked"] == Counter(["where"])
