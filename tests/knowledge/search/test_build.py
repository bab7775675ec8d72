"""Index versions: built beside the one in force, switched to in one step, and nothing made twice."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import knowledge.search.build as building
from knowledge.errors import IndexCorrupt, IndexMissing
from knowledge.model import Procedure
from knowledge.search import SearchEngine, SearchIndex, current_version, is_current
from knowledge.search.index import FORMAT, current_folder, current_stamp, read_manifest
from knowledge.search.lexical import LexicalIndex
from knowledge.search.vectors import VectorIndex
from nlu.text import AccentModel
from tests.knowledge.search.conftest import BIRTH, build, procedure, procedures, words
from tests.simulators.encoder import ToyEncoder


class CountingEncoder(ToyEncoder):
    """Remembers what it was asked to encode."""

    def __init__(self) -> None:
        super().__init__()
        self.encoded: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += texts
        return super().encode_queries(texts)


class PowerCut(BaseException):
    """Ends a build the way a crash would: nothing in the code under test handles it."""


def opens(root: Path) -> SearchIndex:
    return SearchIndex.open(current_folder(root))


def hidden(root: Path) -> list[Path]:
    return [path for path in root.iterdir() if path.is_dir() and path.name.startswith(".")]


def test_a_built_version_is_in_force_and_whole(tmp_path: Path) -> None:
    version = build(tmp_path)
    index = opens(tmp_path)
    assert current_version(tmp_path) == version == index.manifest.version
    assert is_current(tmp_path, version)
    assert [p.code for p in index.procedures] == [p.code for p in procedures()]
    assert index.manifest.procedures == len(procedures())
    assert index.manifest.encoder == ToyEncoder().fingerprint
    assert hidden(tmp_path) == []


def test_equal_inputs_give_equal_files(tmp_path: Path) -> None:
    build(tmp_path / "one")
    build(tmp_path / "two")
    assert _contents(current_folder(tmp_path / "one")) == _contents(current_folder(tmp_path / "two"))


def test_what_is_in_force_is_not_built_again(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    first = build(tmp_path, encoder=encoder)
    stamp, count = current_stamp(tmp_path), len(encoder.encoded)
    assert build(tmp_path, encoder=encoder) == first
    assert current_stamp(tmp_path) == stamp and len(encoder.encoded) == count


def test_force_builds_again_and_running_processes_notice(tmp_path: Path) -> None:
    build(tmp_path)
    engine = SearchEngine(tmp_path, ToyEncoder(), follow=False)
    build(tmp_path, force=True)
    assert engine.refresh()


def test_another_catalogue_or_encoder_makes_another_version(tmp_path: Path) -> None:
    versions = {
        build(tmp_path),
        build(tmp_path, digest="second"),
        build(tmp_path, encoder=ToyEncoder(name="b")),
    }
    assert len(versions) == 3


def test_only_the_last_two_versions_are_kept(tmp_path: Path) -> None:
    versions = [build(tmp_path, digest=str(number)) for number in range(4)]
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == set(versions[2:])


def test_progress_ends_where_it_said_it_would(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    building.build_index(
        procedures(),
        ToyEncoder(),
        tmp_path,
        catalogue_digest="first",
        catalogue_version=1,
        progress=lambda *step: told.append(step),
    )
    by_title: dict[str, list[tuple[int, int]]] = {}
    for title, done, total in told:
        by_title.setdefault(title, []).append((done, total))
    assert set(by_title) == {"Encoding the catalogue", "Indexing words"}
    for steps in by_title.values():
        assert steps == sorted(steps) and steps[-1][0] == steps[-1][1]


class TestSmallCatalogues:
    """Catalogues that lack what a full one has."""

    def test_an_empty_one_is_refused_and_changes_nothing(self, tmp_path: Path) -> None:
        version = build(tmp_path)
        with pytest.raises(IndexCorrupt, match="the catalogue is empty"):
            build(tmp_path, [], digest="empty")
        assert is_current(tmp_path, version)

    def test_one_procedure_without_any_words(self, tmp_path: Path) -> None:
        build(tmp_path, [procedure("9.000001", "Thủ tục đăng ký khai sinh")])
        result = SearchEngine(tmp_path, ToyEncoder(), follow=False).search("dang ky khai sinh")
        assert [hit.code for hit in result.hits] == ["9.000001"]

    def test_a_name_without_letters(self, tmp_path: Path) -> None:
        build(tmp_path, [procedure("9.000001", "?!")])
        assert SearchEngine(tmp_path, ToyEncoder(), follow=False).search("khai sinh").hits

    def test_vocabulary_alone(self, tmp_path: Path) -> None:
        spoken_of = Procedure(code="x.1", vocabulary=words("x.1", "nhập hộ khẩu"))
        build(tmp_path, [spoken_of])
        result = SearchEngine(tmp_path, ToyEncoder(), follow=False).search("nhap ho khau")
        assert [hit.code for hit in result.hits] == ["x.1"]


def _fails(*_: object, **__: object) -> None:
    raise PowerCut


_STAGES: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "encoding": lambda patch: patch.setattr(ToyEncoder, "encode_passages", _fails),
    "writing vectors": lambda patch: patch.setattr(VectorIndex, "save", _fails),
    "writing words": lambda patch: patch.setattr(LexicalIndex, "save", _fails),
    "counting accents": lambda patch: patch.setattr(AccentModel, "save", _fails),
    "sealing": lambda patch: patch.setattr(building, "seal", _fails),
    "before switching": lambda patch: patch.setattr(building, "switch", _fails),
    "before the folder is renamed": lambda patch: _fail_on_replace(patch, 1),
    "before the pointer is switched": lambda patch: _fail_on_replace(patch, 2),
}


class TestCrashes:
    """Whenever a build ends, the version in force stays in force and whole."""

    @pytest.mark.parametrize("stage", _STAGES.values(), ids=_STAGES.keys())
    def test_the_old_version_stays_in_force(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: Callable[[pytest.MonkeyPatch], None]
    ) -> None:
        old = build(tmp_path, procedures()[:3])
        with monkeypatch.context() as patch:
            stage(patch)
            with pytest.raises(PowerCut):
                build(tmp_path, digest="second")
        assert current_version(tmp_path) == old and is_current(tmp_path, old)
        assert opens(tmp_path).manifest.procedures == 3
        newer = build(tmp_path, digest="second")
        assert is_current(tmp_path, newer) and hidden(tmp_path) == []

    def test_a_killed_build_leaves_the_old_version_and_no_rubbish_for_long(self, tmp_path: Path) -> None:
        old = build(tmp_path, procedures()[:3])
        with _stuck_build(tmp_path) as child:
            child.send_signal(signal.SIGKILL)
            child.wait(10)
        assert hidden(tmp_path) != []
        assert is_current(tmp_path, old)
        newer = build(tmp_path, digest="second")
        assert is_current(tmp_path, newer) and hidden(tmp_path) == []

    def test_a_left_over_part_is_not_taken_into_the_next_version(self, tmp_path: Path) -> None:
        build(tmp_path)
        left = tmp_path / f".left{os.getpid()}"
        (left / "lexical" / "invented").mkdir(parents=True)
        build(tmp_path, digest="second")
        assert not left.exists()
        assert not (current_folder(tmp_path) / "lexical" / "invented").exists()


def _fail_on_replace(patch: pytest.MonkeyPatch, number: int) -> None:
    calls = iter(range(1, 100))
    really = os.replace

    def replace(source: Path, target: Path) -> None:
        if next(calls) == number:
            raise PowerCut
        really(source, target)

    patch.setattr("knowledge.search.index.os.replace", replace)


class TestConcurrentBuilds:
    """Two builds at once: one works, the other waits."""

    def test_the_second_finds_the_work_done(self, tmp_path: Path) -> None:
        encoders = [CountingEncoder() for _ in range(4)]
        threads = [threading.Thread(target=build, args=(tmp_path,), kwargs={"encoder": e}) for e in encoders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(bool(encoder.encoded) for encoder in encoders) == [False, False, False, True]
        assert opens(tmp_path).manifest.procedures == len(procedures())

    def test_builds_of_different_catalogues_do_not_collide(self, tmp_path: Path) -> None:
        root = Path(__file__).resolve().parents[3]
        children = [
            subprocess.Popen([sys.executable, "-c", _BUILD, str(tmp_path), str(number)], cwd=root)
            for number in range(3)
        ]
        assert [child.wait(60) for child in children] == [0, 0, 0]
        assert opens(tmp_path).manifest.catalogue_digest in {"0", "1", "2"}
        assert hidden(tmp_path) == []

    def test_a_build_that_waits_says_so(self, tmp_path: Path) -> None:
        titles: list[str] = []
        with _stuck_build(tmp_path) as child:
            waiting = threading.Thread(
                target=building.build_index,
                args=(procedures(), ToyEncoder(), tmp_path),
                kwargs={
                    "catalogue_digest": "second",
                    "catalogue_version": 1,
                    "progress": lambda title, *_: titles.append(title),
                },
            )
            waiting.start()
            deadline = time.monotonic() + 10
            while not titles and time.monotonic() < deadline:
                time.sleep(0.01)
            assert titles == ["Waiting for another build"] and current_version(tmp_path) == ""
            child.kill()
        waiting.join(30)
        assert opens(tmp_path).manifest.catalogue_digest == "second"


_BUILD = """
import sys
from pathlib import Path
from tests.knowledge.search.conftest import build
build(Path(sys.argv[1]), digest=sys.argv[2])
"""
_STUCK = """
import sys, time
from pathlib import Path
from nlu.text import AccentModel
from tests.knowledge.search.conftest import build
def stuck(*_):
    print("stuck", flush=True)
    time.sleep(60)
