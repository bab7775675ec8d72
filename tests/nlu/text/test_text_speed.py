"""No step takes more than its share of time, whatever is typed."""

import random
import time
from collections.abc import Callable

import pytest

from nlu.text import AccentModel, AccentRestorer, clean, expand, fold, words

_SHORT, _LONG = 10_000, 40_000
# Four times the text may take four times as long; a step whose time grows with the square takes sixteen.
_MOST_RATIO = 9
_RESTORER = AccentRestorer(
    AccentModel.count([("đăng ký khai sinh cho con đang học dạng khác dâng dằng đặng", 1.0), ("hồ sơ đăng kí", 1.0)])
)
_DICE = random.Random(4)
RUBBISH: dict[str, Callable[[int], str]] = {
    "one letter": lambda n: "a" * n,
    "one syllable": lambda n: ("dang " * n)[:n],
    "spaces": lambda n: " " * n,
    "marks on one letter": lambda n: "a" + ("\u0300\u0323" * n)[: n - 1],
    "Hebrew points on one letter": lambda n: "\u05d0" + ("\u05b0\u05bf" * n)[: n - 1],
    "zero-width": lambda n: "\u200b" * n,
    "tags": lambda n: "\U000e0041" * n,
    "open syllables": lambda n: ("hoà " * n)[:n],
    "abbreviations": lambda n: ("ko " * n)[:n],
    "emoji": lambda n: "😀" * n,
    "anything": lambda n: "".join(chr(_DICE.randrange(1, 0xD7FF)) for _ in range(n)),
    "punctuation": lambda n: ("?!.,;" * n)[:n],
}
STEPS: dict[str, Callable[[str], object]] = {
    "clean": clean,
    "expand": expand,
    "fold": fold,
    "words": words,
    "is_bare": _RESTORER.is_bare,
    "restore": _RESTORER.restore,
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
@pytest.mark.parametrize("make", RUBBISH.values(), ids=RUBBISH.keys())
def test_time_grows_with_the_length_only(step: Callable[[str], object], make: Callable[[int], str]) -> None:
    # A millisecond is added, so that what takes no time at all is not measured against the clock's grain.
    short, long = (_seconds(step, make(length)) + 0.001 for length in (_SHORT, _LONG))
    assert long < _MOST_RATIO * short
    assert short < 1.0


def _seconds(step: Callable[[str], object], text: str) -> float:
    """Processor time of the quickest of several runs: what others do on the machine does not count."""
    times = []
    for _ in range(4):
        start = time.process_time()
        step(text)
        times.append(time.process_time() - start)
    return min(times)
