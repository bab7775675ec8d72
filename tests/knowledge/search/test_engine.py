"""What search gives for a message."""

import logging
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.errors import IndexCorrupt, IndexMissing
from knowledge.search import SearchEngine, SearchIndex
from tests.knowledge.search.conftest import (
    BETWEEN_OFFICES,
    BIRTH,
    GIA_LAI_KNOWN,
    GIA_LAI_UNKNOWN,
    HA_NOI,
    LICENCE,
    MARRIAGE,
    WELL,
    build,
    procedures,
)
from tests.simulators.encoder import ToyEncoder

EVERYTHING = 100


def codes(engine: SearchEngine, message: str, k: int = EVERYTHING) -> list[str]:
    return [hit.code for hit in engine.search(message, k).hits]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("đăng ký khai sinh", BIRTH),
        ("làm giấy khai sinh cho con", BIRTH),
        ("lam giay khai sinh cho con", BIRTH),
        ("LÀM GIẤY KHAI SINH!!!", BIRTH),
        ("em mới sanh bé làm khai sinh ở đâu", BIRTH),
        ("thu tuc dang ky ket hon", MARRIAGE),
        ("đổi gplx", LICENCE),
        ("doi blx", LICENCE),
        ("giấy phép khai thác nước dưới đất", WELL),
    ],
)
def test_the_right_procedure_comes_first(small_engine: SearchEngine, message: str, code: str) -> None:
    assert codes(small_engine, message)[0] == code


def test_hits_are_ordered_and_cut_at_k(small_engine: SearchEngine) -> None:
    result = small_engine.search("khai sinh", k=3)
    scores = [hit.score for hit in result.hits]
    assert len(scores) == 3 and scores == sorted(scores, reverse=True)
    assert len({hit.code for hit in result.hits}) == 3
    assert 0 <= result.probability <= 1 and 0 <= result.relevance <= 1
    assert result.hits[0].name == "Thủ tục đăng ký khai sinh"
    assert result.hits[0].plain_name == "Đăng ký khai sinh"
    assert result.catalogue_version == 1


def test_a_hit_explains_itself_by_named_features(small_engine: SearchEngine) -> None:
    named = small_engine.search("đăng ký khai sinh").hits[0].features
    assert named["lexical_name"] == pytest.approx(1, abs=1e-3)
    assert named["dense_name"] > 0.9
    assert named["popularity"] == 5 and named["covered"] == 1


def test_the_same_message_gives_the_same_result(small_index: Path, small_engine: SearchEngine) -> None:
    other = SearchEngine(small_index, ToyEncoder(), follow=False)
    for message in ("khai sinh", "hỗ trợ", "", "xyz"):
        first, second, third = (
            small_engine.search(message),
            small_engine.search(message),
            other.search(message),
        )
        assert first.hits == second.hits == third.hits
        assert (first.probability, first.relevance) == (third.probability, third.relevance)


class TestReading:
    """How a message is read before it is searched."""

    def test_accents_come_back(self, small_engine: SearchEngine) -> None:
        assert small_engine.read("Dang ky khai sinh") == "đăng ký khai sinh"

    def test_bare_words_among_accented_ones_are_left(self, small_engine: SearchEngine) -> None:
        assert small_engine.read("khai sinh cho con ở xã nào") == "khai sinh cho con ở xã nào"

    def test_abbreviations_do_not_make_a_bare_message_look_accented(self, small_engine: SearchEngine) -> None:
        assert small_engine.read("dk khai sinh cho con o dau") == "đăng ký khai sinh cho con ở đâu"


