"""A desk over a hall of counters, and one person who talks with it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from actions.dossiers.inquiry import Asker
from actions.queueing.asking import Answer, QueueDesk
from actions.queueing.naming import AtHand
from knowledge.counters.model import Counter
from motcua.database import open_database
from motcua.reply import Reply
from tests.knowledge.counters.conftest import BOTH, Hall, counter, emptied, make_empty_file

__all__ = ["emptied"]

CLOUD = "Trung tâm Phục vụ hành chính công phường Mây Trắng"
RIVER = "Trung tâm Phục vụ hành chính công xã Sông Xanh"


def two_centres() -> list[Counter]:
    return [
        counter("Quầy 1 – Hộ tịch, chứng thực", centre=CLOUD, serves=("Hộ tịch", "Chứng thực"), address="Số 1 phố Mây"),
        counter("Quầy 2 – Đất đai", centre=CLOUD, serves=("Đất đai", "1.012781")),
        counter("Quầy chung", centre=RIVER),
    ]


class Talk:
    """One person at the desk: keeps the step from message to message, as the slot does."""

    def __init__(self, desk: QueueDesk, hall: Hall, person: str = "me") -> None:
        self.desk, self.hall, self.asker = desk, hall, Asker(person)
        self.step = ""
        self.at_hand: AtHand | None = None

    def say(self, said: str, intent: str = "nlu_fallback") -> Answer:
        assert self.desk.takes(said, intent, self.step), said
        answer = self.desk.answer(said, intent, self.step, self.asker, self.hall.clock(), at_hand=self.at_hand)
        self.step = answer.step
        return answer

    def hears(self, said: str, intent: str = "nlu_fallback") -> str:
        reply = self.reply(said, intent)
        return reply.text

    def reply(self, said: str, intent: str = "nlu_fallback") -> Reply:
        reply = self.say(said, intent).reply
        assert reply is not None
        return reply


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the tables of counters, to be copied."""
    return make_empty_file(tmp_path_factory.mktemp("queueing") / "empty.db")


@pytest.fixture
def engine(tmp_path: Path, empty_file: Path) -> Iterator[Engine]:
    shutil.copy(empty_file, tmp_path / "motcua.db")
    engine = open_database(f"sqlite:///{tmp_path / 'motcua.db'}")
    yield engine
    engine.dispose()


@pytest.fixture(params=BOTH)
def either(request: pytest.FixtureRequest, tmp_path: Path, empty_file: Path) -> Iterator[Engine]:
    """The same on SQLite and on PostgreSQL."""
    if request.param == "postgres":
        url = request.getfixturevalue("emptied")()
    else:
        shutil.copy(empty_file, tmp_path / "either.db")
        url = f"sqlite:///{tmp_path / 'either.db'}"
    engine = open_database(url)
    yield engine
    engine.dispose()


def desk_of(hall: Hall) -> QueueDesk:
    return QueueDesk(hall.book, hall.queues, hall.appointments, hall.timetable)


@pytest.fixture
def hall(engine: Engine) -> Hall:
    return Hall(engine, *two_centres())


@pytest.fixture
def talk(hall: Hall) -> Talk:
    return Talk(desk_of(hall), hall)
