from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from actions.receipts import ReceiptBook
from motcua.database import open_database, upgrade
from motcua.reply import Reply

REPLY = Reply(kind="answer", text="Mất 25.000 đồng.", procedure="9.100001", aspect="fee")


@pytest.fixture
def book(tmp_path: Path) -> ReceiptBook:
    url = f"sqlite:///{tmp_path / 'receipts.db'}"
    upgrade(url)
    return ReceiptBook(open_database(url))


def test_the_same_answer_always_has_the_same_code(book: ReceiptBook) -> None:
    assert (
        book.issue(REPLY, 3)
        == book.issue(REPLY, 3)
        == book.issue(REPLY.model_copy(update={"receipt": "X"}), 3)
    )


def test_another_answer_or_catalogue_has_another_code(book: ReceiptBook) -> None:
    other = REPLY.model_copy(update={"text": "Mất 26.000 đồng."})
    assert len({book.issue(REPLY, 3), book.issue(REPLY, 4), book.issue(other, 3)}) == 3


@pytest.mark.parametrize("typed", ["{}", " {} ", "lower", "no dash", "spaced", "wide"])
def test_a_receipt_is_found_however_it_is_typed(book: ReceiptBook, typed: str) -> None:
    code = book.issue(REPLY, 3)
    spoilt = {
        "lower": code.lower(),
        "no dash": code.replace("-", ""),
        "spaced": " ".join(code.replace("-", "–")),
        "wide": "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in code),
    }.get(typed, typed.format(code))
    assert book.find(spoilt) == (3, REPLY)


@pytest.mark.parametrize("typed", ["", "----", "AAAA-AAAA", "'; DROP TABLE receipt; --", "🙂" * 50])
def test_a_code_that_was_never_issued_finds_nothing(book: ReceiptBook, typed: str) -> None:
    assert book.find(typed) is None


def test_a_code_has_no_letters_that_are_read_for_one_another(book: ReceiptBook) -> None:
    codes = {book.issue(REPLY, version) for version in range(60)}
    assert not set("".join(codes)) & set("0O1IL")


def test_a_second_process_issues_the_same_code(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'receipts.db'}"
    upgrade(url)
    assert ReceiptBook(open_database(url)).issue(REPLY, 1) == ReceiptBook(open_database(url)).issue(REPLY, 1)


def test_a_database_that_cannot_be_written_costs_the_receipt_and_not_the_answer(tmp_path: Path) -> None:
    file = tmp_path / "receipts.db"
    upgrade(f"sqlite:///{file}")

    def read_only() -> sqlite3.Connection:
        return sqlite3.connect(f"file:{file}?mode=ro", uri=True)

    assert ReceiptBook(create_engine("sqlite://", creator=read_only)).issue(REPLY, 1) == ""


def test_nothing_of_the_person_is_in_a_receipt(book: ReceiptBook) -> None:
    found = book.find(book.issue(REPLY, 1))
    assert found is not None and found[1].model_dump(exclude_defaults=True).keys() == {
        "kind", "text", "procedure", "aspect",
    }  # fmt: skip