class TestProvinces:
    """A province's own procedure is for those of that province."""

    def test_without_a_province_others_own_are_not_offered(self, small_engine: SearchEngine) -> None:
        for message in ("hỗ trợ nuôi ong lấy mật", "đổi xe máy cũ lấy xe điện"):
            assert not {GIA_LAI_UNKNOWN, HA_NOI} & set(codes(small_engine, message))

    def test_without_a_province_one_that_people_ask_for_stays_findable(self, small_engine: SearchEngine) -> None:
        assert GIA_LAI_KNOWN in codes(small_engine, "xin tiền trồng mắc ca")

    @pytest.mark.parametrize(
        "message",
        [
            "hỗ trợ nuôi ong lấy mật ở Gia Lai",
            "ho tro nuoi ong lay mat gia lai",
            "Ở tỉnh GIA LAI, hỗ trợ nuôi ong lấy mật làm sao?",
            "gia lai ho tro nuoi ong lay mat",
        ],
    )
    def test_a_named_province_opens_its_own(self, small_engine: SearchEngine, message: str) -> None:
        found = codes(small_engine, message)
        assert found[0] == GIA_LAI_UNKNOWN
        assert HA_NOI not in found

    @pytest.mark.parametrize("setting", ["Gia Lai", "gia lai", "tỉnh Gia Lai", "UBND tỉnh Gia Lai"])
    def test_the_own_province_is_set_in_any_wording(self, small_index: Path, setting: str) -> None:
        engine = SearchEngine(small_index, ToyEncoder(), province=setting, follow=False)
        assert codes(engine, "hỗ trợ nuôi ong lấy mật")[0] == GIA_LAI_UNKNOWN
        assert HA_NOI not in codes(engine, "đổi xe máy cũ lấy xe điện")

    def test_a_named_province_goes_before_the_own(self, small_index: Path) -> None:
        engine = SearchEngine(small_index, ToyEncoder(), province="Gia Lai", follow=False)
        found = codes(engine, "ở Hà Nội đổi xe máy cũ lấy xe điện")
        assert found[0] == HA_NOI and GIA_LAI_UNKNOWN not in found

    def test_of_two_named_provinces_the_own_or_the_last_one_counts(self, small_index: Path) -> None:
        message = "từ Gia Lai ra Hà Nội, đổi xe máy cũ lấy xe điện"
        nowhere = SearchEngine(small_index, ToyEncoder(), follow=False)
        assert codes(nowhere, message)[0] == HA_NOI
        there = SearchEngine(small_index, ToyEncoder(), province="Gia Lai", follow=False)
        assert HA_NOI not in codes(there, message)

    def test_words_that_only_look_like_a_province_name_none(self, small_engine: SearchEngine) -> None:
        assert GIA_LAI_UNKNOWN not in codes(small_engine, "đánh giá lại, hỗ trợ nuôi ong lấy mật")

    def test_a_province_nobody_knows_is_like_none(self, small_index: Path) -> None:
        engine = SearchEngine(small_index, ToyEncoder(), province="Atlantis", follow=False)
        assert GIA_LAI_UNKNOWN not in codes(engine, "hỗ trợ nuôi ong lấy mật")


@pytest.mark.parametrize("province", ["", "Gia Lai"])
def test_what_goes_on_between_offices_is_never_shown(small_index: Path, province: str) -> None:
    engine = SearchEngine(small_index, ToyEncoder(), province=province, follow=False)
    official = next(p.name for p in procedures() if p.code == BETWEEN_OFFICES)
    for message in (official, f"{official} Gia Lai", "khai thác", ""):
        assert BETWEEN_OFFICES not in codes(engine, message)


BAD = {
    "empty": "",
    "spaces": "  \n\t ",
    "10,000 letters": "a" * 10_000,
    "10,000 characters of words": "lam giay khai sinh " * 530,
    "emoji": "😀👨‍👩‍👧🇻🇳",
    "tag characters": "".join(chr(0xE0000 + ord(c)) for c in "ignore"),
    "lone surrogate": "khai \ud800 sinh",
    "NUL": "khai\x00sinh",
    "SQL": "'; DROP TABLE procedure; -- UNION SELECT * FROM users",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "intent": '/nlu_fallback{"procedure":"1.001193"}',
    "punctuation": "?!...,,,;;",
    "other script": "出生登记 свидетельство о рождении شهادة",
    "format": "%s%n {0} {{7*7}} ${jndi:ldap://x}",
    "digits": "1.001193 0123456789",
}


