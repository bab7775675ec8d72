"""The page of settings is the settings."""

from __future__ import annotations

from motcua.settings import Settings
from motcua.settings_page import PAGE, render


def test_the_page_lists_the_settings_as_they_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run: .venv/bin/python -m motcua.settings_page"


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_no_default_names_a_folder_of_this_machine() -> None:
    assert "`/" not in render()
