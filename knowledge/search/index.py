"""The index on disk: versions side by side, one of them in force.

```
index/CURRENT              name of the version in force (switched by rename, so never half written)
index/<version>/           manifest.json, procedures.json, *.faiss, owners.npz, lexical/, accents-*.json.gz
```
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import IndexCorrupt, IndexMissing
from knowledge.search.adapter import Adapter
from knowledge.search.coverage import Coverage
from knowledge.search.families import twin_title
from knowledge.search.lexical import LexicalIndex
from knowledge.search.qualifiers import Qualifiers
from knowledge.search.texts import ACCENT_PARTS, PHRASE_KINDS, PhraseKind
from knowledge.search.vectors import VectorIndex
from nlu.encoder import Encoder
from nlu.text import AccentModel, AccentRestorer, Reader, fold

# Raise it whenever the same catalogue and encoder would give other files: versions are named by it.
FORMAT = 6
_POINTER = "CURRENT"
_MANIFEST = "manifest.json"
_LOCK = ".lock"
_KEPT = 2


@dataclass(frozen=True)
class IndexedProcedure:
    """What the index knows of a procedure without asking the catalogue.

    own_province: name of the province whose own procedure it is, in lower case, or empty.
    said: the different words of people's phrases for it, accents taken away.
    family: code that names the family it belongs to, or empty.
    titled, known: the qualifiers that its title carries, and those that title or phrases carry.
    """

    code: str
    name: str
    plain_name: str
    field: str
    own_province: str
    said: str
    family: str
    titled: list[str]
    known: list[str]
    priors: dict[str, float]


@dataclass(frozen=True)
class Manifest:
    """What an index version was made from, and the checksum of each of its files.

    parts: digest of what each part that is dear to make was made from, so that it need not be made again.
    """

    format: int
    version: str
    catalogue_version: int
    catalogue_digest: str
    encoder: str
    adapter: str
    procedures: int
    vectors: int
    parts: dict[str, str]
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
        self.reader = Reader(self.accents)
        self.rows = {p.code: row for row, p in enumerate(self.procedures)}
        # Comparing strings for every procedure costs more than a vector search, so provinces are numbered.
        keys = [fold(p.own_province) for p in self.procedures]
        self._province_numbers = {key: number for number, key in enumerate(sorted(set(keys)))}
        self._own_province = np.array([self._province_numbers[key] for key in keys])
        self.coverage = Coverage([p.name for p in self.procedures], [p.said for p in self.procedures])
        twins = [twin_title(p.name) if not p.own_province else p.code for p in self.procedures]
        numbers = {title: number for number, title in enumerate(dict.fromkeys(twins))}
        self.twins = np.array([numbers[title] for title in twins], np.float32)
        self.qualifiers = Qualifiers([p.titled for p in self.procedures], [p.known for p in self.procedures])
        names = self.procedures[0].priors.keys() if self.procedures else ()
        self.priors = {n: np.array([p.priors[n] for p in self.procedures], np.float32) for n in names}

    def foreign_provinces(self, province: str) -> NDArray[np.bool_]:
        """Marks the procedures that are another province's own; shape (procedures,).

        Args:
            province: key of the province in force, or empty.
        """
        ministry, own = (self._province_numbers.get(key, -1) for key in ("", province))
        foreign: NDArray[np.bool_] = (self._own_province != ministry) & (self._own_province != own)
        return foreign

    @classmethod
    def open(cls, folder: Path, *, verify: bool = True) -> SearchIndex:
        """Opens one version folder.

        Raises:
            IndexMissing: there is no such folder.
            IndexCorrupt: a file is missing, altered, or of another format.
        """
        manifest = read_manifest(folder)
        if verify:
            verify_files(folder, manifest)
        try:
            rows = json.loads((folder / "procedures.json").read_text(encoding="utf-8"))
            procedures = [IndexedProcedure(**row) for row in rows]
            size = len(procedures)
            with np.load(folder / "owners.npz") as owners:
                names = VectorIndex.load(folder / "names.faiss", owners["names"], size)
                passages = VectorIndex.load(folder / "passages.faiss", owners["passages"], size)
                phrases = {
                    kind: VectorIndex.load(folder / f"{kind}.faiss", owners[kind], size) for kind in PHRASE_KINDS
                }
            said, official = (AccentModel.load(folder / f"accents-{part}.json.gz") for part in ACCENT_PARTS)
            accents = AccentRestorer(said + official)
        except (OSError, EOFError, ValueError, TypeError, KeyError) as cause:
            raise IndexCorrupt(f"index {manifest.version} cannot be read ({cause}); build it again") from cause
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
        content = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise IndexCorrupt(f"index {folder.name} is of format {content['format']}, not {FORMAT}; build it again")
        return Manifest(**content)
    except (OSError, ValueError, TypeError, KeyError) as cause:
        raise IndexCorrupt(f"index {folder.name} has no readable manifest; build it again") from cause


def verify_files(folder: Path, manifest: Manifest) -> None:
    """Compares every file of a version with its checksum.

    Raises:
        IndexCorrupt: a file is missing or altered.
    """
    for name, digest in manifest.files.items():
        try:
            same = _digest(folder / name) == digest
        except OSError:
            same = False
        if not same:
            raise IndexCorrupt(f"index {manifest.version}: {name} is missing or altered; build it again")


def current_version(root: Path) -> str:
    """Gives the name of the version in force, or empty."""
    try:
        return (root / _POINTER).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def current_stamp(root: Path) -> tuple[str, int]:
    """Tells the version in force from all others, and from itself built again; ("", 0) when there is none."""
    version = current_version(root)
    try:
        return version, (root / version / _MANIFEST).stat().st_mtime_ns if version else 0
    except (OSError, ValueError):
        return version, 0


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
    """Says whether a version is in force and every file of it is as it was written."""
    if current_version(root) != version:
        return False
    try:
        manifest = read_manifest(root / version)
        verify_files(root / version, manifest)
    except (IndexMissing, IndexCorrupt):
        return False
    return manifest.version == version


def version_name(catalogue_digest: str, encoder: Encoder) -> str:
    """Names a version by what goes into it, so that equal inputs are never built twice."""
    parts = (str(FORMAT), catalogue_digest, encoder.fingerprint, Adapter.for_encoder(encoder).digest)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def seal(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest with the checksums of all files that lie in a version folder."""
    files = {
        str(file.relative_to(folder)): _digest(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != _MANIFEST
    }
    content = asdict(manifest) | {"files": files}
    (folder / _MANIFEST).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


@contextmanager
def building(root: Path, waiting: Callable[[], None]) -> Iterator[Path]:
    """Gives a hidden folder to write a version into; one build at a time, others wait for it.

    What an interrupted build left behind is cleared away. The lock goes with the process that holds it.

    Args:
        root: the folder of index versions; made if it is not there.
        waiting: called once if another build has to be waited for.

    Raises:
        OSError: the folder cannot be written.
    """
    root.mkdir(parents=True, exist_ok=True)
    with (root / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        for left_over in root.glob(".*/"):
            shutil.rmtree(left_over, ignore_errors=True)
        draft = root / f".{uuid.uuid4().hex}"
        draft.mkdir()
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def switch(root: Path, draft: Path, version: str) -> None:
    """Puts a sealed draft in force under its name, in one step, and clears away all but the last few."""
    if (root / version).exists():
        os.replace(root / version, root / f".{uuid.uuid4().hex}")
    os.replace(draft, root / version)
    pointer = root / f".{_POINTER}"
    with pointer.open("w", encoding="utf-8") as file:
        file.write(version + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(pointer, root / _POINTER)
    for hidden in root.glob(".*/"):
        shutil.rmtree(hidden, ignore_errors=True)
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
