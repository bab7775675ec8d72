"""What a Vietnamese syllable can be: onset, rime and tone, and where the tone mark stands.

The rimes are those of the national orthography; the mark stands on the first vowel of an open pair ("hòa"), the
placement that `clean` settles on.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

TONES = {"": "", "s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
"""Telex key → combining tone mark."""

_OF_MARK = {mark: key for key, mark in TONES.items()}
# Longer ones first, so that the first that fits is the whole onset.
_ONSET_LIST = "ngh ch đ gh gi kh ng nh ph qu th tr b c d g h k l m n p r s t v x"
_ONSETS = tuple(_ONSET_LIST.split())
_RIME_LIST = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây "
    "e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu "
    "o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oem oen oeo oet oi om on "
    "ong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uc ui um un ung up ut uân uâng uât uây "
    "uê uêch uênh uôc uôi uôm uôn uông uôt uơ uy uya uych uyn uynh uyp uyt uyu uyên uyêt ư ưa ưc ưi ưm ưn ưng "
    "ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt yêu"
)
_RIMES = frozenset(_RIME_LIST.split())
_AFTER_QU = tuple("aăâeêioôơy")
_STOPPED = re.compile(r"(?:p|t|c|ch)$")
_VOWELS = "aăâeêioôơuưy"
_SHAPED = "ăâêôơư"


class Syllable(NamedTuple):
    """A syllable in parts; `tone` is the Telex key of its tone, empty for the level one."""

    onset: str
    rime: str
    tone: str

    def __str__(self) -> str:
        return self.onset + _marked(self.rime, self.tone, after_glide=self.onset in ("qu", "gi"))


def split_syllable(word: str) -> Syllable | None:
    """Takes a word apart, or gives None where it is no syllable that Vietnamese can have.

    Args:
        word: one word in lower case, in NFC.
    """
    bare, tone = _without_tone(word)
    for onset in (*_ONSETS, ""):
        rime = bare[len(onset) :]
        if not bare.startswith(onset):
            continue
        if onset == "gi" and (not rime or rime[0] not in _VOWELS or rime in ("ên", "êng", "êt")):
            # "gì" is g + i in writing, "giếng" is gi + iêng with one i left out.
            rime, onset = "i" + rime, "g"
        if onset == "qu" and rime[:1] not in _AFTER_QU:
            continue
        if rime in _RIMES and (tone in ("s", "j") or not _STOPPED.search(rime)):
            return Syllable(onset, rime, tone)
    return None


def is_syllable(word: str) -> bool:
    """Says whether a word, in lower case, is a syllable that Vietnamese can have, tone included."""
    return split_syllable(word) is not None


def put_tone(bare: str, tone: str) -> str:
    """Puts a tone on a syllable without one; "hoa", "f" → "hòa".

    Args:
        bare: letters with their shapes (ă, ơ, đ) and no tone.
        tone: Telex key of the tone.

    Returns:
        The syllable, or an empty text where it cannot be one.
    """
    parts = split_syllable(bare) or split_syllable(_marked(bare, "s", after_glide=False))
    if parts is None:
        return ""
    made = str(Syllable(parts.onset, parts.rime, tone))
    return made if is_syllable(made) else ""


def _without_tone(word: str) -> tuple[str, str]:
    letters, tone = [], ""
    for letter in unicodedata.normalize("NFD", word):
        if letter in _OF_MARK and letter:
            tone = _OF_MARK[letter]
        else:
            letters.append(letter)
    return unicodedata.normalize("NFC", "".join(letters)), tone


def _marked(rime: str, tone: str, *, after_glide: bool) -> str:
    if not tone:
        return rime
    places = [i for i, letter in enumerate(rime) if letter in _VOWELS]
    if not places:
        return rime
    shaped = [i for i in places if rime[i] in _SHAPED]
    if shaped:
        place = shaped[-1]
    elif len(places) == 1:
        place = places[0]
    elif len(places) == 3 or rime[-1] not in _VOWELS:
        place = places[1]
    else:
        place = places[1] if after_glide and len(places) > 1 and rime[0] in "ui" else places[0]
    return unicodedata.normalize("NFC", rime[: place + 1] + TONES[tone] + rime[place + 1 :])
