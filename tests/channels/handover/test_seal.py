from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from channels.handover.seal import Seal, open_seal
from motcua.errors import CannotSeal
from motcua.settings import Settings

SEAL = Seal(b"a secret of the tests")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_what_is_sealed_is_read_again_and_looks_different_each_time(text: str) -> None:
    assert SEAL.open(SEAL.close(text)) == text
    assert SEAL.close(text) != SEAL.close(text)


def test_another_secret_opens_nothing_and_tells_nothing() -> None:
    with pytest.raises(CannotSeal) as told:
        Seal(b"another secret, as long").open(SEAL.close("0912345678"))
    assert "0912345678" not in str(told.value)


def test_the_secret_is_made_once_and_kept_for_the_owner_alone(tmp_path: Path) -> None:
    sealed = open_seal(Settings(home=tmp_path)).close("x")
    assert open_seal(Settings(home=tmp_path)).open(sealed) == "x"
    assert stat.S_IMODE((tmp_path / "handover-key").stat().st_mode) == 0o600


def test_a_secret_of_the_settings_is_taken_and_a_short_one_refused(tmp_path: Path) -> None:
    ours = Settings(home=tmp_path, handover_secret=SecretStr("0123456789abcdef"))
    assert open_seal(ours).open(Seal(b"0123456789abcdef").close("x")) == "x"
    assert not (tmp_path / "handover-key").exists()
    with pytest.raises(CannotSeal, match="MOTCUA_HANDOVER_SECRET"):
        open_seal(Settings(home=tmp_path, handover_secret=SecretStr("short")))


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotSeal, match="MOTCUA_HANDOVER_SECRET"):
        open_seal(Settings(home=tmp_path / "file"))
