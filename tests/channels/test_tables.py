from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from channels.handover import tables as handover
from channels.tables import ChatMessage, ChatNotice, ChatSession
from motcua.database import Base, open_database, upgrade

OURS = {ChatSession.__tablename__, ChatMessage.__tablename__, ChatNotice.__tablename__} | {
    table.__tablename__
    for table in (
        handover.Handover,
        handover.HandoverMessage,
        handover.HandoverNote,
        handover.HandoverNotice,
        handover.HandoverHours,
        handover.MessageRating,
        handover.AnswerReport,
    )
}


def test_migrations_and_tables_agree(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    upgrade(url)
    engine = open_database(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, parents: kind != "table" or name in OURS,
                "include_object": lambda thing, name, kind, reflected, other: kind != "table" or name in OURS,
            },
        )
        differences = compare_metadata(context, Base.metadata)
        named = {row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master")}
    engine.dispose()
    assert differences == []
    assert named >= OURS
