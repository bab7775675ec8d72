"""Building an index version from the catalogue, beside the one in force."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from knowledge.errors import IndexCorrupt
from knowledge.model import Procedure
from knowledge.search.embeddings import EmbeddingCache
from knowledge.search.index import (
    FORMAT,
    IndexedProcedure,
    Manifest,
    is_current,
    seal,
    switch,
    version_name,
)
from knowledge.search.lexical import LexicalIndex
from knowledge.search.texts import (
    LEXICAL_FIELDS,
    PHRASE_KINDS,
    accent_corpus,
    lexical_text,
    name_text,
    own_province,
    passage_text,
    phrases,
    priors,
)
from knowledge.search.vectors import VectorIndex
from nlu.encoder import Encoder
from nlu.text import AccentModel

Progress = Callable[[str, int, int], None]


def build_index(
    procedures: list[Procedure],
    encoder: Encoder,
    root: Path,
    *,
    catalogue_digest: str,
    catalogue_version: int,
    cache: Path | None = None,
    progress: Progress | None = None,
    force: bool = False,
) -> str:
    """Builds the index of a catalogue and puts it in force; does nothing when it is in force already.

    The new version is written into a hidden folder, sealed with checksums, renamed, and then switched to in
    one step, so that a process that reads never sees half of it, and a crash leaves the old one in force.

    Args:
        procedures: the whole catalogue.
        encoder: what makes the vectors.
        root: the folder of index versions.
        catalogue_digest: digest of the catalogue, part of the version's name.
        catalogue_version: number of the catalogue version, for receipts.
        cache: file of vectors from before; None encodes everything.
        progress: called with a title, steps done and steps in all.
        force: build even if the version is in force.

    Returns:
        Name of the version.

    Raises:
        IndexCorrupt: the folder cannot be written, or the catalogue is empty.
    """
    version = version_name(catalogue_digest, encoder.fingerprint)
    if not force and is_current(root, version):
        return version
    if not procedures:
        raise IndexCorrupt("the catalogue is empty: nothing to index")
    draft = root / f".{version}.{os.getpid()}"
    try:
        draft.mkdir(parents=True, exist_ok=True)
        vectors = _write(procedures, encoder, draft, cache, progress or (lambda *_: None))
        seal(
            draft,
            Manifest(
                FORMAT,
                version,
                catalogue_version,
                catalogue_digest,
                encoder.fingerprint,
                len(procedures),
                vectors,
                {},
            ),
        )
        if (root / version).exists():
            shutil.rmtree(root / version)
        os.replace(draft, root / version)
        switch(root, version)
    except OSError as cause:
        raise IndexCorrupt(f"the index folder {root} cannot be written: {cause.strerror or cause}") from cause
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return version


def _write(
    procedures: list[Procedure], encoder: Encoder, folder: Path, cache_file: Path | None, progress: Progress
) -> int:
    cache = EmbeddingCache(cache_file)
    size = len(procedures)
    said = [(row, phrase) for row, procedure in enumerate(procedures) for phrase in phrases(procedure)]
    texts = {"names": [name_text(p) for p in procedures], "passages": [passage_text(p) for p in procedures]}
    by_kind = {kind: [(row, p.text) for row, p in said if p.kind == kind] for kind in PHRASE_KINDS}
    total = 2 * size + len(said)
    done = 0

    def step(_: str, of_part: int, __: int) -> None:
        progress("Encoding the catalogue", done + of_part, total)

    owners: dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]] = {}
    for name, passages in texts.items():
        owners[name] = np.arange(size, dtype=np.int64)
        vectors = cache.passages(encoder, passages, progress=step)
        VectorIndex.build(vectors, owners[name], size).save(folder / f"{name}.faiss")
        done += size
    for kind, rows in by_kind.items():
        owners[kind] = np.array([row for row, _ in rows], np.int64)
        # A common name is a title; a question is encoded in the role that the citizen's own will have.
        vectors = cache.passages(
            encoder, [text for _, text in rows], as_queries=kind != "common_name", progress=step
        )
        VectorIndex.build(vectors, owners[kind], size).save(folder / f"{kind}.faiss")
        done += len(rows)
    progress("Encoding the catalogue", total, total)
    np.savez(folder / "owners.npz", **owners)  # type: ignore[arg-type]

    progress("Indexing words", 0, 1)
    LexicalIndex.build(
        {field: [lexical_text(p, field) for p in procedures] for field in LEXICAL_FIELDS}
    ).save(folder / "lexical")
    AccentModel.count(accent_corpus(procedures)).save(folder / "accents.json.gz")
    rows_ = [
        asdict(IndexedProcedure(p.code, p.name, p.plain_name, p.field, own_province(p.portal), priors(p)))
        for p in procedures
    ]
    (folder / "procedures.json").write_text(json.dumps(rows_, ensure_ascii=False), encoding="utf-8")
    progress("Indexing words", 1, 1)
    return total
