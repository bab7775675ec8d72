"""What of a procedure is searched: its texts by field, its phrases, and what speaks for it beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from knowledge.model import Procedure
from knowledge.search.provinces import own_province
from nlu.text import clean, expand, fold, words

LexicalField = Literal["name", "body", "common", "asked"]
LEXICAL_FIELDS: tuple[LexicalField, ...] = get_args(LexicalField)

PhraseKind = Literal["common_name", "question", "situation"]
PHRASE_KINDS: tuple[PhraseKind, ...] = get_args(PhraseKind)

ACCENT_PARTS = ("said", "official")

_CITIZEN = ("Công dân", "Hộ ", "Người Việt Nam")
_LONG = 500
_BODY = 1500


@dataclass(frozen=True)
class Phrase:
    """One thing people say for a procedure."""

    kind: PhraseKind
    text: str


def name_text(procedure: Procedure) -> str:
    """The title that names are searched by."""
    return clean(procedure.name)


def passage_text(procedure: Procedure) -> str:
    """Title, result and papers in one passage, for the vector of the procedure as a whole."""
    portal = procedure.portal
    if portal:
        papers = "; ".join(d.name for d in portal.documents[:6])
        text = f"{portal.name}. Kết quả: {portal.result}. Hồ sơ: {papers}"
    elif procedure.curated:
        papers = "; ".join(d.name for d in procedure.curated.documents[:6])
        text = f"{procedure.name}. {procedure.curated.summary} Hồ sơ: {papers}"
    else:
        text = procedure.name
    return clean(text[:_LONG])


def lexical_text(procedure: Procedure, field: LexicalField) -> str:
    """The text of one lexical field."""
    words = procedure.words
    if field == "name":
        return procedure.name
    if field == "common":
        return " . ".join(_read(text) for text in words.common_names)
    if field == "asked":
        return " . ".join(_read(text) for text in words.sample_questions + words.situations)
    portal = procedure.portal
    if portal is None:
        curated = procedure.curated
        return f"{procedure.name} . {procedure.field} . {curated.summary if curated else ''}"
    return " . ".join(
        [
            portal.name,
            portal.field,
            portal.keywords,
            portal.result,
            " . ".join(d.name for d in portal.documents)[:_BODY],
            " . ".join(s.text for s in portal.steps)[:_BODY],
            portal.executing_agency[:200],
            portal.agency,
        ]
    )


def phrases(procedure: Procedure) -> list[Phrase]:
    """Everything people say for it."""
    words = procedure.words
    kinds: tuple[tuple[PhraseKind, tuple[str, ...]], ...] = (
        ("common_name", words.common_names),
        ("question", words.sample_questions),
        ("situation", words.situations),
    )
    # Read as the citizen's own message is, so that "CCCD" and "khai sanh" meet here and there.
    return [Phrase(kind, _read(text)) for kind, texts in kinds for text in texts if text.strip()]


# An edit changes a handful of texts of some ten thousand, and each is read several times a build.
@lru_cache(maxsize=200_000)
def _read(text: str) -> str:
    return expand(clean(text))


def said_words(spoken: Iterable[Phrase]) -> str:
    """The different words of a procedure's phrases, accents taken away, sorted."""
    return _words_of(tuple(phrase.text for phrase in spoken))


@lru_cache(maxsize=20_000)
def _words_of(texts: tuple[str, ...]) -> str:
    return " ".join(sorted({word for text in texts for word in words(fold(text))}))


def priors(procedure: Procedure) -> dict[str, float]:
    """What speaks for a procedure before anything is asked: the ordinary case comes first."""
    portal, words = procedure.portal, procedure.words
    level = portal.level if portal else ()
    return {
        "standard": float(portal.is_standard if portal else True),
        "citizen": float(any(s.startswith(_CITIZEN) for s in portal.subjects) if portal else True),
        "commune": float("Cấp xã" in level),
        "province_level": float("Cấp tỉnh" in level),
        "popularity": float(words.popularity if words.common_names else 0),
        "covered": float(bool(words.common_names)),
        "name_length": float(min(60, len(procedure.name.split()))),
        "internal": float(portal.is_internal if portal else False),
    }


def said_corpus(spoken: Iterable[Phrase]) -> list[tuple[str, float]]:
    """People's words with their weight for the accent model, where they count most."""
    return [(phrase.text, 6.0) for phrase in spoken]


def official_corpus(procedures: Sequence[Procedure]) -> list[tuple[str, float]]:
    """Official text with weights for the accent model: titles count more than prose."""
    provinces = {own_province(procedure.portal) for procedure in procedures}
    corpus = [(f"tỉnh {name}", 20.0) for name in sorted(provinces - {""})]
    for procedure in procedures:
        corpus.append((procedure.name, 2.0))
        if procedure.portal:
            corpus.extend((d.name, 0.3) for d in procedure.portal.documents[:8])
            corpus.extend((s.text[:600], 0.2) for s in procedure.portal.steps[:1])
    return corpus
