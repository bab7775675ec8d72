"""A gateway that is killed at any line loses nothing and says nothing twice."""

from __future__ import annotations

import json
import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.channels.durable import child
from tests.simulators.channel import ChannelSimulator, Push


@pytest.fixture(scope="module")
def nursery() -> ForkServerContext:
    """Makes processes that have imported everything already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.channels.durable.child"])
    return context


@pytest.fixture
def channel() -> Iterator[ChannelSimulator]:
    simulator = ChannelSimulator()
    with simulator.server:
        yield simulator


@dataclass
class Deaths:
    """What came of gateways that were killed, one at each step of answering one event, and of one that was not.

    Attributes:
        where: the names of the steps; empty for the first and the last gateway, which were not killed.
        seen: what the person of each gateway saw in the end, of two messages.
        rows: what the database says of some question.
        asked: how often the bot was asked, by event.
    """

    where: list[str]
    seen: list[list[str]]
    rows: Callable[[str], list[Any]]
    asked: Counter[str]


@pytest.fixture
def die(nursery: ForkServerContext, url: str, channel: ChannelSimulator, tmp_path: Path) -> Callable[[bool], Deaths]:
    """Kills a gateway at every step, each with a channel of its own, and has another one go on with all of them."""

    def rows(asked: str) -> list[Any]:
        engine = create_engine(url)
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(text(asked))]
        engine.dispose()
        return found

    def kill_everywhere(can_look: bool) -> Deaths:
        first = {"step 0": Push("person 0", 0)}
        task = child.Task(url, channel.server.url, first, tmp_path / "note", can_look=can_look)
        process = nursery.Process(target=child.die_everywhere, args=(task, tmp_path / "steps"))
        process.start()
        process.join(250)
        assert process.exitcode == 0
        where = json.loads((tmp_path / "steps").read_text())
        return Deaths(where, [channel.seen[f"person {step}"] for step in range(len(where))], rows, channel.asked)

    return kill_everywhere


def test_killed_at_any_step_nothing_is_lost_and_nothing_doubled(die: Callable[[bool], Deaths]) -> None:
    deaths = die(True)
    for step, (seen, where) in enumerate(zip(deaths.seen, deaths.where, strict=True)):
        said = Push(f"person {step}", step).text
        assert seen == [f"re {said} 0", f"re {said} 1"], f"killed at {where}"
    # Every kind of moment was among them.
    assert set(child.MOMENTS) <= set(deaths.where)
    assert sum("commit" in step for step in deaths.where) >= 5
    assert sum("INSERT INTO" in step for step in deaths.where) >= 2
    assert deaths.rows("SELECT kind FROM durable_alert") == []
    assert deaths.rows("SELECT DISTINCT state FROM durable_event") == [("done",)]
    assert deaths.rows("SELECT DISTINCT state FROM durable_message") == [("sent",)]
    # The bot is asked again only where its answer was not stored.
    assert max(deaths.asked.values()) == 2 and sum(deaths.asked.values()) < 2 * len(deaths.where)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_where_the_channel_cannot_be_asked_nothing_is_doubled_and_what_is_in_doubt_is_said(
    die: Callable[[bool], Deaths],
) -> None:
    deaths, missing = die(False), 0
    for step, (seen, where) in enumerate(zip(deaths.seen, deaths.where, strict=True)):
        said = Push(f"person {step}", step).text
        parts = [f"re {said} 0", f"re {said} 1"]
        assert [part for part in parts if part in seen] == seen, f"killed at {where}"
        assert len(seen) >= 1, f"killed at {where}"
        missing += 2 - len(seen)
    in_doubt = deaths.rows("SELECT number FROM durable_alert WHERE kind = 'message_unknown'")
    assert 0 < missing <= len(in_doubt) < len(deaths.where)
