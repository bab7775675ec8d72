"""What an encoder must keep to whatever the text, shown on the tiny model."""

import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.encoder import ModelPackage, OnnxEncoder, SentenceTransformerEncoder, build_encoder, load_encoder

TEXTS = [
    "làm giấy khai sinh cho con cần giấy tờ gì?",
    "đổi hộ chiếu",
    "",
    "sang tên đất " * 40,
    "THỦ TỤC 123",
    "😀😀",
]
vietnamese = st.text(alphabet=st.sampled_from("giấy đăng ký kết hôn ưỡẹọ?/.,:!0123456789"), max_size=80)


@pytest.fixture(scope="module")
def torch_tiny(tiny_folder: Path) -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(str(tiny_folder), threads=1)


def test_the_graph_computes_what_torch_computes(
    tiny: OnnxEncoder, torch_tiny: SentenceTransformerEncoder
) -> None:
    queries = (tiny.encode_queries(TEXTS) * torch_tiny.encode_queries(TEXTS)).sum(axis=1)
    passages = (tiny.encode_passages(TEXTS) * torch_tiny.encode_passages(TEXTS)).sum(axis=1)
    assert min(queries.min(), passages.min()) > 0.999


def test_different_texts_have_different_vectors(tiny: OnnxEncoder) -> None:
    cosines = tiny.encode_queries(TEXTS) @ tiny.encode_queries(TEXTS).T
    assert cosines[~np.eye(len(TEXTS), dtype=bool)].max() < 0.99


def test_weights_stored_in_half_precision_give_the_same_vectors(
    torch_tiny: SentenceTransformerEncoder, tmp_path: Path, tiny_source: Path, tiny_package: ModelPackage
) -> None:
    folder = build_encoder(tmp_path / "full", tmp_path, tiny_source, dtype="float32", package=tiny_package)
    full = SentenceTransformerEncoder(str(folder), threads=1)
    assert (full.encode_queries(TEXTS) * torch_tiny.encode_queries(TEXTS)).sum(axis=1).min() > 0.99999


def test_the_run_time_model_does_not_depend_on_the_stored_type(
    tiny: OnnxEncoder, tmp_path: Path, tiny_source: Path, tiny_package: ModelPackage
) -> None:
    folder = build_encoder(tmp_path / "full", tmp_path, tiny_source, dtype="float32", package=tiny_package)
    assert OnnxEncoder(folder).fingerprint == tiny.fingerprint


def test_questions_and_passages_have_their_own_prefix(tiny: OnnxEncoder) -> None:
    cosines = (tiny.encode_queries(TEXTS) * tiny.encode_passages(TEXTS)).sum(axis=1)
    assert cosines[:3].max() < 0.999


def test_the_prefix_is_the_prompt_of_the_sentence_transformers_folder(
    tiny: OnnxEncoder, tiny_folder: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(tiny_folder), device="cpu")
    for name, ours in (("query", tiny.encode_queries(TEXTS)), ("passage", tiny.encode_passages(TEXTS))):
        theirs = model.encode(TEXTS, prompt_name=name, show_progress_bar=False)
        assert (theirs * ours).sum(axis=1).min() > 0.999


@given(text=vietnamese)
def test_composed_and_decomposed_text_have_the_same_vector(tiny: OnnxEncoder, text: str) -> None:
    both = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    composed, decomposed = tiny.encode_queries(both)
    assert np.array_equal(composed, decomposed)


@given(text=st.text(max_size=200) | st.text(st.characters(), max_size=50))
def test_any_text_has_a_finite_vector_of_length_one(tiny: OnnxEncoder, text: str) -> None:
    vectors = np.concatenate([tiny.encode_queries([text]), tiny.encode_passages([text])])
    assert np.isfinite(vectors).all()
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\t",
        "😀👨‍👩‍👧",
        "\u200b\u200d\ufeff",
        "\x00",
        "\ud83d",
        "a" * 10_000,
        "đất " * 5_000,
        "<s></s><mask>",
        "中文",
    ],
)
def test_strange_text_has_a_finite_vector_of_length_one(tiny: OnnxEncoder, text: str) -> None:
    assert np.linalg.norm(tiny.encode_queries([text]), axis=1) == pytest.approx([1], abs=1e-5)


