"""Writes `docs/settings.md` from the settings themselves: `python -m motcua.settings_page`."""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from motcua.settings import ROOT, Settings

PAGE = ROOT / "docs" / "settings.md"

_INTRODUCTION = """\
# Settings

Made by `python -m motcua.settings_page` from `motcua/settings.py`; do not edit.

Everything is set in the environment, for example `MOTCUA_PORT=9000 make run`. A value may also lie in a file
named like the variable in lower case (`motcua_database_url`), in the folder that `MOTCUA_SECRETS_DIR` names:
the place for passwords and tokens. The environment wins over the file. A changed setting counts from the next
start.

| variable | default | what it is |
|---|---|---|
"""


def render() -> str:
    """Gives the whole page."""
    rows = [_row(name, field) for name, field in Settings.model_fields.items()]
    return _INTRODUCTION + "".join(rows)


def _row(name: str, field: FieldInfo) -> str:
    variable = f"{Settings.model_config['env_prefix']}{name.upper()}"
    default = field.get_default(call_default_factory=True, validated_data={})
    description = (field.description or "").replace("|", "\\|")
    return f"| `{variable}` | {_shown(default)} | {description} |\n"


def _shown(default: object) -> str:
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, Path) and default.is_relative_to(ROOT):
        default = default.relative_to(ROOT)
    return f"`{default}`" if str(default) else "empty"


def main() -> int:
    """Writes the page; gives the exit code."""
    PAGE.write_text(render(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(Settings.model_fields)} settings")
    return 0


if __name__ == "__main__":
    sys.exit(main())
