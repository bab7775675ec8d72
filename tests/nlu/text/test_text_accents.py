"""Accents put back on what was typed without them, and nothing else touched."""

import gzip
import re
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.text import AccentModel, AccentRestorer, clean, fold

DOMAIN = [
    "đăng ký khai sinh cho con",
    "làm giấy khai sinh cần giấy tờ gì",
    "cấp lại giấy phép lái xe bị mất",
    "đổi giấy phép lái xe hạng b1",
    "lệ phí bao nhiêu tiền",
    "nộp hồ sơ ở đâu",
    "đăng ký kết hôn với người nước ngoài",
    "xác nhận tình trạng hôn nhân",
    "thủ tục đăng ký tạm trú tạm vắng",
    "trợ cấp cho người cao tuổi",
    "mất căn cước công dân thì làm thế nào",
]
VOCABULARY = Path(__file__).resolve().parents[3] / "knowledge" / "vocabulary"
# The share of syllables of phrases held out from the model; rises only.
_SYLLABLES_RIGHT = 0.95
_SYLLABLE = re.compile(r"[a-zà-ỹđ]+")

bare_words = st.sampled_from(sorted({fold(w) for phrase in DOMAIN for w in phrase.split()} | {"xyz", "wifi", "k"}))
marks = st.sampled_from([" ", ", ", "? ", ". ", " 12 ", "/", " (", ") ", "\n", " 😀 ", "-"])


@pytest.fixture(scope="module")
def model() -> AccentModel:
    return AccentModel.count((phrase, 1.0) for phrase in DOMAIN)


@pytest.fixture(scope="module")
def restorer(model: AccentModel) -> AccentRestorer:
    return AccentRestorer(model)


@pytest.mark.parametrize("phrase", DOMAIN)
def test_phrases_of_the_domain_come_back(restorer: AccentRestorer, phrase: str) -> None:
    assert restorer.restore(fold(phrase)) == phrase
    assert restorer.restore(fold(phrase).upper()) == phrase


def test_new_sentences_are_put_together_from_known_ones(restorer: AccentRestorer) -> None:
    restored = restorer.restore("Dang ky khai sinh o dau, le phi bao nhieu? Ho so can giay to gi")
    assert restored == "đăng ký khai sinh ở đâu, lệ phí bao nhiêu? hồ sơ cần giấy tờ gì"


def test_the_neighbours_decide_between_words_that_look_alike() -> None:
    restorer = AccentRestorer(
        AccentModel.count([("cấp lại giấy phép", 1.0), ("thừa kế đất", 1.0), ("giấy đắt", 1.0)] * 3)
    )
    assert restorer.restore("thua ke dat") == "thừa kế đất"
    assert restorer.restore("giay dat") == "giấy đắt"


@settings(deadline=None)
@given(st.lists(st.tuples(bare_words, marks), max_size=30))
def test_only_accents_are_added(pieces: list[tuple[str, str]]) -> None:
    text = "".join(word + mark for word, mark in pieces)
    restored = _RESTORER.restore(text)
    assert fold(restored) == fold(text)
    assert len(restored) == len(text)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_taken(text: str) -> None:
    restored = _RESTORER.restore(text)
    assert fold(restored) == fold(text)
    _RESTORER.is_bare(text)


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted({w for phrase in DOMAIN for w in phrase.split() if fold(w) != w})), max_size=12))
def test_what_carries_an_accent_is_never_touched(accented: list[str]) -> None:
    assert _RESTORER.restore(" ".join(accented)) == " ".join(accented)


@pytest.mark.parametrize("phrase", DOMAIN)
def test_restoring_twice_is_restoring_once(restorer: AccentRestorer, phrase: str) -> None:
    assert restorer.restore(restorer.restore(fold(phrase))) == phrase


def test_codes_digits_and_words_from_elsewhere_stay(restorer: AccentRestorer) -> None:
    text = "h49.18-261105-0001 wifi qr 2026 http://x.vn/a?b=1 €"
    assert restorer.restore(text) == text


def test_an_empty_model_changes_nothing() -> None:
    restorer = AccentRestorer(AccentModel.count([]))
    assert restorer.restore("dang ky 1.001193") == "dang ky 1.001193"
    assert not restorer.knows("dang")


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("lam giay khai sinh", True),
        ("lam giay khai sinh cho con o dau vậy", True),
        ("làm giấy khai sinh cho con", False),
        ("cho em hỏi làm CCCD online ở đâu ạ", False),
        ("", False),
        ("12345 ???", False),
        ("😀", False),
    ],
)
def test_a_message_typed_without_accents_is_told_from_one_with_them(
    restorer: AccentRestorer, text: str, bare: bool
) -> None:
    assert restorer.is_bare(text) is bare


