"""The words of the sheet, read from `wording/sheet.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from channels.sheet.model import Slot
from channels.wording import ProblemWording

_FILE = Path(__file__).parents[1] / "wording" / "sheet.yaml"


class SheetWords(BaseModel):
    """Every sentence of the sheet."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    title_without_name: str
    brand: str
    print: str
    download: str
    back: str
    how: str
    originals: str
    copies: str
    receipt: str
    told_on: str
    printed_page: str
    qr: str
    source: str
    source_name: str
    data_date: str
    legal_basis: str
    show_to_officer: str
    newer: str
    alone: str
    cases: str
    cases_how: str
    parts: dict[Slot, str]
    by_case: tuple[str, ...]
    nothing_to_bring: tuple[str, ...]
    said_already: tuple[str, ...]
    troubles: dict[str, ProblemWording]


@cache
def sheet_words() -> SheetWords:
    """Reads the words once.

    Raises:
        OSError, ValueError, yaml.YAMLError: the file is missing or not what it should be.
    """
    return SheetWords.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8")))
