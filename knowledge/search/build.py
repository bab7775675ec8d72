"""Building an index version from the catalogue, beside the one in force."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from knowledge.errors import IndexCorrupt, IndexMissing
from knowledge.model import Procedure
from knowledge.search.adapter import Adapter
from knowledge.search.embeddings import EmbeddingCache
from knowledge.search.families import families
from knowledge.search.index import (
    FORMAT,
    IndexedProcedure,
    Manifest,
    building,
    current_folder,
    is_current,
    read_manifest,
    seal,
    switch,
    verify_files,
    version_name,
)
from knowledge.search.lexical import LexicalIndex
from knowledge.search.provinces import own_province
from knowledge.search.qualifiers import carried
from knowledge.search.texts import (
    LEXICAL_FIELDS,
    PHRASE_KINDS,
    LexicalField,
    Phrase,
    PhraseKind,
    lexical_text,
    name_text,
    official_corpus,
    passage_text,
    phrases,
    priors,
    said_corpus,
    said_words,
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
    Only what has changed since is made anew. Two builds at once: the second waits for the first.

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
    if not procedures:
        raise IndexCorrupt("the catalogue is empty: nothing to index")
    adapter = Adapter.for_encoder(encoder)
    version = version_name(catalogue_digest, encoder)
    report = progress or (lambda *_: None)
    if not force and is_current(root, version):
        return version
    try:
        with building(root, lambda: report("Waiting for another build", 0, 1)) as draft:
            if not force and is_current(root, version):
                return version
            parts = _Parts(root, draft)
            vectors = _write(procedures, encoder, adapter, draft, parts, EmbeddingCache(cache), report)
            seal(
                draft,
                Manifest(
                    format=FORMAT,
                    version=version,
                    catalogue_version=catalogue_version,
                    catalogue_digest=catalogue_digest,
                    encoder=encoder.fingerprint,
                    adapter=adapter.digest,
                    procedures=len(procedures),
                    vectors=vectors,
                    parts=parts.made_from,
                    files={},
                ),
            )
            switch(root, draft, version)
    except OSError as cause:
        raise IndexCorrupt(f"the index folder {root} cannot be written: {cause.strerror or cause}") from cause
    return version


class _Parts:
    """Parts of a version that are dear to make: taken over from the version in force where that was made
    from the same texts.
    """

    def __init__(self, root: Path, draft: Path) -> None:
        self._draft = draft
        self.made_from: dict[str, str] = {}
        self._before: dict[str, str] = {}
        try:
            self._folder = current_folder(root)
            manifest = read_manifest(self._folder)
            verify_files(self._folder, manifest)
            self._before = manifest.parts
        except (IndexMissing, IndexCorrupt):
            pass  # everything is made anew

    def make(self, name: str, texts: Sequence[str], make: Callable[[], None]) -> None:
        """Has a part made, or copies it.

        Args:
            name: of the file or folder that it is.
            texts: all that it is made from.
            make: writes it into the draft; need not write anything.
        """
        digest = hashlib.sha256("\0".join(texts).encode(errors="surrogatepass")).hexdigest()
        self.made_from[name] = digest
        if self._before.get(name) != digest:
            make()
            return
        source, target = self._folder / name, self._draft / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.exists():
            shutil.copyfile(source, target)


def _write(
    procedures: list[Procedure],
    encoder: Encoder,
    adapter: Adapter,
    folder: Path,
    parts: _Parts,
    cache: EmbeddingCache,
    progress: Progress,
) -> int:
    size = len(procedures)
    spoken = [phrases(procedure) for procedure in procedures]
    said = [(row, phrase) for row, of_one in enumerate(spoken) for phrase in of_one]
    texts = {"names": [name_text(p) for p in procedures], "passages": [passage_text(p) for p in procedures]}
    by_kind = {kind: [(row, p.text) for row, p in said if p.kind == kind] for kind in PHRASE_KINDS}
    total = 2 * size + len(said)
    done = 0

    def step(_: str, of_part: int, __: int) -> None:
        progress("Encoding the catalogue", done + of_part, total)

    owners: dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]] = {}
    # The same vectors come of the same texts, encoder and adapter; those of a kind that no edit touched are copied.
    made_with = (encoder.fingerprint, adapter.digest)
    for name, passages in texts.items():
        owners[name] = np.arange(size, dtype=np.int64)

        def encode_titles(name: str = name, passages: Sequence[str] = passages) -> None:
            vectors = adapter.apply(cache.passages(encoder, passages, progress=step))
            VectorIndex.build(vectors, owners[name], size).save(folder / f"{name}.faiss")

        parts.make(f"{name}.faiss", [*made_with, *passages], encode_titles)
        done += size
    for kind, rows in by_kind.items():
        owners[kind] = np.array([row for row, _ in rows], np.int64)

        def encode_said(kind: PhraseKind = kind, rows: Sequence[tuple[int, str]] = rows) -> None:
            # A common name is a title; a question is encoded in the role that the citizen's own will have.
            vectors = cache.passages(
                encoder, [text for _, text in rows], as_queries=kind != "common_name", progress=step
            )
            VectorIndex.build(adapter.apply(vectors), owners[kind], size).save(folder / f"{kind}.faiss")

        parts.make(f"{kind}.faiss", [*made_with, *(text for _, text in rows)], encode_said)
        done += len(rows)
    progress("Encoding the catalogue", total, total)
    np.savez(folder / "owners.npz", **owners)  # type: ignore[arg-type]
    _write_words(procedures, [phrase for _, phrase in said], folder, parts, progress)
    rows_ = [
        vars(
            IndexedProcedure(
                p.code,
                p.name,
                p.plain_name,
                p.field,
                own_province(p.portal),
                said_words(of_one),
                family,
                *carried(p.name, " . ".join(phrase.text for phrase in of_one)),
                priors(p),
            )
        )
        for p, of_one, family in zip(procedures, spoken, families(procedures), strict=True)
    ]
    (folder / "procedures.json").write_text(json.dumps(rows_, ensure_ascii=False), encoding="utf-8")
    return total


def _write_words(
    procedures: list[Procedure], spoken: Sequence[Phrase], folder: Path, parts: _Parts, progress: Progress
) -> None:
    title, total = "Indexing words", len(LEXICAL_FIELDS) + 2
    progress(title, 0, total)
    for done, field in enumerate(LEXICAL_FIELDS, 1):
        of_field = [lexical_text(p, field) for p in procedures]
        parts.make(f"lexical/{field}", of_field, partial(_index_words, field, of_field, folder / "lexical"))
        progress(title, done, total)
    for name, corpus in (("said", said_corpus(spoken)), ("official", official_corpus(procedures))):
        file = f"accents-{name}.json.gz"
        weighed = [f"{weight} {text}" for text, weight in corpus]
        parts.make(file, weighed, partial(_count_accents, corpus, folder / file))
    progress(title, total, total)


def _index_words(field: LexicalField, texts: Sequence[str], folder: Path) -> None:
    LexicalIndex.build({field: texts}).save(folder)


def _count_accents(corpus: Sequence[tuple[str, float]], path: Path) -> None:
    AccentModel.count(corpus).save(path)