def test_a_syllable_is_known_as_the_text_writes_it(restorer: AccentRestorer) -> None:
    assert restorer.knows("đăng") and not restorer.knows("dang") and not restorer.knows("wifi")


def test_heavier_text_wins() -> None:
    restorer = AccentRestorer(AccentModel.count([("má", 1.0), ("mạ", 1.0), ("mã", 5.0)]))
    assert restorer.restore("ma") == "mã"


def test_light_triples_are_dropped_to_keep_the_model_small() -> None:
    model = AccentModel.count([("một hai ba", 0.2), ("bốn năm sáu", 0.6)])
    assert list(model.trigrams) == ["bốn năm sáu"]
    assert set(model.unigrams) == {"một", "hai", "ba", "bốn", "năm", "sáu"}


def test_words_on_both_sides_of_a_full_stop_are_no_pair() -> None:
    model = AccentModel.count([("nộp hồ sơ. lệ phí", 1.0)])
    assert "sơ lệ" not in model.bigrams and "hồ sơ" in model.bigrams


def test_two_models_together_are_a_model_of_both_texts() -> None:
    first, second = DOMAIN[:4], DOMAIN[4:]
    together = AccentModel.count((p, 1.0) for p in first) + AccentModel.count((p, 1.0) for p in second)
    assert together == AccentModel.count((p, 1.0) for p in DOMAIN)


def test_a_saved_model_is_the_same_model_and_the_same_bytes(model: AccentModel, tmp_path: Path) -> None:
    model.save(tmp_path / "one.gz")
    time.sleep(0.01)
    AccentModel.count((p, 1.0) for p in reversed(DOMAIN)).save(tmp_path / "two.gz")
    assert AccentModel.load(tmp_path / "one.gz") == model
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()


@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", gzip.compress(b"no json"), gzip.compress(b"{}"), gzip.compress(b'{"1":{}}')[:-9]],
)
def test_a_damaged_model_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.gz").write_bytes(content)
    with pytest.raises((OSError, EOFError, ValueError, KeyError)):
        AccentModel.load(tmp_path / "model.gz")


@pytest.fixture(scope="module")
def halves() -> tuple[list[str], list[str]]:
    """The project's own phrases, by procedure: three quarters to count, one quarter to restore."""
    counted: list[str] = []
    asked: list[str] = []
    for file in sorted(VOCABULARY.glob("*.yaml")):
        entries = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["procedures"]
        for number, entry in enumerate(entries):
            phrases = [entry["name"], *entry["common_names"], *entry["sample_questions"]]
            (asked if number % 4 == 3 else counted).extend(clean(p) for p in phrases)
    return counted, asked


@pytest.fixture(scope="module")
def of_vocabulary(halves: tuple[list[str], list[str]]) -> AccentRestorer:
    return AccentRestorer(AccentModel.count((phrase, 1.0) for phrase in halves[0]))


def test_syllables_of_phrases_never_seen_come_back_right(
    of_vocabulary: AccentRestorer, halves: tuple[list[str], list[str]]
) -> None:
    right = asked = 0
    for phrase in halves[1]:
        meant = _SYLLABLE.findall(phrase.lower())
        got = _SYLLABLE.findall(of_vocabulary.restore(fold(phrase)))
        assert len(got) == len(meant)
        asked += len(meant)
        right += sum(a == b for a, b in zip(got, meant, strict=True))
    assert asked > 5_000
    assert right / asked >= _SYLLABLES_RIGHT, right / asked


def test_a_message_of_a_thousand_characters_takes_less_than_thirty_milliseconds(
    of_vocabulary: AccentRestorer, halves: tuple[list[str], list[str]]
) -> None:
    story = fold(" ".join(halves[1]))
    messages = [story[start : start + 1000] for start in range(0, 20_000, 1000)]
    # What makes most work: syllables that may be read in many ways, one after the other.
    messages.append(("ba ca ga ma la da co to ho do so de te le me cu tu su lu du " * 20)[:1000])
    assert max(_milliseconds(of_vocabulary, message) for message in messages) < 30


def _milliseconds(restorer: AccentRestorer, message: str) -> float:
    """Processor time, the best of five: what others do on the machine does not count."""
    times = []
    for _ in range(5):
        start = time.process_time()
        restorer.restore(message)
        times.append(time.process_time() - start)
    return 1000 * min(times)


_RESTORER = AccentRestorer(AccentModel.count((phrase, 1.0) for phrase in DOMAIN))
