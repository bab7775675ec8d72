"""Vietnamese as typed → clean text. Every step is a pure function; imports nothing but `nlu.text`.

The steps, in the order a message goes through them:

1. `clean`: NFC, one style of tone marks, control, zero-width and tag characters out.
2. `decode_keys`: Telex and VNI keys that an input method left over ("ddawng kys" → "đăng ký").
3. `expand`: short forms and regional words ("ko" → "không", "mần răng" → "làm sao").
4. `AccentRestorer.correct`: slips mended, and accents put back on text typed without them.
5. `fold`: accents and case taken away, for the lexical index and for comparing.

`Reader` goes through 1 to 4 and tells what each changed; `asking_part` gives the part of a long message that asks,
`without_purpose` leaves out what a paper is wanted for.
"""

from nlu.text.accents import AccentModel, AccentRestorer
from nlu.text.asking import asking_part
from nlu.text.cleaning import clean, fold, words
from nlu.text.expansion import expand
from nlu.text.keyboard import decode_keys
from nlu.text.purpose import without_purpose
from nlu.text.reading import Change, Reader, Reading

__all__ = [
    "AccentModel",
    "AccentRestorer",
    "Change",
    "Reader",
    "Reading",
    "asking_part",
    "clean",
    "decode_keys",
    "expand",
    "fold",
    "without_purpose",
    "words",
]
