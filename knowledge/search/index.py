"""The index on disk: versions side by side, one of them in force.

```
index/CURRENT              name of the version in force (switched by rename, so never half written)
index/<version>/           manifest.json, procedures.json, *.faiss, owners.npz, lexical/, accents.json.gz
```
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from knowledge.errors import IndexCorrupt, IndexMissing
from knowledge.search.lexical import LexicalIndex
from knowledge.search.texts import PHRASE_KINDS, PhraseKind
from knowledge.search.vectors import VectorIndex
from nlu.text import AccentModel, AccentRestorer

FORMAT = 1
_POINTER = "CURRENT"
_KEPT = 2


@dataclass(frozen=True)
class IndexedProcedure:
    """What the index knows of a procedure without asking the catalogue."""

    code: str
    name: str
    plain_name: str
    field: str
    own_province: str
    priors: dict[str, float]


@dataclass(frozen=True)
class Manifest:
    """What an index version was made from, and the checksum of each of its files."""

    format: int
    version: str
    catalogue_version: int
    catalogue_digest: str
    encoder: str
    procedures: int
    vectors: int
    files: dict[str, str]


@dataclass
class SearchIndex:
    """An index version in memory; never changed after it is opened."""

    manifest: Manifest
    procedures: list[IndexedProcedure]
    names: VectorIndex
    passages: VectorIndex
    phrases: dict[PhraseKind, VectorIndex]
    lexical: LexicalIndex
    accents: AccentRestorer

    def __post_init__(self) -> None:
        self.rows = {p.code: row for row, p in enumerate(self.procedures)}
        self.own_provinces = np.array([p.own_province for p in self.procedures])
        names = self.procedures[0].priors.keys() if self.procedures else ()
        self.priors = {n: np.array([p.priors[n] for p in self.procedures], np.float32) for n in names}

    @classmethod
    def open(cls, folder: Path, *, verify: bool = True) -> SearchIndex:
        """Opens one version folder.

        Raises:
            IndexMissing: there is no such folder.
            IndexCorrupt: a file is missing, altered, or of another format.
        """
        manifest = read_manifest(folder)
        if verify:
            for name, digest in manifest.files.items():
                if not (folder / name).is_file() or _digest(folder / name) != digest:
                    raise IndexCorrupt(
                        f"index {manifest.version}: {name} is missing or altered; build it again"
                    )
        try:
            rows = json.loads((folder / "procedures.json").read_text(encoding="utf-8"))
            procedures = [IndexedProcedure(**row) for row in rows]
            size = len(procedures)
            with np.load(folder / "owners.npz") as owners:
                names = VectorIndex.load(folder / "names.faiss", owners["names"], size)
                passages = VectorIndex.load(folder / "passages.faiss", owners["passages"], size)
                phrases = {
                    kind: VectorIndex.load(folder / f"{kind}.faiss", owners[kind], size)
                    for kind in PHRASE_KINDS
                }
            accents = AccentRestorer(AccentModel.load(folder / "accents.json.gz"))
        except (OSError, ValueError, TypeError, KeyError) as cause:
            raise IndexCorrupt(
                f"index {manifest.version} cannot be read ({cause}); build it again"
            ) from cause
        return cls(
            manifest,
            procedures,
            names,
            passages,
            phrases,
            LexicalIndex.load(folder / "lexical", size),
            accents,
        )


def read_manifest(folder: Path) -> Manifest:
    """Reads what an index version was made from.

    Raises:
        IndexMissing: there is no such version.
        IndexCorrupt: the manifest is unreadable or of another format.
    """
    if not folder.is_dir():
        raise IndexMissing("no search index has been built: run 'motcua index build'")
    try:
        manifest = Manifest(**json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as cause:
        raise IndexCorrupt(f"index {folder.name} has no readable manifest; build it again") from cause
    if manifest.format != FORMAT:
        raise IndexCorrupt(
            f"index {folder.name} is of format {manifest.format}, not {FORMAT}; build it again"
        )
    return manifest


def current_version(root: Path) -> str:
    """Gives the name of the version in force, or empty."""
    try:
        return (root / _POINTER).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def current_folder(root: Path) -> Path:
    """Gives the folder of the version in force.

    Raises:
        IndexMissing: nothing is in force.
    """
    version = current_version(root)
    if not version:
        raise IndexMissing("no search index has been built: run 'motcua index build'")
    return root / version


def is_current(root: Path, version: str) -> bool:
    """Says whether a version is in force and its folder is whole enough to open."""
    try:
        return current_version(root) == version and read_manifest(root / version).version == version
    except (IndexMissing, IndexCorrupt):
        return False


def version_name(catalogue_digest: str, encoder: str) -> str:
    """Names a version by what goes into it, so that equal inputs are never built twice."""
    return hashlib.sha256(f"{FORMAT}\0{catalogue_digest}\0{encoder}".encode()).hexdigest()[:16]


def seal(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest with the checksums of all files that lie in a version folder."""
    files = {
        str(file.relative_to(folder)): _digest(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != "manifest.json"
    }
    content = asdict(manifest) | {"files": files}
    (folder / "manifest.json").write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def switch(root: Path, version: str) -> None:
    """Puts a version in force in one step and clears away all but the last few."""
    pointer = root / f"{_POINTER}.{os.getpid()}"
    pointer.write_text(version + "\n", encoding="utf-8")
    os.replace(pointer, root / _POINTER)
    others = sorted(
        (f for f in root.iterdir() if f.is_dir() and f.name != version and not f.name.startswith(".")),
        key=lambda f: f.stat().st_mtime,
        reverse=True,
    )
    for old in others[_KEPT - 1 :]:
        shutil.rmtree(old, ignore_errors=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