@given(texts=st.lists(vietnamese, min_size=2, max_size=32))
def test_a_text_has_the_same_vector_alone_and_among_others(tiny: OnnxEncoder, texts: list[str]) -> None:
    together = tiny.encode_passages(texts)
    alone = np.concatenate([tiny.encode_passages([text]) for text in texts])
    assert np.array_equal(together, alone)


def test_with_sentence_transformers_a_text_has_nearly_the_same_vector_among_others(
    torch_tiny: SentenceTransformerEncoder,
) -> None:
    texts = [f"{text} {number}" for number in range(6) for text in TEXTS]
    alone = np.concatenate([torch_tiny.encode_passages([text]) for text in texts])
    assert (torch_tiny.encode_passages(texts) * alone).sum(axis=1).min() > 0.9999


def test_no_texts_give_no_vectors(tiny: OnnxEncoder, torch_tiny: SentenceTransformerEncoder) -> None:
    for encoder in (tiny, torch_tiny):
        assert encoder.encode_queries([]).shape == (0, 64)
        assert encoder.encode_passages([]).shape == (0, 64)


def test_vectors_are_float32_and_of_the_declared_dimension(
    tiny: OnnxEncoder, torch_tiny: SentenceTransformerEncoder
) -> None:
    for encoder in (tiny, torch_tiny):
        vectors = encoder.encode_passages(TEXTS)
        assert vectors.shape == (len(TEXTS), encoder.dimension)
        assert vectors.dtype == np.float32


def test_what_lies_behind_the_cut_does_not_matter(tiny_folder: Path) -> None:
    encoder = OnnxEncoder(tiny_folder, threads=1, max_tokens=16)
    short, long = encoder.encode_queries(["đất " * 30, "đất " * 30 + "hộ chiếu"])
    assert np.array_equal(short, long)


def test_the_cut_is_never_beyond_what_the_model_can_read(tiny_folder: Path) -> None:
    assert OnnxEncoder(tiny_folder, max_tokens=100_000).max_tokens == 48


def test_threads_may_share_an_encoder(tiny: OnnxEncoder, torch_tiny: SentenceTransformerEncoder) -> None:
    for encoder in (tiny, torch_tiny):
        expected = {text: encoder.encode_queries([text]) for text in TEXTS}
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda text, e=encoder: e.encode_queries([text]), TEXTS * 10))
        for text, vectors in zip(TEXTS * 10, found, strict=True):
            assert np.allclose(vectors, expected[text], atol=1e-6)


def test_progress_ends_at_the_number_of_passages(
    tiny: OnnxEncoder, torch_tiny: SentenceTransformerEncoder
) -> None:
    for encoder in (tiny, torch_tiny):
        told: list[tuple[str, int, int]] = []
        encoder.encode_passages(TEXTS * 12, lambda *step, t=told: t.append(step))
        assert told[-1] == ("encoding", 72, 72)
        assert len(told) > 1


def test_the_fingerprint_tells_what_changes_vectors(tiny_folder: Path, tiny: OnnxEncoder) -> None:
    assert OnnxEncoder(tiny_folder, threads=2).fingerprint == tiny.fingerprint
    assert OnnxEncoder(tiny_folder, max_tokens=20).fingerprint != tiny.fingerprint


def test_the_fingerprint_of_another_model_differs(
    torch_tiny: SentenceTransformerEncoder, tiny: OnnxEncoder, tiny_folder: Path
) -> None:
    shorter = SentenceTransformerEncoder(str(tiny_folder), threads=1, max_tokens=20)
    assert len({torch_tiny.fingerprint, tiny.fingerprint, shorter.fingerprint}) == 3


def test_our_folder_is_served_by_onnx_and_any_other_by_sentence_transformers(
    tiny_folder: Path, tmp_path: Path
) -> None:
    assert isinstance(load_encoder(tiny_folder, 1), OnnxEncoder)
    other = tmp_path / "other"
    other.mkdir()
    for path in tiny_folder.iterdir():
        if path.name not in ("manifest.json", "runtime"):
            (other / path.name).symlink_to(path)
    assert isinstance(load_encoder(str(other), 1), SentenceTransformerEncoder)


def test_importing_the_package_imports_no_heavy_library() -> None:
    heavy = ("onnxruntime", "onnx", "tokenizers", "safetensors", "torch", "sentence_transformers", "pydantic")
    script = f"import sys, nlu.encoder; print([name for name in {heavy!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
