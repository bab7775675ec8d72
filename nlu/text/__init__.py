"""Vietnamese as typed → clean text. Every step is a pure function; imports nothing but `nlu.text`.

The steps, in the order a message goes through them:

1. `clean`: NFC, one style of tone marks, control, zero-width and tag characters out.
2. `expand`: abbreviations and teencode written out ("ko" → "không", "gplx" → "giấy phép lái xe").
3. `AccentRestorer.restore`: accents put back on text typed without them.
4. `fold`: accents and case taken away, for the lexical index and for comparing.
"""

from nlu.text.accents import AccentModel, AccentRestorer
from nlu.text.cleaning import clean, fold, words
from nlu.text.expansion import expand

__all__ = ["AccentModel", "AccentRestorer", "clean", "expand", "fold", "words"]
