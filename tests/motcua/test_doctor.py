"""The doctor's findings."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from knowledge.model.curated import Words
from knowledge.store import Catalogue
from motcua import preflight
from motcua.database import open_database, upgrade
from motcua.doctor import Finding, doctor
from motcua.preparation import rasa_model
from motcua.settings import ROOT, Settings
from nlu.encoder import is_encoder_folder


@pytest.fixture
def ours(tmp_path: Path) -> Settings:
    bot_python = tmp_path / "python3.10"
    bot_python.write_text("#!/bin/sh\necho Python 3.10.13\n")
    bot_python.chmod(0o755)
    ports = []
    for _ in range(3):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            ports.append(listener.getsockname()[1])
    port, rasa_port, actions_port = ports
    return Settings(
        home=tmp_path / "home",
        port=port,
        rasa_port=rasa_port,
        actions_port=actions_port,
        bot_python=bot_python,
    )


def about(name: str, findings: list[Finding]) -> Finding:
    return next(finding for finding in findings if finding.name == name)


def test_a_home_with_nothing_in_it_is_named_piece_by_piece_with_what_to_do(ours: Settings) -> None:
    findings = doctor(ours)
    for name in ("database", "encoder", "search index", "model of the bot"):
        finding = about(name, findings)
        assert finding.state == "warn" and "`motcua" in finding.todo
    for name in ("home folder", "disk", "ports"):
        assert about(name, findings).state == "ok"


def test_what_was_made_is_found_in_order(ours: Settings) -> None:
    upgrade(ours.database)
    model = rasa_model(ours)
    model.parent.mkdir(parents=True)
    model.write_bytes(b"model")
    findings = doctor(ours)
    for name in ("database", "model of the bot", "ports", "home folder"):
        assert about(name, findings).state == "ok", name


@pytest.mark.encoder
def test_what_the_catalogue_knows_by_name_only_is_counted(ours: Settings) -> None:
    upgrade(ours.database)
    Catalogue(open_database(ours.database)).write(
        [Words(code="1.000001", common_names=("thả diều",))], origin="starter", reason="one name"
    )
    found = about("catalogue", doctor(ours))
    assert found.state == "ok" and "0 procedures in detail, 1 by name only" in found.says
    assert "catalogue import" in found.todo


def test_a_built_encoder_works(ours: Settings) -> None:
    built = Settings().encoder_folder
    if not is_encoder_folder(built):
        pytest.skip("the encoder is not built (motcua encoder build)")
    assert about("encoder", doctor(ours.model_copy(update={"encoder": str(built)}))).state == "ok"


def test_an_encoder_that_is_none_is_bad(ours: Settings, tmp_path: Path) -> None:
    finding = about("encoder", doctor(ours.model_copy(update={"encoder": str(tmp_path / "nowhere")})))
    assert (finding.state, finding.todo) == ("bad", "correct MOTCUA_ENCODER")


def test_a_model_of_other_files_says_that_the_bot_has_changed(ours: Settings) -> None:
    ours.models_folder.mkdir(parents=True)
    (ours.models_folder / "0123456789abcdef.tar.gz").write_bytes(b"model")
    assert "has changed since" in about("model of the bot", doctor(ours)).says


def test_a_damaged_index_is_bad(ours: Settings) -> None:
    (ours.index_folder / "0123456789abcdef").mkdir(parents=True)
    (ours.index_folder / "0123456789abcdef" / "manifest.json").write_text("{")
    (ours.index_folder / "CURRENT").write_text("0123456789abcdef\n")
    finding = about("search index", doctor(ours))
    assert finding.is_bad and finding.todo == "run `motcua index build`"


def test_a_finding_is_a_line() -> None:
    assert str(Finding("ports", "ok", "they are free")) == "ok    ports: they are free"
    assert str(Finding("disk", "warn", "it is tight", "free some")) == "warn  disk: it is tight → free some"


def test_a_database_that_is_none_is_bad(ours: Settings) -> None:
    ours.home.mkdir()
    (ours.home / "motcua.db").write_bytes(b"this is no database " * 100)
    finding = about("database", doctor(ours))
    assert finding.state == "bad" and "not a database" in finding.says


def test_a_database_of_another_shape_says_how_to_bring_it_up_to_date(ours: Settings) -> None:
    ours.home.mkdir()
    (ours.home / "motcua.db").touch()
    finding = about("database", doctor(ours))
    assert (finding.state, finding.todo) == ("warn", "run `motcua db upgrade`")


def test_a_password_in_the_databases_address_is_not_shown(ours: Settings) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    url = f"postgresql://motcua:s3cret@127.0.0.1:{port}/motcua"
    finding = about("database", doctor(ours.model_copy(update={"database_url": url})))
    assert finding.state == "bad"
    assert "s3cret" not in f"{finding}"


@pytest.mark.parametrize("url", ["not a url", "nosuchthing://x/y"])
def test_an_address_that_is_no_database_is_bad(ours: Settings, url: str) -> None:
    assert about("database", doctor(ours.model_copy(update={"database_url": url}))).state == "bad"


def test_a_taken_port_is_bad(ours: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ours.rasa_port))
        taken.listen()
        finding = about("ports", doctor(ours))
    assert finding.state == "bad"
    assert f"port {ours.rasa_port} is taken" in finding.says
    assert "MOTCUA_RASA_PORT" in finding.todo


def test_two_settings_for_one_port_are_bad(ours: Settings) -> None:
    finding = about("ports", doctor(ours.model_copy(update={"rasa_port": ours.port})))
    assert "MOTCUA_PORT and MOTCUA_RASA_PORT" in finding.says


def test_ports_of_a_running_assistant_are_in_order(ours: Settings) -> None:
    ours.home.mkdir()
    with preflight.only_one(ours.home):
        finding = about("ports", doctor(ours))
    assert finding.state == "ok" and "already running" in finding.says


def test_a_missing_environment_of_rasa_is_bad(ours: Settings, tmp_path: Path) -> None:
    findings = doctor(ours.model_copy(update={"bot_python": tmp_path / "none"}))
    finding = next(finding for finding in findings if "environment of Rasa is missing" in finding.says)
    assert (finding.state, finding.todo) == ("bad", "run `make setup`")


def test_another_python_than_3_10_for_rasa_is_bad(ours: Settings) -> None:
    ours.bot_python.write_text("#!/bin/sh\necho Python 3.12.1\n")
    assert any("is not Python 3.10" in finding.says for finding in doctor(ours))


def test_a_library_of_another_version_is_named(ours: Settings, tmp_path: Path) -> None:
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "requirements", root / "requirements")
    with (root / "requirements" / "services.lock").open("a") as lock:
        lock.write("rich==0.1\nnot-there==1\n")
    finding = about("versions", doctor(ours, root))
    assert finding.state == "warn"
    assert "instead of 0.1" in finding.says and "not-there is nothing instead of 1" in finding.says


def test_a_home_that_cannot_be_written_is_bad(ours: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    finding = about("home folder", doctor(ours.model_copy(update={"home": tmp_path / "file" / "home"})))
    assert finding.state == "bad" and "MOTCUA_HOME" in finding.todo


def test_too_little_disk_is_bad(ours: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1))
    finding = about("disk", doctor(ours))
    assert finding.state == "bad" and "free" in finding.says
