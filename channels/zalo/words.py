"""The words around answers on Zalo, read from `wording/zalo.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

_FILE = Path(__file__).parents[1] / "wording" / "zalo.yaml"


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChooseWords(_Words):
    """How to choose: with buttons, and by numbers alone."""

    buttons: str
    numbers: str


class ContactWords(_Words):
    """The form for contact details; `subtitle` is filled with the days that they are kept."""

    title: str
    subtitle: str


class ZaloWords(_Words):
    """Every sentence of the two connectors."""

    choose: ChooseWords
    line: str
    source: str
    data_date: str
    legal_basis: str
    receipt: str
    contact: ContactWords


@cache
def zalo_words() -> ZaloWords:
    """Reads the words once.

    Raises:
        OSError, ValueError, yaml.YAMLError: the file is missing or not what it should be.
    """
    return ZaloWords.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8")))
