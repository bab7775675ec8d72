"""What every encoder offers, and choosing one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nlu.encoder.manifest import REMEDY, is_encoder_folder
from nlu.encoder.source import Progress
from nlu.errors import EncoderMissing

ENCODING = "encoding"


class Encoder(Protocol):
    """Turns texts into vectors of length one, so that an inner product is a cosine.

    Questions and passages are told apart because some models expect a different prefix for each. Both methods
    accept any text, the empty one included, and may be called from several threads.

    Attributes:
        dimension: length of a vector.
        model: names the weights; what is learned with a model holds for it on any machine.
        fingerprint: changes whenever the same text may give another vector; vectors kept on disk carry it.
    """

    @property
    def dimension(self) -> int: ...

    @property
    def model(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of what people ask: (texts, dimension)."""
        ...

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Vectors of what is searched: (texts, dimension)."""
        ...


def load_encoder(spec: str | Path, threads: int = 2, max_tokens: int | None = None) -> Encoder:
    """The encoder in a folder, or the sentence-transformers model of that name.

    Args:
        spec: a folder made by `build_encoder`, any other sentence-transformers folder, or a model's name.
        threads: CPU threads for one text.
        max_tokens: cut longer texts; None for all that the model can read.

    Raises:
        EncoderMissing: `spec` is a path that does not exist.
        EncoderCorrupt: the folder differs from its manifest.
        EncoderUnsupported: a library is missing, or the model cannot be loaded.
    """
    folder = Path(spec)
    if is_encoder_folder(folder):
        from nlu.encoder.onnx_encoder import OnnxEncoder

        return OnnxEncoder(folder, threads, max_tokens)
    if not folder.is_dir() and _looks_like_a_path(spec):
        raise EncoderMissing(f"no encoder in {folder}: {REMEDY}")
    if folder.is_dir() and not (folder / "modules.json").is_file():
        raise EncoderMissing(f"{folder} holds no encoder: {REMEDY}")
    from nlu.encoder.sentence_transformer import SentenceTransformerEncoder

    return SentenceTransformerEncoder(str(spec), threads, max_tokens)


def _looks_like_a_path(spec: str | Path) -> bool:
    """Model names are `name` or `owner/name`; anything else that is no folder is a path gone missing."""
    if isinstance(spec, Path):
        return True
    return spec.startswith((".", "/", "~")) or "\\" in spec or spec.count("/") > 1 or not spec.strip()
