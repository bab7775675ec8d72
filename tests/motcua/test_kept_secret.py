from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from motcua.kept_secret import kept_secret


def test_the_secret_is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "dossier-key"
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: kept_secret(file), range(40)))
    assert len(found) == 1 and len(found.pop()) == 64
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["dossier-key"]
