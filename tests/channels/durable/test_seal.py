"""What is sealed can be read with the secret alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from channels.durable.desk import DurableDesk
from channels.durable.seal import Seal, open_seal
from motcua.database import open_database, upgrade
from motcua.errors import CannotSeal
from motcua.settings import Settings
from tests.channels.durable.conftest import address, arrival

ONE, OTHER = Seal(b"one secret of the tests"), Seal(b"other secret of the tests")


def test_what_is_closed_opens_with_the_same_secret_only() -> None:
    closed = ONE.close(["0912345678", {"text": "xin chào"}])
    assert "0912345678" not in closed
    assert ONE.open(closed) == ["0912345678", {"text": "xin chào"}]
    for cannot in (closed[:-4] + "AAAA", ""):
        with pytest.raises(CannotSeal):
            ONE.open(cannot)
    with pytest.raises(CannotSeal, match="MOTCUA_DURABLE_SECRET"):
        OTHER.open(closed)


def test_marks_tell_conversations_apart_and_say_nothing() -> None:
    marks = {
        ONE.mark_of(address("ann")),
        ONE.mark_of(address("bob")),
        ONE.mark_of(address("ann", "other")),
        ONE.mark_of_key(address("ann"), "ann"),
        OTHER.mark_of(address("ann")),
    }
    assert len(marks) == 5 and all(len(mark) == 32 for mark in marks)
    assert ONE.mark_of(address("ann")) == ONE.mark_of(address("ann"))


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(CannotSeal, match="16"):
        Seal(b"short")


def test_without_a_secret_one_is_made_once(tmp_path: Path) -> None:
    ours = Settings(home=tmp_path)
    assert open_seal(ours).mark_of(address()) == open_seal(ours).mark_of(address())
    assert (tmp_path / "durable-key").stat().st_mode & 0o077 == 0
    told = Settings(home=tmp_path, durable_secret=SecretStr("a secret that is told"))
    assert open_seal(told).mark_of(address()) != open_seal(ours).mark_of(address())


@pytest.mark.anyio
async def test_the_desk_makes_everything_from_the_settings(tmp_path: Path) -> None:
    ours = Settings(home=tmp_path)
    upgrade(ours.database)
    engine = open_database(ours.database)
    desk = DurableDesk(ours, engine)
    assert await desk.inbox.store(arrival("a")) == 1
    await desk.raise_alert("consent_lost", "pigeon", "loft", "-14014")
    await desk.raise_alert("consent_lost", "pigeon", "loft", "-118")
    [alert] = await desk.alerts()
    assert (alert.kind, alert.problem) == ("consent_lost", "-14014")
    assert await desk.close_alert(alert.number) and not await desk.close_alert(alert.number)
    await desk.raise_alert("consent_lost", "pigeon", "loft", "-118")
    assert [again.problem for again in await desk.alerts()] == ["-118"]
    assert not desk.worker({}, {}).health().works
    desk.close()
    engine.dispose()
