"""The encoder that serves: ONNX Runtime and a tokenizer, nothing else.

One text at a time. On a CPU a batch saves nothing (a matrix of twelve tokens already fills the cores), and so
a text has the same vector whatever is encoded beside it.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.encoder.encoder import ENCODING
from nlu.encoder.manifest import PROMPTS, REMEDY, RUNTIME_MODEL, TOKENIZER, Manifest, verify
from nlu.encoder.source import Progress
from nlu.errors import EncoderCorrupt, EncoderUnsupported

_OLDEST_ONNXRUNTIME = (1, 23)  # the first whose GatherBlockQuantized reads packed 4-bit rows
_ERRORS_ONLY = 3
_PROGRESS_EVERY = 32


class OnnxEncoder:
    """An encoder folder made by `build_encoder`.

    Args:
        folder: the folder; sizes are checked on loading, checksums are not (`verify` does).
        threads: CPU threads for one text.
        max_tokens: cut longer texts; None for all that the model can read.

    Raises:
        EncoderMissing: there is no encoder folder.
        EncoderCorrupt: the folder differs from its manifest or cannot be loaded.
        EncoderUnsupported: onnxruntime or tokenizers is not installed, or too old.
    """

    def __init__(self, folder: Path, threads: int = 2, max_tokens: int | None = None) -> None:
        manifest = verify(folder, full=False)
        self.dimension = manifest.dimension
        self.max_tokens = min(max_tokens or manifest.max_tokens, manifest.max_tokens)
        try:
            prompts = json.loads((folder / PROMPTS).read_text(encoding="utf-8"))["prompts"]
            self._query_prefix, self._passage_prefix = prompts["query"], prompts["passage"]
            self._tokenizer = _load_tokenizer(folder / TOKENIZER, self.max_tokens)
            self._session, version = _load_session(folder / RUNTIME_MODEL, threads)
        except EncoderUnsupported:
            raise
        except ImportError as error:
            raise EncoderUnsupported(f"the encoder needs {error.name}, which is not installed") from error
        except Exception as error:  # both libraries raise bare exceptions on damaged files
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise EncoderCorrupt(f"encoder in {folder} cannot be loaded ({reason}): {REMEDY}") from error
        self.model = manifest.source_sha256
        self.fingerprint = _fingerprint(manifest, self.max_tokens, version)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of what people ask: (texts, dimension), each of length one."""
        return self._encode(self._query_prefix, texts, None)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Vectors of what is searched: (texts, dimension), each of length one."""
        return self._encode(self._passage_prefix, texts, progress)

    def _encode(self, prefix: str, texts: Sequence[str], progress: Progress | None) -> NDArray[np.float32]:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for index, text in enumerate(texts):
            tokens = self._tokenizer.encode(prefix + clean(text)).ids
            feed = {"input_ids": np.array([tokens], np.int64)}
            vectors[index] = self._session.run(None, feed)[0][0]
            if progress and ((index + 1) % _PROGRESS_EVERY == 0 or index + 1 == len(texts)):
                progress(ENCODING, index + 1, len(texts))
        return vectors


def clean(text: str) -> str:
    """NFC, without lone surrogates: these are no characters, and tokenizers reject them."""
    return unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode("utf-8"))


def _load_tokenizer(path: Path, max_tokens: int) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    return tokenizer


def _load_session(path: Path, threads: int) -> tuple[Any, str]:
    import onnxruntime

    version: str = onnxruntime.__version__
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST_ONNXRUNTIME:
        oldest = ".".join(str(part) for part in _OLDEST_ONNXRUNTIME)
        raise EncoderUnsupported(f"the encoder needs onnxruntime {oldest} or newer; {version} is installed")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    # Higher levels would fuse the layer norms again, into a slower operator.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    # Threads that spin between texts gain half a millisecond and burn a whole core at 20 texts a second.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session, version


def _fingerprint(manifest: Manifest, max_tokens: int, version: str) -> str:
    parts = [manifest.files[path].sha256 for path in (RUNTIME_MODEL, TOKENIZER, PROMPTS)]
    text = "|".join([*parts, str(max_tokens), f"onnxruntime {version}"])
    return "onnx-" + hashlib.sha256(text.encode()).hexdigest()[:32]
