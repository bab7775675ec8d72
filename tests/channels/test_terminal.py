"""The terminal client, against a gateway on a real port."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable

import pytest
from fastapi import FastAPI
from rich.console import Console

from channels.terminal import chat
from tests.simulators.rasa import Fault, RasaSimulator
from tests.simulators.server import LoopbackServer


class Typist(Console):
    """A terminal at which somebody types prepared lines."""

    def __init__(self, lines: Iterable[str | Callable[[], str]]) -> None:
        super().__init__(file=io.StringIO(), width=80, force_terminal=False)
        self._lines = iter(lines)

    def input(self, *_: object, **__: object) -> str:
        line = next(self._lines, None)
        if line is None:
            raise EOFError
        return line() if callable(line) else line

    @property
    def shown(self) -> str:
        assert isinstance(self.file, io.StringIO)
        return self.file.getvalue()


@pytest.fixture
def url(live: tuple[LoopbackServer, FastAPI]) -> str:
    return live[0].url


def test_a_question_is_answered_and_a_number_picks_the_choice(url: str, rasa: RasaSimulator) -> None:
    typist = Typist(["làm khai sinh", "1", "/thoát"])
    assert chat(url, typist) == 0
    assert "Giấy chứng sinh" in typist.shown and "A7K2-M4QX" in typist.shown
    assert "1. Lệ phí" in typist.shown
    assert "miễn lệ phí" in typist.shown
    assert rasa.messages == ["làm khai sinh", '/ask_fee{"procedure":"1.001193"}']


def test_a_number_that_is_not_offered_is_sent_as_written(url: str, rasa: RasaSimulator) -> None:
    assert chat(url, Typist(["làm khai sinh", "9"])) == 0
    assert rasa.messages[1] == "9"


def test_square_brackets_are_shown_as_written(url: str) -> None:
    typist = Typist(["[red]đỏ[/red] [/]"])
    assert chat(url, typist) == 0
    assert "[red]đỏ[/red] [/]" in typist.shown


def test_a_failed_question_is_sent_again_by_enter(url: str, rasa: RasaSimulator) -> None:
    def recover() -> str:
        rasa.fault = Fault.NONE
        return ""

    rasa.fault = Fault.ERROR
    typist = Typist(["làm khai sinh", recover])
    assert chat(url, typist) == 0
    assert "Xin lỗi" in typist.shown and "Giấy chứng sinh" in typist.shown


def test_a_gateway_that_does_not_run_is_told(url: str, live: tuple[LoopbackServer, FastAPI]) -> None:
    live[0].stop()
    typist = Typist([])
    assert chat(url, typist) == 2
    assert "motcua run" in typist.shown and url in typist.shown


def test_what_answers_but_is_no_gateway_is_told(rasa: RasaSimulator) -> None:
    typist = Typist([])
    assert chat(rasa.server.url, typist) == 2
    assert "HTTP 404" in typist.shown
