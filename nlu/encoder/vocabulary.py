"""The tokenizer: unigram pieces of the model file as a `tokenizers` tokenizer, and which of them to keep.

Pieces of other scripts can be left out without changing a single segmentation of Latin-script text: Unigram
only ever looks up substrings of the text. It halves the folder.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlu.errors import SourceRefused

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SPECIAL_TOKENS = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "cls_token": "<s>",
    "mask_token": "<mask>",
}
_LEADING = ("<s>", "<pad>", "</s>", "<unk>")

# SentencePiece's nmt_nfkc is NFKC, plus: these control characters vanish, these others become spaces.
_VANISHING = r"[\x01-\x08\x0B\x0E-\x1F\x7F\u008F\u009F]"
_SPACES = r"[\t\n\f\r\u1680\u200B-\u200F\u2028\u2029\u2581\uFEFF\uFFFD]"


def is_latin(piece: str) -> bool:
    """Whether Latin-script text can contain the piece (digits, punctuation and symbols count as Latin)."""
    for character in piece:
        if unicodedata.category(character) in ("Lo", "Mc"):
            return False
        if character.isalpha() and not unicodedata.name(character, "").startswith("LATIN"):
            return False
    return True


def kept_pieces(pieces: list[tuple[str, float]], *, all_scripts: bool) -> NDArray[np.int64]:
    """Ids of the pieces to keep, ascending: (kept,), int64. Special tokens always stay."""
    keep = [
        index
        for index, (piece, _) in enumerate(pieces)
        if all_scripts or index < len(_LEADING) or piece == "<mask>" or is_latin(piece)
    ]
    return np.array(keep, np.int64)


def build_tokenizer(pieces: list[tuple[str, float]]) -> Tokenizer:
    """A tokenizer whose token ids are the positions in `pieces`.

    Raises:
        SourceRefused: the special tokens do not stand where the model expects them.
    """
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=_LEADING.index("<unk>"), byte_fallback=False))
    # Unlike the precompiled map of the original, NFKC also composes decomposed input ("dưới" keeps its tone).
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(_VANISHING), ""),
            normalizers.Replace(Regex(_SPACES), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.add_special_tokens(
        [AddedToken(token, special=True, normalized=False) for token in _LEADING]
        + [AddedToken("<mask>", special=True, normalized=False, lstrip=True)]
    )
    expected = [*range(len(_LEADING)), len(pieces) - 1]
    if [tokenizer.token_to_id(token) for token in (*_LEADING, "<mask>")] != expected:
        raise SourceRefused("the model's special tokens are not where they should be")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", _LEADING.index("<s>")), ("</s>", _LEADING.index("</s>"))],
    )
    return tokenizer
