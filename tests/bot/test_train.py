"""The model's name follows its contents; nothing of Rasa is needed to know it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.train import ROOT, content_hash, model_path, sources


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for path in sources():
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return tmp_path


def test_a_copy_of_the_files_has_the_same_model(checkout: Path) -> None:
    assert content_hash(checkout) == content_hash()


@pytest.mark.parametrize(
    "name",
    [
        "bot/config.yml",
        "bot/domain.yml",
        "bot/data/rules.yml",
        "bot/requirements.lock",
        "nlu/asking/phrases.yaml",
        "nlu/data/ask_fee.yml",
        "nlu/data/names.yaml",
        "nlu/rasa/features.py",
        "nlu/text/abbreviations.yaml",
        "nlu/text/cleaning.py",
    ],
)
def test_every_part_decides_the_model(checkout: Path, name: str) -> None:
    path = checkout / name
    path.write_bytes(path.read_bytes() + b"\n#\n")
    assert content_hash(checkout) != content_hash()


def test_what_is_not_learned_from_does_not(checkout: Path) -> None:
    (checkout / "bot/gateway_channel.py").write_text("# another", encoding="utf-8")
    assert model_path(Path("m"), checkout) == model_path(Path("m"))


def test_a_renamed_file_is_another_model(checkout: Path) -> None:
    (checkout / "nlu/data/ask_fee.yml").rename(checkout / "nlu/data/ask_fees.yml")
    assert content_hash(checkout) != content_hash()
