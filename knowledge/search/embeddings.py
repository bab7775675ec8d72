"""Vectors of texts that were encoded before, so that a rebuild encodes only what is new."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Collection, Sequence
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.encoder import Encoder

_CHUNK = 256
_LOOKED_UP = 500  # keys in one statement; SQLite's oldest limit is 999
_WAIT_S = 30
Progress = Callable[[str, int, int], None]


class EmbeddingCache:
    """A file of vectors keyed by encoder, role and text. Losing it costs time, nothing else."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def passages(
        self,
        encoder: Encoder,
        texts: Sequence[str],
        *,
        as_queries: bool = False,
        progress: Progress | None = None,
    ) -> NDArray[np.float32]:
        """Encodes texts, those known from before without the encoder.

        Args:
            encoder: what to encode with.
            texts: the texts; repeats are encoded once.
            as_queries: encode them in the role of a query (people's questions) instead of a passage.
            progress: called with a title, texts done and texts in all.

        Returns:
            Shape (texts, dimension), rows of length 1.
        """
        role = "q" if as_queries else "p"
        keys = [
            hashlib.sha256(f"{encoder.fingerprint}\0{role}\0{text}".encode(errors="surrogatepass")).digest()[:16]
            for text in texts
        ]
        held = self._read(set(keys), encoder.dimension)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in held}
        done = len(keys) - len(missing)
        todo = sorted(missing.items(), key=lambda item: len(item[1]))
        for start in range(0, len(todo), _CHUNK):
            chunk = todo[start : start + _CHUNK]
            batch = [text for _, text in chunk]
            vectors = encoder.encode_queries(batch) if as_queries else encoder.encode_passages(batch)
            fresh = {key: vector for (key, _), vector in zip(chunk, vectors, strict=True)}
            self._write(fresh)
            held |= fresh
            done += len(chunk)
            if progress:
                progress("encoding", done, len(keys))
        if not keys:
            return np.zeros((0, encoder.dimension), np.float32)
        return np.stack([held[key] for key in keys]).astype(np.float32)

    def _read(self, keys: Collection[bytes], dimension: int) -> dict[bytes, NDArray[np.float32]]:
        if self._path is None or not self._path.is_file():
            return {}
        held: dict[bytes, NDArray[np.float32]] = {}
        left = iter(sorted(keys))
        try:
            with closing(sqlite3.connect(self._path, timeout=_WAIT_S)) as db:
                while asked := list(islice(left, _LOOKED_UP)):
                    marks = ",".join("?" * len(asked))
                    found = db.execute(f"SELECT key, vector FROM embedding WHERE key IN ({marks})", asked)
                    held |= {
                        key: np.frombuffer(vector, np.float32)
                        for key, vector in found
                        if isinstance(vector, bytes) and len(vector) == 4 * dimension
                    }
        except sqlite3.OperationalError:
            # Locked, unreadable, or no table yet: what was found so far is good.
            return held
        except sqlite3.DatabaseError:
            # A damaged cache is worth nothing: it is made anew.
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            return {}
        return held

    def _write(self, vectors: dict[bytes, NDArray[np.float32]]) -> None:
        if self._path is None:
            return
        # A cache that cannot be written is done without.
        with suppress(sqlite3.DatabaseError, OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_WAIT_S)) as db, db:
                db.execute("CREATE TABLE IF NOT EXISTS embedding (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
                db.executemany(
                    "INSERT OR REPLACE INTO embedding VALUES (?, ?)",
                    [(key, vector.astype(np.float32).tobytes()) for key, vector in vectors.items()],
                )
