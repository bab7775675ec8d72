"""Building the folder, and checking it afterwards."""

import json
import os
import stat
import time
from pathlib import Path

import pytest

from nlu.encoder import ModelPackage, OnnxEncoder, build_encoder, is_encoder_folder, load_encoder, verify
from nlu.errors import EncoderBuildFailed, EncoderCorrupt, EncoderMissing, SourceRefused


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def build(tmp_path: Path, tiny_source: Path, tiny_package: ModelPackage):
    def run(name: str = "built", **options):
        return build_encoder(
            tmp_path / name, tmp_path / "cache", tiny_source, package=tiny_package, **options
        )

    return run


def test_two_builds_are_the_same_to_the_byte(build) -> None:
    first, second = contents(build("first")), contents(build("second"))
    assert first == second
    assert "runtime/model.onnx" in first


def test_every_file_is_in_the_manifest(build) -> None:
    folder = build()
    assert set(verify(folder).files) == set(contents(folder)) - {"manifest.json"}


def test_a_whole_folder_is_left_alone(build) -> None:
    folder = build()
    before = (folder / "model.safetensors").stat().st_ino
    told: list[str] = []
    build(progress=lambda stage, done, total: told.append(stage))
    assert (folder / "model.safetensors").stat().st_ino == before
    assert told == []


def test_force_builds_again(build) -> None:
    folder = build()
    before = (folder / "model.safetensors").stat().st_ino
    build(force=True)
    assert (folder / "model.safetensors").stat().st_ino != before
    verify(folder)


def test_asking_for_another_kind_builds_again(build) -> None:
    half = (build() / "model.safetensors").stat().st_size
    full = (build(dtype="float32") / "model.safetensors").stat().st_size
    assert full > 1.8 * half
    assert verify(build(dtype="float32")).dtype == "float32"


def test_all_scripts_keeps_more_pieces(build) -> None:
    def vocabulary(folder: Path) -> int:
        return json.loads((folder / "config.json").read_text())["vocab_size"]

    assert vocabulary(build("all", all_scripts=True)) == vocabulary(build("latin")) + 2


def test_progress_goes_from_none_to_all(build) -> None:
    told: list[tuple[str, int, int]] = []
    build(progress=lambda *step: told.append(step))
    assert told[0] == ("building the encoder", 0, 5)
    assert told[-1] == ("building the encoder", 5, 5)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_a_damaged_folder_is_built_again(build) -> None:
    folder = build()
    damage(folder / "tokenizer.json")
    verify(build())


def test_a_wrong_source_leaves_the_old_folder_as_it_was(
    build, tmp_path: Path, tiny_package: ModelPackage
) -> None:
    folder = build()
    before = contents(folder)
    other = tmp_path / "other.bin"
    other.write_bytes(b"not it")
    with pytest.raises(SourceRefused):
        build_encoder(folder, tmp_path / "cache", other, force=True, package=tiny_package)
    assert contents(folder) == before


def test_nothing_is_left_beside_the_folder(build, tmp_path: Path) -> None:
    build(), build(force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["built"]


def test_what_a_killed_build_left_is_taken_away_after_an_hour(build, tmp_path: Path) -> None:
    old, new = tmp_path / ".built.part-old", tmp_path / ".built.part-new"
    old.mkdir(), new.mkdir()
    os.utime(old, (time.time() - 7200,) * 2)
    build()
    assert not old.exists()
    assert new.exists()  # another build may be at work in it


def test_a_place_that_cannot_be_written_is_said_so(
    tmp_path: Path, tiny_source: Path, tiny_package: ModelPackage
) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(EncoderBuildFailed, match=r"^cannot build the encoder: \S+: File exists$") as caught:
        build_encoder(tmp_path / "file" / "encoder", tmp_path, tiny_source, package=tiny_package)
    assert "\n" not in str(caught.value)


def test_other_accounts_may_read_the_folder(build) -> None:
    folder = build()
    plain = folder.parent / "plain"
    plain.write_text("")
    for path in folder.rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode), path


def damage(path: Path) -> None:
    """Same size, one bit different."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["model.safetensors", "runtime/model.onnx", "tokenizer.json", "config.json"])
def test_one_wrong_bit_is_found(build, name: str) -> None:
    folder = build()
    damage(folder / name)
    with pytest.raises(EncoderCorrupt, match=f"{name} has the wrong checksum: run `motcua encoder build`"):
        verify(folder)


@pytest.mark.parametrize("full", [True, False])
def test_a_cut_or_missing_file_is_found_even_without_checksums(build, full: bool) -> None:
    folder = build()
    model = folder / "runtime" / "model.onnx"
    model.write_bytes(model.read_bytes()[:-1])
    with pytest.raises(EncoderCorrupt, match="bytes instead of"):
        verify(folder, full=full)
    model.unlink()
    with pytest.raises(EncoderCorrupt, match="is missing"):
        verify(folder, full=full)


def test_a_folder_of_another_recipe_is_found(build) -> None:
    folder = build()
    values = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(values | {"recipe": 0}))
    with pytest.raises(EncoderCorrupt, match="another version"):
        verify(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"files": {"a": 1}}'])
def test_a_manifest_that_makes_no_sense_is_corrupt(build, text: str) -> None:
    folder = build()
    (folder / "manifest.json").write_text(text)
    with pytest.raises(EncoderCorrupt, match=r"manifest\.json cannot be read"):
        verify(folder)


def test_a_missing_folder_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(EncoderMissing, match="run `motcua encoder build`") as caught:
        verify(tmp_path / "nowhere")
    assert "\n" not in str(caught.value)
    assert not is_encoder_folder(tmp_path / "nowhere")


def test_loading_a_missing_folder_says_what_to_run(tmp_path: Path) -> None:
    for spec in (tmp_path / "nowhere", str(tmp_path / "nowhere"), "./nowhere"):
        with pytest.raises(EncoderMissing, match="run `motcua encoder build`"):
            load_encoder(spec, 1)


def test_loading_a_folder_without_a_model_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(EncoderMissing, match="holds no encoder: run `motcua encoder build`"):
        load_encoder(tmp_path, 1)


def test_loading_a_damaged_model_is_one_clear_line(build) -> None:
    folder = build()
    model = folder / "runtime" / "model.onnx"
    model.write_bytes(b"x" * model.stat().st_size)
    with pytest.raises(
        EncoderCorrupt, match=r"cannot be loaded \(.+\): run `motcua encoder build`"
    ) as caught:
        OnnxEncoder(folder, threads=1)
    assert "\n" not in str(caught.value)
