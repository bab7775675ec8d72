"""The benchmark: what it measures, and whom it may load."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation import bench as benchmark
from evaluation.bench import answers, bench, encoder_speed, memory, messages, only_here, search_latency
from evaluation.errors import AssistantAway, NotHere, TooManyRequests
from knowledge.errors import IndexMissing
from knowledge.search import SearchEngine
from motcua.settings import Settings
from tests.knowledge.search.conftest import build
from tests.simulators.assistant import AssistantSimulator
from tests.simulators.encoder import ToyEncoder


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with an index of the small catalogue, and the simulated encoder in place of the real one."""
    made = Settings(home=tmp_path)
    build(made.index_folder)
    monkeypatch.setattr(benchmark, "load_encoder", lambda *_: ToyEncoder())
    return made


@pytest.fixture
def engine(settings: Settings) -> SearchEngine:
    return SearchEngine(settings.index_folder, ToyEncoder(), follow=False)


@pytest.fixture
def assistant() -> Iterator[AssistantSimulator]:
    simulator = AssistantSimulator(lambda _: [{"kind": "answer", "text": "…"}])
    with simulator.server:
        yield simulator


def test_the_report_has_every_figure(
    settings: Settings, assistant: AssistantSimulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench(settings, assistant.url, tmp_path / "report.json", seconds=0.3)
    figures = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert set(figures["search_ms"]) == {"10", "40", "100", "200"}
    for of_length in figures["search_ms"].values():
        assert 0 < of_length["p50"] <= of_length["p95"] and of_length["reading_p50"] > 0
    assert figures["encoder_per_s"]["titles"] > 0 and figures["encoder_per_s"]["long_passages"] > 0
    assert figures["index"]["procedures"] == 8 and figures["index"]["open_s"] >= 0
    assert 0 < figures["memory_mb"]["resident"] <= figures["memory_mb"]["highest"]
    assert figures["machine"]["cores"] >= 1
    assert set(figures["answers"]) == {"1", "10"}
    for asked in figures["answers"].values():
        assert 0 < asked["p50"] <= asked["p95"] and asked["n"] >= 1 and asked["per_s"] > 0
    printed = capsys.readouterr().out
    assert "search, 200 words" in printed and "answer, 10 at once" in printed


def test_without_an_address_only_this_process_is_measured(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench(settings, "", tmp_path / "report.json")
    assert "answers" not in json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert "at once" not in capsys.readouterr().out


def test_without_an_index_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "load_encoder", lambda *_: ToyEncoder())
    with pytest.raises(IndexMissing, match="motcua index build"):
        bench(Settings(home=tmp_path), "", None)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8080", "http://localhost:8080/", "http://[::1]:8080", "https://127.9.9.9", "http://127.0.0.1"],
)
def test_this_machine_may_be_asked(url: str) -> None:
    only_here(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "http://8.8.8.8:8080",
        "http://0.0.0.0:8080",
        "http://192.168.1.2",
        "http://127.0.0.1@example.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com/",
        "http://[::ffff:8.8.8.8]",
        "http://2130706433",
        "ftp://127.0.0.1",
        "127.0.0.1:8080",
        "http://127.0.0.1:port",
        "http://[::1",
        "http://",
        "x",
    ],
)
def test_no_other_machine_is_loaded(url: str, settings: Settings) -> None:
    with pytest.raises(NotHere, match=r"bench asks http://127\.0\.0\.1:PORT only"):
        bench(settings, url, None)
    with pytest.raises(NotHere):
        answers(url, ["khai sinh"], people=1, seconds=0)


def test_people_ask_at_once_each_in_a_conversation_of_their_own(assistant: AssistantSimulator) -> None:
    measured = answers(assistant.url, ["a", "b", "c"], people=4, seconds=0.3)
    talks = list(assistant.conversations.values())
    assert len(talks) == 4 and all(talk[0] == "xin chào" for talk in talks)
    assert sum(len(talk) - 1 for talk in talks) == measured["n"]
    assert {text for talk in talks for text in talk[1:]} == {"a", "b", "c"}


def test_it_ends_when_the_time_is_over(assistant: AssistantSimulator) -> None:
    with pytest.raises(AssistantAway, match="answered nothing within 0 s"):
        answers(assistant.url, ["a"], people=1, seconds=0)


def test_an_assistant_that_limits_requests_is_not_measured_as_slow(assistant: AssistantSimulator) -> None:
    assistant.slow_down = 1_000
    with pytest.raises(TooManyRequests, match="MOTCUA_RATE_PER_ADDRESS"):
        answers(assistant.url, ["a"], people=2, seconds=0.2)


def test_an_assistant_that_is_down_is_reported(assistant: AssistantSimulator) -> None:
    assistant.fault = 503
    with pytest.raises(AssistantAway, match="HTTP 503"):
        answers(assistant.url, ["a"], people=2, seconds=0.2)


@pytest.mark.parametrize("words", [1, 10, 200])
def test_messages_have_the_length_asked_for_and_are_the_same_each_time(engine: SearchEngine, words: int) -> None:
    made = messages(engine, words)
    assert {len(message.split()) for message in made} == {words}
    assert made == messages(engine, words)
    assert words == 1 or len(set(made)) > 5


def test_parts_can_be_measured_alone(engine: SearchEngine) -> None:
    assert list(search_latency(engine)) == ["10", "40", "100", "200"]
    assert encoder_speed(ToyEncoder(), engine)["titles"] > 0
    assert memory()["resident"] > 10
