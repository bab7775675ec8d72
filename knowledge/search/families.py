"""Families: the variants of one thing, grouped by what their titles have in common.

"Đăng ký kết hôn", the same "có yếu tố nước ngoài" and "tại khu vực biên giới" are one family; so are first issue,
reissue and exchange of one paper, and one procedure at two levels of administration.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

from knowledge.model import Procedure
from knowledge.search.provinces import own_province
from nlu.text import fold

_TABLE = Path(__file__).with_name("families.yaml")
_ASIDE = re.compile(r"\(.*?\)|[“”\"]|thuc hien tai cap \w+.*|^\s*\d+\.\s")
_WORDS_COMPARED = 7
# A bigger group is a whole field of procedures ("thông báo thay đổi …"), in which nothing is told by its size.
_LARGEST = 12


class _Patterns(NamedTuple):
    variants: re.Pattern[str]
    actions: re.Pattern[str]
    generic: re.Pattern[str]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    table: dict[str, list[str]] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))

    def either(phrases: Sequence[str]) -> str:
        return "|".join(re.escape(fold(phrase)) for phrase in sorted(phrases, key=len, reverse=True))

    return _Patterns(
        variants=re.compile(rf"\b(?:{either(table['variants'])})\b"),
        actions=re.compile(rf"^(?:thu tuc )?(?:{either(table['actions'])})\b"),
        generic=re.compile(rf"\b(?:{either(table['generic'])})\b"),
    )


@lru_cache(maxsize=20_000)
def twin_title(title: str) -> str:
    """The title without the level of administration: what is the same procedure for whoever asks."""
    return " ".join(re.findall(r"\w+", _ASIDE.sub(" ", fold(title))))


@lru_cache(maxsize=20_000)
def core(title: str) -> str:
    """What the titles of a family have in common: the thing, without what is done with it and in which case."""
    patterns = _patterns()
    bare = patterns.variants.sub(" ", _ASIDE.sub(" ", fold(title)))
    thing = patterns.generic.sub(" ", patterns.actions.sub("", bare.strip()))
    return " ".join(re.findall(r"\w+", thing)[:_WORDS_COMPARED])


def families(procedures: Sequence[Procedure]) -> list[str]:
    """Gives the family of every procedure: the code of one of its members, or empty where it stands alone."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    keys: list[tuple[str, str] | None] = []
    for procedure in procedures:
        of_ministry = procedure.portal and not own_province(procedure.portal) and not procedure.portal.is_internal
        key = (procedure.field, core(procedure.name)) if of_ministry else None
        keys.append(key if key and key[1] else None)
        if keys[-1] is not None:
            groups[keys[-1]].append(procedure.code)
    names = {key: min(codes) for key, codes in groups.items() if 1 < len(codes) <= _LARGEST}
    return [names.get(key, "") if key else "" for key in keys]
