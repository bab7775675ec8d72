"""The page for staff names every key there is, and its example is a vocabulary file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from knowledge.curation import read_vocabulary_folder
from knowledge.model import CuratedDocument, CuratedDuration, CuratedFee, CuratedRecord, Neighbour, Words
from knowledge.model.curated import Law, Office, Online, Paperless

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "curation.md").read_text(encoding="utf-8")
PARTS: list[type[BaseModel]] = [
    CuratedDocument,
    CuratedFee,
    CuratedDuration,
    Neighbour,
    Law,
    Office,
    Online,
    Paperless,
    Words,
]


def test_the_table_lists_the_keys_of_a_curated_record_and_no_others() -> None:
    table = PAGE.split("## Keys of a curated record")[1].split("**A document**")[0]
    rows = re.findall(r"^\| (\**)([a-z_]+)\** \|", table, re.MULTILINE)
    required = {name for name, field in CuratedRecord.model_fields.items() if field.is_required()}
    assert [name for _, name in rows if name != "key"] == list(CuratedRecord.model_fields)
    assert {name for bold, name in rows if bold} == required


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_keys_and_values_of_every_part_are_named(part: type[BaseModel]) -> None:
    words = set(re.findall(r"[a-z_]+", PAGE))
    assert set(part.model_fields) <= words
    annotations = (field.annotation for field in part.model_fields.values())
    choices = {choice for one in annotations if get_origin(one) is Literal for choice in get_args(one)} - {""}
    assert choices <= words


def test_the_example_is_a_vocabulary_file(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert example
    (tmp_path / "example.yaml").write_text(example.group(1), encoding="utf-8")
    (words,) = read_vocabulary_folder(tmp_path)
    assert set(Words.model_fields) == words.model_fields_set
