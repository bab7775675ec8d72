from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import SecretStr

from channels.durable.alerts import open_alerts
from channels.zalo_oa.alerts import consent_is_back, consent_is_lost
from channels.zalo_oa.sealing import TokenSeal, open_token_seal
from channels.zalo_oa.tables import ZaloConsent, ZaloToken
from motcua.database import Base, open_database, upgrade
from motcua.errors import CannotSeal
from motcua.settings import Settings

OURS = {table.__tablename__ for table in (ZaloToken, ZaloConsent)}
NOW = datetime(2026, 11, 5, tzinfo=UTC)


def test_migrations_and_tables_agree(database: str) -> None:
    engine = open_database(database)
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


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_database(request: pytest.FixtureRequest, database: str) -> str:
    if request.param == "sqlite":
        return database
    url: str = request.getfixturevalue("postgres").new_database()
    upgrade(url)
    return url


def test_an_alert_is_open_once_for_each_account_and_can_be_raised_again_when_closed(any_database: str) -> None:
    engine = open_database(any_database)
    with engine.begin() as connection:
        consent_is_lost(connection, "1", -118, NOW)
        consent_is_lost(connection, "1", -118, NOW)
        consent_is_lost(connection, "2", None, NOW)
        assert [(one.subject, one.problem) for one in open_alerts(connection)] == [("1", "-118"), ("2", "no code")]
        consent_is_back(connection, "1", NOW)
        assert [one.subject for one in open_alerts(connection)] == ["2"]
        consent_is_lost(connection, "1", None, NOW)
        assert {one.subject for one in open_alerts(connection)} == {"1", "2"}
    engine.dispose()


def test_the_seals_secret_is_made_once_and_kept_for_the_owner_alone(tmp_path: Path) -> None:
    sealed = open_token_seal(Settings(home=tmp_path)).close("at-x")
    assert "at-x" not in sealed and open_token_seal(Settings(home=tmp_path)).open(sealed) == "at-x"
    assert stat.S_IMODE((tmp_path / "zalo-key").stat().st_mode) == 0o600


def test_a_seal_of_the_settings_is_taken_and_a_wrong_one_told(tmp_path: Path) -> None:
    ours = open_token_seal(Settings(home=tmp_path, zalo_oa_token_secret=SecretStr("0123456789abcdef")))
    assert not (tmp_path / "zalo-key").exists()
    with pytest.raises(CannotSeal, match="another one now"):
        TokenSeal(b"another secret, as long").open(ours.close("at-x"))
    with pytest.raises(CannotSeal, match="MOTCUA_ZALO_OA_TOKEN_SECRET"):
        open_token_seal(Settings(home=tmp_path, zalo_oa_token_secret=SecretStr("short")))
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotSeal, match="MOTCUA_ZALO_OA_TOKEN_SECRET"):
        open_token_seal(Settings(home=tmp_path / "file"))
