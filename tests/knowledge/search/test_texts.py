"""What of a procedure goes into the index."""

from knowledge.model import Procedure
from knowledge.search.texts import (
    Phrase,
    lexical_text,
    name_text,
    official_corpus,
    passage_text,
    phrases,
    priors,
    said_corpus,
)
from tests.knowledge.search.conftest import (
    BETWEEN_OFFICES,
    BIRTH,
    GIA_LAI_KNOWN,
    WELL,
    procedures,
    words,
)

CATALOGUE = {procedure.code: procedure for procedure in procedures()}


def test_a_passage_has_title_result_and_papers() -> None:
    passage = passage_text(CATALOGUE[BIRTH])
    assert passage.startswith("Thủ tục đăng ký khai sinh. Kết quả: Giấy xác nhận")
    assert "Hồ sơ: Tờ khai thủ tục đăng ký khai sinh" in passage


def test_a_passage_is_cut_where_an_encoder_would_lose_it_anyway() -> None:
    portal = CATALOGUE[BIRTH].portal
    assert portal is not None
    long = Procedure(code=BIRTH, portal=portal.model_copy(update={"result": "rất dài " * 1000}))
    assert len(passage_text(long)) <= 500


def test_each_field_has_its_own_words() -> None:
    birth = CATALOGUE[BIRTH]
    assert lexical_text(birth, "name") == birth.name
    assert lexical_text(birth, "common") == "làm giấy khai sinh . khai sinh cho con"
    assert "mới sinh bé" in lexical_text(birth, "asked")
    assert "bộ phận một cửa" in lexical_text(birth, "body")
    assert lexical_text(CATALOGUE[WELL], "common") == ""


def test_phrases_know_their_kind_and_skip_empty_ones() -> None:
    spoken_of = Procedure(code="x.1", vocabulary=words("x.1", " nhập  hộ khẩu ", " ", questions=("Ở đâu?",)))
    assert phrases(spoken_of) == [Phrase("common_name", "nhập hộ khẩu"), Phrase("question", "Ở đâu?")]


def test_every_procedure_has_the_same_priors() -> None:
    by_code = {code: priors(procedure) for code, procedure in CATALOGUE.items()}
    assert len({tuple(of_one) for of_one in by_code.values()}) == 1
    assert by_code[BIRTH]["standard"] == 1 and by_code[BIRTH]["popularity"] == 5
    assert by_code[WELL]["covered"] == 0 and by_code[WELL]["popularity"] == 0
    assert by_code[BETWEEN_OFFICES]["internal"] == 1 and by_code[BIRTH]["internal"] == 0
    assert by_code[GIA_LAI_KNOWN]["standard"] == 0


def test_without_a_portal_record_the_name_is_what_people_say() -> None:
    said = words("x.1", "nhập hộ khẩu").model_copy(update={"name": "Đăng ký thường trú"})
    spoken_of = Procedure(code="x.1", vocabulary=said)
    assert name_text(spoken_of) == passage_text(spoken_of) == "Đăng ký thường trú"
    assert priors(spoken_of).keys() == priors(CATALOGUE[BIRTH]).keys()


def test_the_accent_model_learns_from_people_titles_and_provinces() -> None:
    said = dict(said_corpus(phrase for p in procedures() for phrase in phrases(p)))
    official = dict(official_corpus(procedures()))
    assert said["khai sinh cho con"] > official["Thủ tục đăng ký khai sinh"]
    assert official["Thủ tục đăng ký khai sinh"] > official["Tờ khai thủ tục đăng ký khai sinh"]
    assert "tỉnh gia lai" in official