AccentModel.save = stuck
build(Path(sys.argv[1]), digest="stuck")
"""


class _stuck_build:
    """A process that has begun to build and does not end."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __enter__(self) -> subprocess.Popen[str]:
        self._child = subprocess.Popen(
            [sys.executable, "-c", _STUCK, str(self._root)],
            cwd=Path(__file__).resolve().parents[3],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._child.stdout is not None
        assert self._child.stdout.readline() == "stuck\n"
        return self._child

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.wait(10)
        assert self._child.stdout is not None
        self._child.stdout.close()


class TestDamage:
    """Files that are missing, altered or of another time are found when a version is opened."""

    @pytest.fixture
    def folder(self, tmp_path: Path, small_index: Path) -> Path:
        shutil.copytree(small_index, tmp_path / "index")
        return current_folder(tmp_path / "index")

    def test_any_missing_file(self, folder: Path) -> None:
        for name in read_manifest(folder).files:
            content = (folder / name).read_bytes()
            (folder / name).unlink()
            with pytest.raises(IndexCorrupt, match="missing or altered; build it again") as error:
                SearchIndex.open(folder)
            assert "\n" not in str(error.value)
            (folder / name).write_bytes(content)
        SearchIndex.open(folder)

    def test_any_altered_byte(self, folder: Path) -> None:
        for name in read_manifest(folder).files:
            content = bytearray((folder / name).read_bytes())
            content[len(content) // 2] ^= 1
            (folder / name).write_bytes(content)
            with pytest.raises(IndexCorrupt, match="missing or altered"):
                SearchIndex.open(folder)
            content[len(content) // 2] ^= 1
            (folder / name).write_bytes(content)
        SearchIndex.open(folder)

    def test_files_that_cannot_be_read_even_if_checksums_are_not_looked_at(self, folder: Path) -> None:
        for name in read_manifest(folder).files:
            content = (folder / name).read_bytes()
            if content:
                (folder / name).write_bytes(b"rubbish")
                with pytest.raises(IndexCorrupt) as error:
                    SearchIndex.open(folder, verify=False)
                assert "\n" not in str(error.value)
                (folder / name).write_bytes(content)
        SearchIndex.open(folder)

    def test_vectors_and_owners_that_do_not_match(self, folder: Path) -> None:
        shutil.copyfile(folder / "names.faiss", folder / "situation.faiss")
        with pytest.raises(IndexCorrupt, match="8 vectors for 0 owners"):
            SearchIndex.open(folder, verify=False)

    @pytest.mark.parametrize("content", ["", "[]", "{}", "not json", f'{{"format": {FORMAT}}}', "\xff"])
    def test_an_unreadable_manifest(self, folder: Path, content: str) -> None:
        (folder / "manifest.json").write_text(content, encoding="latin-1")
        with pytest.raises(IndexCorrupt, match="no readable manifest; build it again"):
            SearchIndex.open(folder)
        assert not is_current(folder.parent, folder.name)

    def test_another_format(self, folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        (folder / "manifest.json").write_text(json.dumps(manifest | {"format": 0}), encoding="utf-8")
        with pytest.raises(IndexCorrupt, match=r"of format 0, not \d+; build it again"):
            SearchIndex.open(folder)

    @pytest.mark.parametrize("content", [b"", b"\n", b"gone\n", b"\xff\xfe", b"a\x00b"])
    def test_a_pointer_to_nothing(self, folder: Path, content: bytes) -> None:
        (folder.parent / "CURRENT").write_bytes(content)
        with pytest.raises(IndexMissing, match="run 'motcua index build'"):
            SearchEngine(folder.parent, ToyEncoder(), follow=False)
        current_stamp(folder.parent)

    def test_building_again_mends_it(self, folder: Path) -> None:
        (folder / "names.faiss").write_bytes(b"rubbish")
        build(folder.parent)
        assert opens(folder.parent).procedures[0].code == BIRTH

    def test_a_damaged_part_is_not_taken_over(self, folder: Path) -> None:
        vocabulary = folder / "lexical" / "name" / "vocab.index.json"
        text = vocabulary.read_text(encoding="utf-8")
        vocabulary.write_text(text.replace("khai", "khoi"), encoding="utf-8")
        newer = build(folder.parent, digest="second")
        assert (folder.parent / newer / vocabulary.relative_to(folder)).read_text(encoding="utf-8") == text


class TestUnwritable:
    """Places that cannot be written to."""

    @pytest.mark.parametrize("place", ["/proc/index", "/dev/null/index"])
    def test_a_folder_that_cannot_be_made(self, place: str) -> None:
        with pytest.raises(IndexCorrupt, match=f"the index folder {place} cannot be written") as error:
            build(Path(place))
        assert "\n" not in str(error.value)

    @pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
    def test_a_read_only_folder(self, tmp_path: Path) -> None:
        version = build(tmp_path)
        tmp_path.chmod(0o555)
        try:
            with pytest.raises(IndexCorrupt, match="cannot be written"):
                build(tmp_path, digest="second")
            assert is_current(tmp_path, version)
        finally:
            tmp_path.chmod(0o755)

    def test_a_full_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise RuntimeError("Error: 'ret == size' failed: write error: No space left on device")

        version = build(tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr("faiss.write_index", full)
            with pytest.raises(IndexCorrupt, match="cannot be written"):
                build(tmp_path, procedures()[:-1], digest="second")
        assert is_current(tmp_path, version)


class TestRebuilding:
    """After an edit only what it touches is made anew."""

    @pytest.fixture
    def edited(self) -> list[Procedure]:
        first, *others = procedures()
        assert first.vocabulary is not None
        names = (*first.vocabulary.common_names, "làm khai sinh cho bé")
        return [first.model_copy(update={"vocabulary": words(BIRTH, *names)}), *others]

    def test_only_new_texts_are_encoded(self, tmp_path: Path, edited: list[Procedure]) -> None:
        build(tmp_path / "index", cache=tmp_path / "cache.sqlite")
        encoder = CountingEncoder()
        build(tmp_path / "index", edited, digest="second", encoder=encoder, cache=tmp_path / "cache.sqlite")
        assert encoder.encoded == ["làm khai sinh cho bé"]

    def test_only_the_parts_with_new_texts_are_made(
        self, tmp_path: Path, edited: list[Procedure], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        build(tmp_path)
        made: list[str] = []
        really = LexicalIndex.build
        monkeypatch.setattr(
            LexicalIndex,
            "build",
            lambda texts: made.extend(texts) or really(texts),  # type: ignore[func-returns-value]
        )
        build(tmp_path, edited, digest="second")
        assert set(made) == {"common", "asked"}

    def test_the_result_is_what_building_from_nothing_gives(self, tmp_path: Path, edited: list[Procedure]) -> None:
        build(tmp_path / "a", cache=tmp_path / "cache.sqlite")
        build(tmp_path / "a", edited, digest="second", cache=tmp_path / "cache.sqlite")
        build(tmp_path / "b", edited, digest="second")
        assert _contents(current_folder(tmp_path / "a")) == _contents(current_folder(tmp_path / "b"))


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}