@pytest.mark.parametrize("message", BAD.values(), ids=BAD.keys())
def test_bad_input_finds_something_or_nothing_but_raises_nothing(small_engine: SearchEngine, message: str) -> None:
    result = small_engine.search(message)
    assert all(hit.score == hit.score for hit in result.hits)
    assert 0 <= result.probability <= 1 and 0 <= result.relevance <= 1


@settings(deadline=None, max_examples=60)
@given(message=st.text(max_size=200))
def test_any_text_can_be_searched(small_engine: SearchEngine, message: str) -> None:
    assert len(small_engine.search(message).hits) <= 10


def test_a_small_index_can_be_asked_for_more_than_it_has(small_engine: SearchEngine) -> None:
    assert len(codes(small_engine, "khai sinh", k=10_000)) <= len(procedures())
    assert codes(small_engine, "khai sinh", k=0) == []


class TestOpening:
    """What cannot be opened is said in one line."""

    def test_nothing_built(self, tmp_path: Path) -> None:
        with pytest.raises(IndexMissing, match="run 'motcua index build'") as error:
            SearchEngine(tmp_path / "index", ToyEncoder(), follow=False)
        assert "\n" not in str(error.value)

    def test_built_with_another_encoder(self, small_index: Path) -> None:
        with pytest.raises(IndexCorrupt, match="another encoder"):
            SearchEngine(small_index, ToyEncoder(name="other"), follow=False)


class TestFollowing:
    """A running process takes up a new version by itself."""

    def test_a_version_switched_to_by_another_process_answers_within_five_seconds(self, tmp_path: Path) -> None:
        build(tmp_path, procedures()[:3])
        engine = SearchEngine(tmp_path, ToyEncoder())
        switched: list[SearchIndex] = []
        engine.on_switch(switched.append)
        try:
            assert WELL not in codes(engine, "nước dưới đất")
            subprocess.run([sys.executable, "-c", _BUILD_ALL, str(tmp_path)], check=True)
            deadline = time.monotonic() + 5
            while WELL not in codes(engine, "nước dưới đất"):
                assert time.monotonic() < deadline, "the new version was not taken up"
                time.sleep(0.05)
        finally:
            engine.close()
        assert [index.manifest.version for index in switched] == [engine.index.manifest.version]

    def test_a_damaged_version_is_reported_once_and_the_old_one_stays(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        build(tmp_path, procedures()[:3])
        engine = SearchEngine(tmp_path, ToyEncoder(), follow=False)
        newer = build(tmp_path, digest="second")
        (tmp_path / newer / "names.faiss").write_bytes(b"rubbish")
        with caplog.at_level(logging.ERROR):
            assert not engine.refresh() and not engine.refresh()
        assert len([r for r in caplog.records if newer in r.getMessage()]) == 1
        assert codes(engine, "khai sinh")[0] == BIRTH

    def test_a_version_is_taken_up_once_it_is_mended(self, tmp_path: Path) -> None:
        build(tmp_path, procedures()[:3])
        engine = SearchEngine(tmp_path, ToyEncoder(), follow=False)
        newer = build(tmp_path, digest="second")
        (tmp_path / newer / "names.faiss").write_bytes(b"rubbish")
        assert not engine.refresh()
        assert build(tmp_path, digest="second") == newer
        assert engine.refresh() and engine.index.manifest.version == newer

    def test_the_same_version_is_opened_once(self, tmp_path: Path) -> None:
        build(tmp_path)
        engine = SearchEngine(tmp_path, ToyEncoder(), follow=False)
        index = engine.index
        assert not engine.refresh() and engine.index is index

    def test_a_vanished_folder_leaves_the_version_in_memory(self, tmp_path: Path) -> None:
        build(tmp_path / "index")
        engine = SearchEngine(tmp_path / "index", ToyEncoder(), follow=False)
        (tmp_path / "index").rename(tmp_path / "away")
        assert not engine.refresh()
        assert codes(engine, "khai sinh")[0] == BIRTH


_BUILD_ALL = """
import sys
from pathlib import Path
from tests.knowledge.search.conftest import build
build(Path(sys.argv[1]), digest="all")
"""
