from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect

from actions.tables import ReceiptRow
from channels.errors import NotFound
from channels.sheet.receipts import _RECEIPT, KeptAnswers, read_codes
from channels.storage import Storage
from motcua.database import open_database
from motcua.reply import Reply
from tests.channels.sheet.samples import DOCUMENTS, RECEIPT, TOLD_AT, store

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path, new_database: Path) -> Path:
    path = tmp_path / "motcua.db"
    path.write_bytes(new_database.read_bytes())
    return path


@pytest.fixture
def answers(database: Path) -> Iterator[KeptAnswers]:
    storage = Storage(open_database(f"sqlite:///{database}"))
    yield KeptAnswers(storage)
    storage.close()


@pytest.mark.parametrize(
    "typed", ["A7K2-M4QX", "a7k2m4qx", " A7K2 M4QX ", "A 7 K 2 – M 4 Q X", "Ａ７Ｋ２－Ｍ４ＱＸ", "a7k2.m4qx"]
)
async def test_a_receipt_is_found_however_it_is_typed(answers: KeptAnswers, database: Path, typed: str) -> None:
    store(database)
    found = await answers.find(typed)
    assert (found.receipt, found.made_at, found.reply) == (RECEIPT, TOLD_AT, DOCUMENTS)


@pytest.mark.parametrize("typed", ["A7K2-M40X", "a7k2m4ox", "A1K2-M4QX"])
async def test_a_letter_that_no_code_holds_is_read_as_what_it_looks_like(
    answers: KeptAnswers, database: Path, typed: str
) -> None:
    store(database)
    assert (await answers.find(typed)).receipt == RECEIPT


async def test_of_two_codes_that_can_be_meant_none_is_shown(answers: KeptAnswers, database: Path) -> None:
    store(database, code="A7K2-M4QX")
    store(database, code="A7K2-M4DX")
    with pytest.raises(NotFound):
        await answers.find("A7K2-M4OX")
    assert (await answers.find("A7K2-M4DX")).receipt == "A7K2-M4DX"


@pytest.mark.parametrize(
    "typed", ["", "----", "A7K2", "A7K2-M4QXX", "O0O0-O0O0", "'; DROP TABLE receipt; --", "🙂" * 9]
)
async def test_what_is_no_receipt_finds_nothing(answers: KeptAnswers, database: Path, typed: str) -> None:
    store(database)
    with pytest.raises(NotFound):
        await answers.find(typed)


async def test_only_answers_are_printed(answers: KeptAnswers, database: Path) -> None:
    store(database, Reply(kind="status_result", text="Hồ sơ đang được xử lý."))
    with pytest.raises(NotFound):
        await answers.find(RECEIPT)


async def test_an_answer_of_another_version_is_as_good_as_none(answers: KeptAnswers, database: Path) -> None:
    store(database, '{"kind": "answer", "words": "in a shape of another day"}')
    with pytest.raises(NotFound):
        await answers.find(RECEIPT)


@given(st.text(max_size=300))
def test_whatever_is_typed_means_a_few_codes_at_most(typed: str) -> None:
    codes = read_codes(typed)
    assert len(codes) <= 8
    assert all(read_codes(code) == (code,) for code in codes)


def test_the_columns_read_are_those_that_are_written() -> None:
    written = inspect(ReceiptRow).local_table
    assert written.name == _RECEIPT.name
    assert {c.name for c in _RECEIPT.columns} <= {c.name for c in written.columns}
