"""What is learned from: people's phrases, letters, and formal questions made of official titles."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from evaluation.questions import Letter, read_lines
from knowledge.model import Procedure
from nlu.text import clean

_LETTERS = Path(__file__).parents[1] / "letters.jsonl"
_HELD_OUT_EACH = 5
_HIDDEN_EACH = 2
_FEWEST_LEFT = 4
_FORMAL_PATTERNS = (
    "{} cần giấy tờ gì?",
    "Hồ sơ {} gồm những gì?",
    "Lệ phí {} là bao nhiêu?",
    "{} mất bao lâu?",
    "Tôi muốn {} thì làm thế nào?",
    "{}",
    "thủ tục {}",
    "nộp hồ sơ {} ở đâu?",
)


class Hidden(NamedTuple):
    """A phrase that was taken out, and the row of its procedure."""

    row: int
    text: str


@lru_cache(maxsize=1)
def letters() -> tuple[Letter, ...]:
    """Reads the project's own letters."""
    return tuple(read_lines(_LETTERS, Letter))


def is_held_out(letter: Letter) -> bool:
    """Says whether a letter is kept for measuring: a fifth of the procedures, learned from by nothing."""
    return zlib.crc32(letter.gold[0].encode()) % _HELD_OUT_EACH == 0


def formal_question(title: str, dice: random.Random) -> str:
    """Asks for a procedure in official words: its title, whole or shortened, in a formal question."""
    return clean(dice.choice(_FORMAL_PATTERNS).format(_shortened(title, dice)))


def _shortened(title: str, dice: random.Random) -> str:
    """Shortens an official title as formal askers do: whole, its beginning, or with words left out."""
    words: Sequence[str] = re.sub(r"\(.*?\)", "", title).replace("Thủ tục ", "").lower().split()
    kind = dice.random()
    if kind < 0.35:
        kept = words
    elif kind < 0.7:
        kept = words[: max(3, int(len(words) * dice.uniform(0.4, 0.8)))]
    else:
        kept = [w for w in words if dice.random() > 0.25] or words
    return " ".join(kept)


def hide_phrases(
    procedures: Sequence[Procedure], count: int, dice: random.Random
) -> tuple[list[Procedure], list[Hidden]]:
    """Takes phrases out of procedures, so that they can be asked of an index that does not hold them.

    Args:
        procedures: the whole catalogue.
        count: how many to hide; at most two of a procedure, and only of those that keep as many.
        dice: what chooses.

    Returns:
        The procedures without them, in the same order, and the phrases with the rows that they ask for.
    """
    rich = [row for row, p in enumerate(procedures) if len(p.words.sample_questions) >= _FEWEST_LEFT]
    dice.shuffle(rich)
    left, hidden = list(procedures), []
    for row in rich[: count // _HIDDEN_EACH + 1]:
        words = procedures[row].words
        of_one = dice.sample(words.sample_questions + words.situations, _HIDDEN_EACH)
        hidden += [Hidden(row, phrase) for phrase in of_one]
        left[row] = _without(procedures[row], set(of_one))
    return left, hidden[:count]


def _without(procedure: Procedure, phrases: set[str]) -> Procedure:
    def kept(words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(word for word in words if word not in phrases)

    parts = {"curated": procedure.curated, "vocabulary": procedure.vocabulary}
    return procedure.model_copy(
        update={
            name: part.model_copy(
                update={
                    "sample_questions": kept(part.sample_questions),
                    "situations": kept(part.situations),
                }
            )
            for name, part in parts.items()
            if part is not None
        }
    )
