"""Other ways of typing a training phrase; the classifier learns them beside the phrase itself."""

from __future__ import annotations

from nlu.text import fold


def variants(text: str) -> list[str]:
    """Gives a phrase and what it looks like without accents; the phrase itself comes first."""
    folded = fold(text)
    return [text] if folded == text else [text, folded]
