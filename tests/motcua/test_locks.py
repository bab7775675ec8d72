"""The locks, and that they are of this environment."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tomllib
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from motcua.locks import NotInstalled, closure, write
from motcua.settings import ROOT

INDEX = {
    "web": ("2.1", ["engine>=1", 'fast; extra == "speed"', 'old-python; python_version < "3"']),
    "engine": ("1.5+cpu", ["web"]),
    "fast": ("0.3", []),
    "tests": ("9", ["web"]),
}


def look(name: str) -> tuple[str, list[str]]:
    try:
        return INDEX[name]
    except KeyError:
        raise NotInstalled(name) from None


def locked(file: str) -> dict[str, str]:
    text = (ROOT / "requirements" / file).read_text(encoding="utf-8")
    return dict(line.split("==") for line in text.splitlines() if not line.startswith("#"))


def test_a_closure_follows_requirements_around_circles_and_drops_build_names() -> None:
    assert closure(["web"], look) == {"web": "2.1", "engine": "1.5"}


def test_extras_are_followed_when_asked_for() -> None:
    assert closure(["web[speed]"], look)["fast"] == "0.3"


def test_what_is_not_installed_is_named() -> None:
    with pytest.raises(NotInstalled, match="ghost"):
        closure(["ghost"], look)


def test_what_the_services_have_is_not_locked_again_for_developers(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["web"]\n[project.optional-dependencies]\ndev = ["tests"]\n'
    )
    assert write(tmp_path, look) == (2, 1)
    assert (tmp_path / "requirements" / "dev.lock").read_text().splitlines()[1:] == ["tests==9"]


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = {**locked("services.lock"), **locked("dev.lock")}
    for text in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        wanted = Requirement(text)
        assert wanted.specifier.contains(versions[canonicalize_name(wanted.name)]), f"{text}: run `make lock`"


@pytest.mark.parametrize("file", ["services.lock", "dev.lock", "tools.lock"])
def test_a_lock_names_exact_versions_and_no_places(file: str) -> None:
    lines = (ROOT / "requirements" / file).read_text(encoding="utf-8").splitlines()
    assert len(lines) > 2
    assert [line for line in lines if not re.fullmatch(r"#.*|[a-z0-9-]+==[0-9a-z.]+", line)] == []
