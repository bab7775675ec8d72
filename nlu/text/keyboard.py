"""Keys left over where an input method was off: Telex ("ddawng kys") and VNI ("d9a8ng ky1") read back as words.

A message has to show that it was typed so, by two words that become words of the domain (the caller's `knows`) and
are none as typed; then every word is read back that becomes a syllable, unless the domain knows it as it stands:
"taxi", "visa" and "a1" can be read as keys as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from nlu.text.syllable import is_syllable, put_tone

_WORD = re.compile(r"[^\W_]+")
_TYPED = re.compile(r"[a-z]{2,8}|[a-z][a-z0-9]{2,10}")
_TELEX_TONES = "sfrxj"
_VNI_TONES = dict(zip("12345", "sfrxj", strict=True))
_VOWELS = "aeiouy"
_CIRCUMFLEX = {"a": "â", "e": "ê", "o": "ô"}
_HORN = {"o": "ơ", "u": "ư"}
# Keys that hardly stand in a word by chance.
_SURE_TELEX = re.compile(r"dd|aa|ee|oo|[aou]w|w[aou]|[aeiouy](?:ch|ng|nh|[cmnpt])?[fj]\b|[aeiouy](?:ng|nh)[srx]\b")
_SURE_VNI = re.compile(r"[aeo]6|[ou]7|a8|d9|[aeiouy](?:ch|ng|nh|[cmnpt])?[1-5]\b")
_FEWEST = 2


def telex(word: str) -> str:
    """Reads a word as Telex keys; gives an empty text where they make no syllable.

    Args:
        word: one word in lower case, letters a to z.
    """
    first = next((i for i, letter in enumerate(word) if letter in _VOWELS + "w"), len(word))
    keys = [i for i in range(first + 1, len(word)) if word[i] in _TELEX_TONES]
    if len(keys) > 1:
        return ""
    tone = word[keys[0]] if keys else ""
    letters = word[: keys[0]] + word[keys[0] + 1 :] if keys else word
    shaped = _telex_shapes(letters)
    return put_tone(shaped, tone) if tone or shaped != letters else ""


def _telex_shapes(letters: str) -> str:
    if letters.startswith("dd"):
        letters = "đ" + letters[2:]
    elif letters.startswith("d") and letters.endswith("d") and len(letters) > 2:
        letters = "đ" + letters[1:-1]
    if "w" in letters:
        place = letters.index("w")
        around = letters.replace("w", "")
        if "uo" in around and not around.startswith("quo"):
            letters = around.replace("uo", "ươ", 1)
        elif place and letters[place - 1] in "aou":
            letters = around[: place - 1] + {"a": "ă", "o": "ơ", "u": "ư"}[letters[place - 1]] + around[place:]
        elif match := re.search(r"[aou]", around):
            shape = {"a": "ă", "o": "ơ", "u": "ư"}[match.group()]
            letters = around[: match.start()] + shape + around[match.end() :]
        else:
            letters = letters.replace("w", "ư", 1)
    for vowel, shape in _CIRCUMFLEX.items():
        if vowel * 2 in letters:
            return letters.replace(vowel * 2, shape, 1)
        head, found, tail = letters.partition(vowel)
        if found and tail.endswith(vowel) and len(tail) > 1:
            return head + shape + tail[:-1]
    return letters


def vni(word: str) -> str:
    """Reads a word as VNI keys; gives an empty text where they make no syllable.

    Args:
        word: one word in lower case, letters a to z and digits.
    """
    letters: list[str] = []
    tone = ""
    for key in word:
        if not key.isdigit():
            letters.append(key)
        elif key in _VNI_TONES:
            if tone:
                return ""
            tone = _VNI_TONES[key]
        elif not _vni_shape(letters, key):
            return ""
    return put_tone("".join(letters), tone)


def _vni_shape(letters: list[str], key: str) -> bool:
    """Gives the last letter that can take it the shape of a key; says whether there was one."""
    if key == "9" and letters[:1] == ["d"]:
        letters[0] = "đ"
        return True
    shapes = {"6": _CIRCUMFLEX, "7": _HORN, "8": {"a": "ă"}}.get(key, {})
    for place in reversed(range(len(letters))):
        if letters[place] in shapes:
            letters[place] = shapes[letters[place]]
            if key == "7" and letters[place] == "ơ" and place and letters[place - 1] == "u":
                letters[place - 1] = "ư"
            return True
    # The second key of "u7o7" finds its letter shaped already.
    return key == "7" and "ơ" in letters


def decode_keys(text: str, knows: Callable[[str], bool] = is_syllable) -> str:
    """Reads words typed as Telex or VNI keys back; leaves everything else as it is.

    Args:
        text: a message.
        knows: whether a word, in lower case, is one of the domain; by default whether it can be one at all.

    Returns:
        The message; the same where it does not show that it was typed so.
    """
    found = {place: word for place, word in _decoded(text, knows)}
    if not found:
        return text
    return _WORD.sub(lambda m: _as_typed(m.group(), found[m.start()]) if m.start() in found else m.group(), text)


def _decoded(text: str, knows: Callable[[str], bool]) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    sure = total = 0
    for match in _WORD.finditer(text):
        word = match.group().lower()
        total += 1
        if not _TYPED.fullmatch(word):
            continue
        by_digit = any(letter.isdigit() for letter in word)
        made = vni(word) if by_digit else telex(word)
        if not made:
            continue
        pattern = _SURE_VNI if by_digit else _SURE_TELEX
        certain = bool(pattern.search(word)) and (by_digit or not is_syllable(word))
        sure += certain and knows(made)
        if certain or not knows(word):
            found.append((match.start(), made))
    enough = sure >= _FEWEST or (sure and total <= _FEWEST)
    return found if enough else []


def _as_typed(typed: str, made: str) -> str:
    return made.capitalize() if typed[:1].isupper() else made
