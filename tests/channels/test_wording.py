from __future__ import annotations

from collections.abc import Iterator

import pytest

from channels import wording
from channels.errors import Refusal
from channels.web.problems import _BY_STATUS, _FAULTS
from motcua.reply import PAYLOAD


def every_refusal(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from every_refusal(narrower)


@pytest.mark.parametrize("refusal", list(every_refusal()))
def test_every_refusal_has_words_and_a_next_step(refusal: type[Refusal]) -> None:
    said = wording.problems()[refusal.problem]
    assert said.title and said.detail and said.next


def test_no_problem_has_words_that_nothing_uses() -> None:
    used = {refusal.problem for refusal in every_refusal()} | set(_BY_STATUS.values())
    assert set(wording.problems()) == used


def test_every_field_fault_has_words() -> None:
    assert set(_FAULTS.values()) | {"other"} == set(wording.field_faults())


def test_the_choices_of_own_replies_can_be_tapped() -> None:
    payloads = [c.payload for reply in wording.own_replies().values() for c in reply.choices]
    assert payloads and all(PAYLOAD.fullmatch(p) for p in payloads)
