"""Vietnamese words for Rasa: a word may be several syllables ("giấy tờ"), so spaces do not end one."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message
from underthesea import word_tokenize

_SPACE = re.compile(r"\s+")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class VietnameseTokenizer(Tokenizer):
    """Splits a message into words with underthesea's CRF, keeping each word's place in the text."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Gives Rasa's settings of a tokenizer, none of which is needed here."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_"}

    @staticmethod
    def required_packages() -> list[str]:
        """Names what must be installed."""
        return ["underthesea"]

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Splits one attribute of a message; offsets count characters of the text as it came."""
        text: str = message.get(attribute)
        return [Token(text[start:end], start, end) for start, end in word_spans(text)]


def word_spans(text: str) -> list[tuple[int, int]]:
    """Gives (start, end) of every word, in order; together they cover every character but spaces."""
    # The library may merge, split or normalise what it returns. Only the number of visible characters
    # of each word is taken from it, so a place in the text is never guessed.
    places = [index for index, character in enumerate(text) if not character.isspace()]
    lengths = [len(_SPACE.sub("", word)) for word in word_tokenize(text, use_token_normalize=False)]
    if sum(lengths) != len(places):
        return [match.span() for match in re.finditer(r"\S+", text)]
    spans, taken = [], 0
    for length in lengths:
        if length:
            spans.append((places[taken], places[taken + length - 1] + 1))
            taken += length
    return spans
