"""Interchange files: broken lines are named, the rest goes on."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from knowledge.errors import BadRecord
from knowledge.importers import read_interchange, write_interchange
from knowledge.model import PortalRecord
from tests.knowledge.samples import interchange, portal_record

Packing = Callable[[bytes], bytes]
PACKINGS = [pytest.param(bytes, id="plain"), pytest.param(gzip.compress, id="gz")]


def line(code: str = "9.000101", **changes: object) -> bytes:
    return json.dumps(interchange(code, **changes), ensure_ascii=False).encode() + b"\n"


def read(path: Path) -> tuple[list[str], list[str]]:
    """Codes that came through, and what was said of the rest."""
    records = list(read_interchange(path))
    return (
        [record.code for record in records if isinstance(record, PortalRecord)],
        [str(record) for record in records if isinstance(record, BadRecord)],
    )


BROKEN = [
    (b"{not json\n", "is not JSON"),
    (b'{"code": "9.000102", "name": "c\xff\xfe"}\n', "is not UTF-8"),
    (b'["9.000102"]\n', "is not a JSON object"),
    (b"null\n", "is not a JSON object"),
    (b'{"name": "no code here"}\n', "code: Field required"),
    (line("not-a-code"), "code: Value error, is not a national procedure code"),
    (line("9.000102", name=None), "name: String should have at least 2 characters"),
    (line("9.000102", documents="none"), "documents: Input should be a valid tuple"),
    (
        line("9.000102", documents=[{"name": "Form", "copies": "two"}]),
        "documents.0.copies: Input should be a valid int",
    ),
    (line("9.000102", result="a\x00b"), "holds a NUL character"),
    (b'{"code": "9.000102", "x": "\\ud800"}\n', "half of a surrogate"),
    (b'{"code": "9.000102", "fee": NaN}\n', "NaN is no JSON number"),
    (b'{"code": ' + b"[" * 40 + b"]" * 40 + b"}\n", "is nested too deep"),
    (b"[" * 100_000 + b"\n", "is nested too deep"),
    (b"<html><body>Access denied</body></html>\n", "is a web page and not JSON"),
]


@pytest.mark.parametrize("pack", PACKINGS)
@pytest.mark.parametrize(("broken", "reason"), BROKEN, ids=[reason for _, reason in BROKEN])
def test_a_broken_line_is_named_and_the_rest_goes_on(
    tmp_path: Path, pack: Packing, broken: bytes, reason: str
) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(pack(line() + broken + line("9.000103")))
    codes, said = read(path)
    assert codes == ["9.000101", "9.000103"]
    assert len(said) == 1
    assert said[0].startswith("line 2: ") and reason in said[0]
    assert "\n" not in said[0]


@pytest.mark.parametrize("pack", PACKINGS)
def test_a_code_that_comes_twice_stands_as_it_came_first(tmp_path: Path, pack: Packing) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(pack(line() + line("9.000102") + line(result="Khác")))
    assert read(path) == (["9.000101", "9.000102"], ["line 3: 9.000101 stands on line 1 already"])


def test_blank_lines_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + line() + b"\n  \r\n" + line("9.000102").rstrip())
    assert read(path) == (["9.000101", "9.000102"], [])


@pytest.mark.parametrize("content", [b"", b"\n\n", gzip.compress(b"")])
def test_an_empty_file_is_no_catalogue(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(content)
    with pytest.raises(BadRecord, match=r"records\.jsonl holds no record"):
        read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRecord, match=r"none\.jsonl cannot be opened: No such file"):
        read(tmp_path / "none.jsonl")


@pytest.mark.parametrize("cut", [0.5, 0.9, 0.999])
def test_a_truncated_archive_gives_what_came_before_and_says_where_it_breaks_off(
    tmp_path: Path, cut: float
) -> None:
    lines = [line(f"9.{n:06}", result=f"{n * 7919:x}" * 20) for n in range(500)]
    whole = gzip.compress(b"".join(lines))
    path = tmp_path / "records.jsonl.gz"
    path.write_bytes(whole[: int(len(whole) * cut)])
    came = 0
    with pytest.raises(BadRecord, match=r"the file breaks off after line \d+") as raised:
        for record in read_interchange(path):
            assert isinstance(record, PortalRecord)
            came += 1
    assert 0 < came < 500
    assert f"after line {came}:" in str(raised.value)


def test_an_archive_with_a_damaged_middle_says_so(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(b"".join(line(f"9.{n:06}", result=f"{n * 7919:x}") for n in range(500))))
    whole[len(whole) // 2] ^= 0xFF
    path = tmp_path / "records.jsonl.gz"
    path.write_bytes(whole)
    records = read_interchange(path)
    with pytest.raises(BadRecord, match="the file breaks off"):
        assert all(isinstance(record, PortalRecord | BadRecord) for record in records)


@pytest.mark.parametrize("pack", PACKINGS)
def test_progress_goes_up_to_the_whole_file(tmp_path: Path, pack: Packing) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(pack(b"".join(line(f"9.{n:06}") for n in range(50))))
    seen: list[tuple[int, int]] = []
    list(read_interchange(path, lambda done, whole: seen.append((done, whole))))
    assert seen == sorted(seen)
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


@pytest.mark.parametrize("name", ["out.jsonl", "deep/out.jsonl.gz"])
def test_what_is_written_is_read_back_the_same(tmp_path: Path, name: str) -> None:
    records = [portal_record(), portal_record("9.000102", result="Dòng một\nDòng hai \u2028 ✓")]
    path = tmp_path / name
    assert write_interchange(records, path) == 2
    assert list(read_interchange(path)) == records
    first = path.read_bytes()
    write_interchange(records, path)
    assert path.read_bytes() == first
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_an_export_that_fails_leaves_the_file_that_was(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    write_interchange([portal_record()], path)
    before = path.read_bytes()

    def broken() -> Iterator[PortalRecord]:
        yield portal_record("9.000102")
        raise RuntimeError("the catalogue is gone")

    with pytest.raises(RuntimeError):
        write_interchange(broken(), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["out.jsonl"]
