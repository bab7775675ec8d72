"""Writes `requirements/services.lock` and `requirements/dev.lock` from what `.venv` holds.

A lock names the exact version of everything that `pyproject.toml` asks for, directly or not. It is taken from
the environment the tests ran in, so that nothing is locked which was not tried. To raise a version:
`.venv/bin/pip install --upgrade NAME`, `make test`, `make lock`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import tomllib
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

Look = Callable[[str], "tuple[str, list[str]]"]
"""Gives the installed version of a package and what it requires."""

HEADER = "# Made by `make lock` from .venv; do not edit.\n"


class NotInstalled(Exception):
    """A package that the lock needs is not in the environment; the message names it."""


def installed(name: str) -> tuple[str, list[str]]:
    """Looks a package up in the running environment.

    Raises:
        NotInstalled: it is not there.
    """
    try:
        found = distribution(name)
    except PackageNotFoundError as cause:
        raise NotInstalled(f"{name} is not installed: run `make setup` first") from cause
    return found.version, list(found.requires or [])


def closure(wanted: Iterable[str], look: Look = installed) -> dict[str, str]:
    """Follows requirements to their ends on this machine.

    Args:
        wanted: requirements as in `pyproject.toml`.
        look: where a package is looked up.

    Returns:
        Version by canonical package name. Local version suffixes ("+cpu") are dropped: they name a build, and
        which build fits is the installer's business.

    Raises:
        NotInstalled: something required is not installed.
    """
    versions: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    queue = [(Requirement(text), "") for text in wanted]
    while queue:
        requirement, extra = queue.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        version, requires = look(name)
        versions[name] = version.partition("+")[0]
        for asked in ("", *requirement.extras):
            if (name, asked) not in seen:
                seen.add((name, asked))
                queue += [(Requirement(text), asked) for text in requires]
    return versions


def write(root: Path, look: Look = installed) -> tuple[int, int]:
    """Writes both locks.

    Returns:
        Number of packages in the services' lock and in the developers' lock.

    Raises:
        NotInstalled: something required is not installed.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    services = closure(project["dependencies"], look)
    dev = closure(project["optional-dependencies"]["dev"], look)
    only_dev = {name: version for name, version in dev.items() if name not in services}
    folder = root / "requirements"
    folder.mkdir(exist_ok=True)
    for file, versions in (("services.lock", services), ("dev.lock", only_dev)):
        lines = [f"{name}=={version}\n" for name, version in sorted(versions.items())]
        (folder / file).write_text(HEADER + "".join(lines), encoding="utf-8")
    return len(services), len(only_dev)


def main() -> int:
    """Writes the locks of this checkout; gives the exit code."""
    try:
        services, dev = write(Path(__file__).resolve().parent.parent)
    except NotInstalled as problem:
        print(f"motcua: {problem}", file=sys.stderr)
        return 2
    print(f"requirements/services.lock: {services} packages; requirements/dev.lock: {dev} more")
    return 0


if __name__ == "__main__":
    sys.exit(main())
