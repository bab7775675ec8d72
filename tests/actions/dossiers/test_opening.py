"""What the settings open, and the demo's dossiers."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from actions.dossiers.chain import Standing
from actions.dossiers.codes import DossierCode, Tail
from actions.dossiers.errors import BadKey, BadMap, NotConfigured
from actions.dossiers.keys import SecondKey
from actions.dossiers.model import DossierState
from actions.dossiers.opening import open_dossiers, open_keys
from actions.dossiers.sample import load_samples
from actions.dossiers.system_map import load_system_map
from motcua.preparation import preparation_steps
from motcua.settings import Settings

LIVE = {
    "dossier_source": "chain",
    "dossier_url": "https://lgsp.test",
    "dossier_client_id": "motcua",
    "dossier_client_secret": SecretStr("hush"),
}


@pytest.fixture
def config(tmp_path: Path, engine: Engine) -> Settings:
    return Settings(home=tmp_path, database_url=engine.url.render_as_string(hide_password=False))


def test_the_demo_answers_to_its_key_and_knows_nothing_else(config: Settings, engine: Engine) -> None:
    keys = open_keys(config)
    assert load_samples(engine, keys) == 3
    assert load_samples(engine, keys) == 0
    chain = open_dossiers(config, engine)
    states = {
        "H49.18-261105-0001": DossierState.PROCESSING,
        "H49.18-261020-0007": DossierState.SUPPLEMENT_NEEDED,
        "H49.18-260915-0123": DossierState.FINISHED,
    }
    for code, state in states.items():
        found = chain.look_up(DossierCode(code))
        assert (found.standing, found.is_stale) == (Standing.LAST_KNOWN, False)
        assert found.dossier and found.dossier.state is state
        assert found.dossier.opens_to(SecondKey("4567"), chain.keys)
        assert not found.dossier.opens_to(SecondKey("4568"), chain.keys)
    assert chain.look_up(DossierCode("H49.18-261111-9999")).standing is Standing.ABSENT
    assert len(chain.search(Tail("0007"), SecondKey("4567")).dossiers) == 1


@pytest.mark.parametrize(
    ("demo", "source", "needed"), [(True, "sql", True), (False, "sql", False), (True, "http", False)]
)
def test_the_demo_is_loaded_where_nothing_else_is(
    config: Settings, engine: Engine, demo: bool, source: str, needed: bool
) -> None:
    chosen = config.model_copy(update={"dossier_demo": demo, "dossier_source": source})
    step = next(step for step in preparation_steps(chosen) if step.title == "Demo dossiers")
    assert step.needed() is needed
    if needed:
        step.do(lambda done, total: None)
        assert not step.needed()


def test_a_live_source_is_opened_with_what_it_needs(config: Settings, engine: Engine) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    chain = open_dossiers(config.model_copy(update=LIVE), engine, transport=httpx.MockTransport(refuse))
    assert chain.look_up(DossierCode("H49.18-261105-0001")).standing is Standing.UNAVAILABLE
    chain.close()


@pytest.mark.parametrize("missing", ["dossier_url", "dossier_client_id", "dossier_client_secret"])
def test_what_a_live_source_lacks_is_named(config: Settings, engine: Engine, missing: str) -> None:
    empty = SecretStr("") if missing.endswith("secret") else ""
    with pytest.raises(NotConfigured, match=f"MOTCUA_{missing.upper()}"):
        open_dossiers(config.model_copy(update=LIVE | {missing: empty}), engine)


@pytest.mark.parametrize("url", ["lgsp", "ftp://x", "https://", "https://user:word@x", "https://x:y"])
def test_an_address_that_is_none_is_refused(config: Settings, engine: Engine, url: str) -> None:
    with pytest.raises(NotConfigured):
        open_dossiers(config.model_copy(update=LIVE | {"dossier_url": url}), engine)


def test_the_secret_of_the_settings_goes_before_the_kept_one(config: Settings) -> None:
    key = SecondKey("4567")
    kept = open_keys(config).hash_of("0001", key)
    assert kept == open_keys(config).hash_of("0001", key)
    told = config.model_copy(update={"dossier_key_secret": SecretStr("x" * 20)})
    assert open_keys(told).hash_of("0001", key) != kept
    with pytest.raises(BadKey):
        open_keys(config.model_copy(update={"dossier_key_secret": SecretStr("short")}))


@pytest.mark.parametrize(
    "content",
    [
        "fields: {colour: x}",
        "find: {path: '/x/{who}'}",
        "find: {path: '/x/{code'}",
        "find: {absent: {status: 200}}",
        "token: {sent: cookie}",
        "finds: {}",
        "- x",
        "a: [",
    ],
)
def test_a_map_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    table = tmp_path / "map.yaml"
    table.write_text(content, encoding="utf-8")
    with pytest.raises(BadMap):
        load_system_map(table)


def test_a_map_replaces_what_it_names(tmp_path: Path) -> None:
    table = tmp_path / "map.yaml"
    table.write_text("find: {path: '/hs/{code}', record: ''}\nfields: {code: maHoSo}\n", encoding="utf-8")
    how = load_system_map(table)
    assert how.find.address(code="H49.18-261105-0001/..") == "/hs/H49.18-261105-0001%2F.."
    assert (how.fields["code"], how.fields["state"], how.token.path) == ("maHoSo", "state", "/oauth2/token")
