"""`motcua retention run`, with no gateway running."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, text
from typer.testing import CliRunner

from channels.handover import cases
from channels.handover.cases import Conversation
from channels.handover.tables import AnswerReport, MessageRating
from channels.storage import now
from channels.tables import ChatMessage, ChatSession
from motcua.cli import app
from motcua.database import open_database
from motcua.reply import Reply
from motcua.settings import settings

TOLD = Reply(kind="handoff", text="…")


@pytest.fixture
def engine(tmp_path: Path, new_database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("MOTCUA_HOME", str(tmp_path))
    monkeypatch.setenv("MOTCUA_HANDOVER_KEEP_DAYS", "10")
    monkeypatch.setenv("MOTCUA_CHAT_KEEP_DAYS", "20")
    settings.cache_clear()
    shutil.copy(new_database, tmp_path)
    made = open_database(settings().database)
    yield made
    made.dispose()
    settings.cache_clear()


def days_ago(days: int) -> datetime:
    return now() - timedelta(days=days)


def talk(engine: Engine, name: str, expired: datetime, *, receipt: str = "") -> None:
    """A web session with one rated and reported message."""
    session = {"id": name, "token_sha256": "", "created_at": expired, "expires_at": expired}
    message = {"session_id": name, "client_message_id": "1", "text": "…", "received_at": expired, "replies": "[]"}
    report = {
        "procedure": "",
        "aspect": "",
        "source": "said",
        "reported_at": expired,
        "done_by": "",
        "receipt": receipt,
    }
    with engine.begin() as connection:
        connection.execute(insert(ChatSession).values(session))
        connection.execute(insert(ChatMessage).values(id=f"m-{name}", **message))
        connection.execute(
            insert(MessageRating).values(message_id=f"m-{name}", useful=True, reason="", rated_at=expired)
        )
        connection.execute(insert(AnswerReport).values(id=f"r-{name}", message_id=f"m-{name}", **report))


def case(engine: Engine, name: str, begun: datetime, ended: datetime | None = None) -> None:
    with engine.begin() as connection:
        made, _ = cases.begin(connection, Conversation("web", name, name), "asked", begun, ask_contact=True)
        cases.settle_contact(connection, made, "given", begun, "sealed")
        if ended:
            cases.finish(connection, made.id, "lan", "closed", ended, TOLD)


def names(engine: Engine, table: str, column: str) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(text(f"SELECT {column} FROM {table}")).scalars())


def test_what_is_older_than_the_settings_allow_is_deleted_and_the_rest_stays(engine: Engine) -> None:
    case(engine, "ended long ago", days_ago(30), days_ago(11))
    case(engine, "ended lately", days_ago(30), days_ago(9))
    case(engine, "waits for ever", days_ago(11))
    case(engine, "waits", days_ago(9))
    talk(engine, "old", days_ago(21))
    talk(engine, "old, with a receipt", days_ago(21), receipt="A7K2-QW3E")
    talk(engine, "young", days_ago(19))
    done = CliRunner().invoke(app, ["retention", "run", "--json"])
    assert done.exit_code == 0
    assert json.loads(done.output) == {"cases": 2, "reports": 0, "sessions": 2}
    assert names(engine, "handover", "person") == {"ended lately", "waits"}
    assert names(engine, "chat_message", "session_id") == names(engine, "message_rating", "substr(message_id, 3)")
    assert names(engine, "chat_message", "session_id") == {"young"}
    assert names(engine, "answer_report", "id") == {"r-young", "r-old, with a receipt"}
    again = CliRunner().invoke(app, ["retention", "run"])
    assert "0 cases" in again.output and "0 web sessions" in again.output


def test_the_session_waits_for_the_bot_to_forget_it(engine: Engine) -> None:
    talk(engine, "old", days_ago(21))
    CliRunner().invoke(app, ["retention", "run"])
    with engine.connect() as connection:
        assert connection.execute(text("SELECT erased_at IS NOT NULL FROM chat_session")).scalar_one()


def test_reports_go_some_time_after_somebody_has_dealt_with_them(engine: Engine) -> None:
    talk(engine, "dealt with", days_ago(1))
    talk(engine, "not yet", days_ago(1))
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE answer_report SET done_at = :at WHERE id = 'r-dealt with'"), {"at": f"{days_ago(11):%F %T.%f}"}
        )
    done = CliRunner().invoke(app, ["retention", "run", "--json"])
    assert json.loads(done.output)["reports"] == 1
    assert names(engine, "answer_report", "id") == {"r-not yet"}
