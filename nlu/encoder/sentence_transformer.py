"""Any sentence-transformers model as an encoder, for operators who prefer another one."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.encoder.encoder import ENCODING
from nlu.encoder.onnx_encoder import clean
from nlu.encoder.source import Progress
from nlu.errors import EncoderUnsupported

_BATCH = 32


class SentenceTransformerEncoder:
    """A sentence-transformers model on the CPU, with the prompts it declares.

    Args:
        name_or_folder: folder, or name of a model that the library can find.
        threads: CPU threads (torch has one such setting for the whole process).
        max_tokens: cut longer texts; None for the model's own limit.

    Raises:
        EncoderUnsupported: the library is not installed, or the model cannot be loaded.
    """

    def __init__(self, name_or_folder: str, threads: int = 2, max_tokens: int | None = None) -> None:
        try:
            import torch
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EncoderUnsupported(
                f"the model {name_or_folder} needs sentence-transformers, which is not installed"
            ) from error
        try:
            self._model = SentenceTransformer(name_or_folder, device="cpu")
        except Exception as error:  # the library lets through whatever its dependencies raise
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise EncoderUnsupported(f"the model {name_or_folder} cannot be loaded: {reason}") from error
        torch.set_num_threads(threads)
        limit = self._model.max_seq_length
        if max_tokens and limit:
            self._model.max_seq_length = min(max_tokens, limit)
        prompts = self._model.prompts or {}
        self._query_prompt = prompts.get("query") or ""
        self._passage_prompt = prompts.get("passage") or prompts.get("document") or ""
        self._lock = threading.Lock()
        self.dimension = int(self.encode_queries([""]).shape[1])
        self.model = Path(name_or_folder).name
        self.fingerprint = self._fingerprint(name_or_folder)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of what people ask: (texts, dimension), each of length one."""
        return self._encode(self._query_prompt, texts, None)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Vectors of what is searched: (texts, dimension), each of length one."""
        return self._encode(self._passage_prompt, texts, progress)

    def _encode(self, prompt: str, texts: Sequence[str], progress: Progress | None) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        parts = []
        for start in range(0, len(texts), _BATCH):
            batch = [clean(texts[index]) for index in by_length[start : start + _BATCH]]
            with self._lock:  # the tokenizer underneath refuses concurrent use
                part = self._model.encode(
                    batch,
                    prompt=prompt or None,
                    batch_size=_BATCH,
                    normalize_embeddings=True,
                    convert_to_numpy=True,
                    show_progress_bar=False,
                )
            parts.append(np.asarray(part, np.float32))
            if progress:
                progress(ENCODING, min(start + _BATCH, len(texts)), len(texts))
        ordered = np.concatenate(parts)
        vectors = np.empty_like(ordered)
        vectors[by_length] = ordered
        return vectors

    def _fingerprint(self, name: str) -> str:
        digest = hashlib.sha256()
        details: list[Any] = [name, self._model.max_seq_length, self._query_prompt, self._passage_prompt]
        digest.update(repr(details).encode())
        for key, tensor in self._model.state_dict().items():
            digest.update(key.encode())
            digest.update(tensor.detach().contiguous().flatten().view(_bytes_type()).numpy().tobytes())
        return "sentence-transformers-" + digest.hexdigest()[:32]


def _bytes_type() -> Any:
    import torch

    return torch.uint8
