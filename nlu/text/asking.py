"""Where a long message asks: people tell their story first, name other papers on the way, and ask at the end."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml

from nlu.text.cleaning import fold

_SENTENCE = re.compile(r"[^.!?…;\n]+[.!?…;\n]*")
# "TP. Hồ Chí Minh", "Q. 1": no sentence ends there.
_ABBREVIATED = re.compile(r"\b(tp|tx|tt|q|p|h|x|ks|bs|ths|ts)\.\s*", re.IGNORECASE)
_CUES = Path(__file__).with_name("asking.yaml")
_QUESTION_MARK, _CUE, _LAST = 4, 2, 1
# A message of fewer words is one question, whatever its marks.
_LONG = 30
_FEWEST_WORDS = 3
# Sentences as sure as the surest but for this much ask as well: "Làm ở đâu? Cần giấy tờ gì?"
_NEARLY = 2


def asking_part(text: str) -> str:
    """Gives the part of a message that asks, with the sentence before it; the whole of a short message.

    A question such as "trường hợp của tôi thì làm thế nào?" names nothing, so what was said just before goes along.

    Args:
        text: a message as search reads it.
    """
    if len(text.split()) < _LONG:
        return text
    text = _ABBREVIATED.sub(r"\1 ", text)
    sentences = [s.strip() for s in _SENTENCE.findall(text) if len(s.split()) >= _FEWEST_WORDS]
    if len(sentences) < 2:
        return _tail(text)
    sure = [_asks(sentence, last=place == len(sentences) - 1) for place, sentence in enumerate(sentences)]
    asking = {place for place, score in enumerate(sure) if score >= max(sure) - _NEARLY and score >= _CUE}
    asking = asking or {len(sentences) - 1}
    wanted = asking | {min(asking) - 1} if min(asking) else asking
    return " ".join(sentences[place] for place in sorted(wanted))


def _asks(sentence: str, *, last: bool) -> int:
    score = _LAST if last else 0
    if sentence.endswith("?"):
        score += _QUESTION_MARK
    return score + (_CUE if _cues().search(fold(sentence)) else 0)


def _tail(text: str) -> str:
    """The last words of a message without sentences, cut where something is asked if it can be seen."""
    words = text.split()
    return " ".join(words[-_LONG:])


@lru_cache(maxsize=1)
def _cues() -> re.Pattern[str]:
    phrases: list[str] = yaml.safe_load(_CUES.read_text(encoding="utf-8"))
    return re.compile(r"\b(?:" + "|".join(re.escape(fold(phrase)) for phrase in phrases) + r")\b")
