"""Curated files and vocabulary files from disk."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from knowledge.curation import read_curated, read_curated_folder, read_vocabulary_folder
from knowledge.errors import BadCuratedRecord
from tests.knowledge.samples import CODE, curated


def save(folder: Path, name: str = CODE, code: str = CODE) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.yaml"
    content = curated(code).model_dump(mode="json", exclude_defaults=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def test_a_file_is_read_as_the_record_it_holds(tmp_path: Path) -> None:
    assert read_curated(save(tmp_path)) == curated()


def test_a_file_is_named_after_its_code(tmp_path: Path) -> None:
    with pytest.raises(BadCuratedRecord, match=rf"9\.000102\.yaml: holds the code {CODE}"):
        read_curated(save(tmp_path, name="9.000102"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"code: [", "not readable YAML"),
        (b"\xff\xfe", "not readable YAML"),
        (b"", "Input should be a valid dictionary"),
        (b"- one", "Input should be a valid dictionary"),
        (b"code: !!python/object/apply:os.getcwd []", "not readable YAML"),
    ],
)
def test_what_is_no_record_is_named_in_one_line(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / f"{CODE}.yaml"
    path.write_bytes(content)
    with pytest.raises(BadCuratedRecord, match=reason) as raised:
        read_curated(path)
    assert "\n" not in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadCuratedRecord, match=r"none\.yaml: cannot be read"):
        read_curated(tmp_path / "none.yaml")


def test_a_folder_is_read_by_code_over_all_fields(tmp_path: Path) -> None:
    save(tmp_path / "b", CODE, CODE)
    save(tmp_path / "a", "9.000102", "9.000102")
    assert [record.code for record in read_curated_folder(tmp_path)] == [CODE, "9.000102"]


def test_a_code_in_two_fields_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "a")
    save(tmp_path / "b")
    with pytest.raises(BadCuratedRecord, match="stands in a already"):
        list(read_curated_folder(tmp_path))


def vocabulary(folder: Path, name: str, *codes: str) -> None:
    entries = "".join(f"- code: '{code}'\n  common_names: [thẻ]\n" for code in codes)
    (folder / name).write_text(f"field: Thư viện\nprocedures:\n{entries}", encoding="utf-8")


def test_vocabulary_takes_the_field_of_its_file(tmp_path: Path) -> None:
    vocabulary(tmp_path, "thu-vien.yaml", CODE)
    (words,) = read_vocabulary_folder(tmp_path)
    assert (words.code, words.field, words.common_names) == (CODE, "Thư viện", ("thẻ",))


def test_a_code_in_two_vocabulary_files_is_refused(tmp_path: Path) -> None:
    vocabulary(tmp_path, "a.yaml", CODE)
    vocabulary(tmp_path, "b.yaml", "9.000102", CODE)
    with pytest.raises(BadCuratedRecord, match=rf"b\.yaml: {CODE} stands in a\.yaml already"):
        list(read_vocabulary_folder(tmp_path))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("procedures: 3", "needs the keys"),
        ("[]", "needs the keys"),
        ("procedures: [3]", "an entry is not a mapping"),
        (f"procedures: [{{code: '{CODE}', nick: x}}]", f"{CODE} nick: Extra inputs"),
        (f"procedures: [{{code: '{CODE}', popularity: 9}}]", f"{CODE} popularity: "),
    ],
)
def test_a_vocabulary_file_that_breaks_the_rules_is_named(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "a.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(BadCuratedRecord, match=rf"a\.yaml: {reason}"):
        list(read_vocabulary_folder(tmp_path))
