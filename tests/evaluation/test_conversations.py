"""Conversations held with a running assistant, and what is said of them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from evaluation.conversations import evaluate_dialogues, evaluate_offtopic, misses
from evaluation.errors import AssistantAway, TooManyRequests
from evaluation.questions import Dialogue, Expected, Odd
from tests.simulators.assistant import AssistantSimulator

Progress = Callable[[str, int, int], None]


def reply(kind: str = "answer", text: str = "Lệ phí 8.000 đồng", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "text": text, "procedure": "", "aspect": "", "choices": []} | more


def quiet(*_: object) -> None:
    """Nobody watches."""


BIRTH = reply(procedure="1.1", aspect="documents", text="Tờ khai và giấy chứng sinh")
WHICH = reply("clarify", "Việc nào?", choices=[{"title": "A", "payload": "ask:overview:1.1"}])
RULES = {"khai sinh": [BIRTH], "kết hôn": [WHICH], "thời tiết": [reply("refuse_offtopic", "Tôi không biết")]}


@pytest.fixture
def assistant() -> Iterator[AssistantSimulator]:
    simulator = AssistantSimulator(lambda text: RULES.get(text, [reply("other", "?")]))
    with simulator.server:
        yield simulator


@pytest.mark.parametrize(
    ("expected", "replies", "faults"),
    [
        ({}, [BIRTH], []),
        ({"kind": "answer", "procedure": ["1.1", "1.2"], "aspect": "documents"}, [BIRTH], []),
        ({"kind": "greet"}, [reply("greet", "Chào"), BIRTH], []),
        ({"kind": "clarify", "procedure": ["1.1"]}, [WHICH], []),
        ({"must_contain_any": ["CHỨNG SINH", "khác"]}, [BIRTH], []),
        ({}, [], ["no reply"]),
        ({"kind": "answer"}, [WHICH], ["kind clarify instead of answer"]),
        ({"procedure": ["1.1"]}, [WHICH], ["procedure - instead of 1.1"]),
        ({"procedure": ["9.9"]}, [BIRTH, WHICH], ["procedure 1.1/- instead of 9.9"]),
        ({"aspect": "fee"}, [BIRTH], ["aspect documents instead of fee"]),
        ({"must_contain_any": ["lệ phí"]}, [BIRTH], ["says none of ['lệ phí']"]),
        ({"must_not_contain": ["Chứng Sinh", "x"]}, [BIRTH], ["says 'Chứng Sinh'"]),
        (
            {"kind": "greet", "aspect": "fee", "must_not_contain": ["tờ khai"]},
            [BIRTH],
            ["kind answer instead of greet", "aspect documents instead of fee", "says 'tờ khai'"],
        ),
    ],
)
def test_what_a_turn_lacks(expected: dict[str, Any], replies: list[dict[str, Any]], faults: list[str]) -> None:
    assert misses(Expected.model_validate(expected), replies) == faults


def dialogue(name: str, *turns: tuple[str, str]) -> Dialogue:
    spoken = [{"user": user, "expect": {"kind": kind}} for user, kind in turns]
    return Dialogue.model_validate({"id": name, "turns": spoken})


def test_each_conversation_is_held_by_itself_turn_by_turn(assistant: AssistantSimulator) -> None:
    held = [
        dialogue("good", ("khai sinh", "answer"), ("kết hôn", "clarify")),
        dialogue("bad", ("khai sinh", "answer"), ("kết hôn", "answer")),
    ]
    told: list[tuple[str, int, int]] = []
    report, lines = evaluate_dialogues(held, assistant.url, lambda *step: told.append(step))
    assert list(assistant.conversations.values()) == [["khai sinh", "kết hôn"]] * 2
    assert (report["dialogues"], report["turns"]) == (2, 4)
    assert (report["turns_as_expected"], report["dialogues_as_expected"]) == (0.75, 0.5)
    assert report["failed"] == [{"id": "bad", "turn": 2, "misses": ["kind clarify instead of answer"]}]
    assert [(line["id"], line["turn"], line["ok"]) for line in lines] == [
        ("good", 1, True),
        ("good", 2, True),
        ("bad", 1, True),
        ("bad", 2, False),
    ]
    assert 0 < report["latency_ms"]["p50"] <= report["latency_ms"]["p95"]
    assert told == [("Talking", 1, 2), ("Talking", 2, 2)]


def odd(question: str, expect: str, *gold: str) -> Odd:
    return Odd(id=f"{question}-{expect}", question=question, expect=expect, gold=gold)


@pytest.mark.parametrize(
    ("replies", "message", "as_expected"),
    [
        ([reply("refuse_offtopic")], odd("q", "refuse"), True),
        ([reply("help")], odd("q", "refuse"), True),
        ([reply("greet")], odd("q", "refuse"), False),
        ([reply("refuse_offtopic"), BIRTH], odd("q", "refuse"), False),
        ([WHICH], odd("q", "refuse"), False),
        ([reply("greet")], odd("q", "chitchat"), True),
        ([reply("thanks"), BIRTH], odd("q", "chitchat"), False),
        ([reply("handoff")], odd("q", "handoff"), True),
        ([reply("help")], odd("q", "handoff"), False),
        ([BIRTH], odd("q", "answer", "1.1", "1.2"), True),
        ([WHICH], odd("q", "answer", "1.1"), True),
        ([WHICH], odd("q", "answer", "1.2"), False),
        ([reply("refuse_offtopic")], odd("q", "answer", "1.1"), False),
    ],
)
def test_what_an_odd_message_may_bring(replies: list[dict[str, Any]], message: Odd, as_expected: bool) -> None:
    simulator = AssistantSimulator(lambda _: replies)
    with simulator.server:
        report, [line] = evaluate_offtopic([message], simulator.url, quiet)
    assert line["ok"] is as_expected
    assert report["as_expected"] == float(as_expected)


def test_the_report_of_an_off_topic_set(assistant: AssistantSimulator) -> None:
    asked = [
        odd("thời tiết", "refuse"),
        odd("khai sinh", "refuse"),
        odd("khai sinh", "answer", "1.1"),
        odd("thời tiết", "answer", "1.1"),
    ]
    report, lines = evaluate_offtopic(asked, assistant.url, quiet)
    assert len(assistant.conversations) == len(lines) == report["n"] == 4
    assert (report["as_expected"], report["off_topic_answered"], report["in_scope_refused"]) == (0.5, 0.5, 0.5)
    assert report["by"] == {"answer": 0.5, "refuse": 0.5}
    assert [failed["kinds"] for failed in report["failed"]] == [["answer"], ["refuse_offtopic"]]


def test_told_to_slow_down_it_waits_and_goes_on(assistant: AssistantSimulator) -> None:
    assistant.slow_down = 3
    report, _ = evaluate_dialogues([dialogue("d", ("khai sinh", "answer"))], assistant.url, quiet)
    assert report["turns_as_expected"] == 1


def test_told_to_slow_down_for_ever_it_gives_up(assistant: AssistantSimulator) -> None:
    assistant.slow_down = 1_000
    with pytest.raises(TooManyRequests, match="slow down"):
        evaluate_dialogues([dialogue("d", ("khai sinh", "answer"))], assistant.url, quiet)


@pytest.mark.parametrize(("fault", "message"), [(500, "HTTP 500"), (503, "HTTP 503"), ("<html>", "else than JSON")])
def test_an_assistant_at_fault_is_reported_in_a_line(
    assistant: AssistantSimulator, fault: int | str, message: str
) -> None:
    assistant.fault = fault
    with pytest.raises(AssistantAway, match=message) as error:
        evaluate_offtopic([odd("q", "refuse")], assistant.url, quiet)
    assert "\n" not in str(error.value)


def test_no_assistant_is_reported_in_a_line(assistant: AssistantSimulator) -> None:
    assistant.server.stop()
    with pytest.raises(AssistantAway, match=f"the assistant at {assistant.url}/? does not answer"):
        evaluate_dialogues([dialogue("d", ("khai sinh", "answer"))], assistant.url, quiet)
    assistant.server.start()
