"""A reply as messages of the Official Account: plain text of at most 2,000 characters, up to five buttons."""

from __future__ import annotations

import re
import unicodedata

from channels.zalo.parts import in_parts, length_of
from channels.zalo.whole_text import whole_text
from channels.zalo.words import zalo_words
from channels.zalo_oa.messages import (
    FORM_SUBTITLE_LENGTH,
    FORM_TITLE_LENGTH,
    MOST_BUTTONS,
    PAYLOAD_LENGTH,
    TITLE_LENGTH,
    Button,
    ContactForm,
    TextMessage,
)
from channels.zalo_oa.webhook import TAP_SIGN
from motcua.reply import Reply

_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_LINK = re.compile(r"\[([^\[\]\n]+)\]\((https?://[^\s()]+)\)")
_HEADING = re.compile(r"^#{1,6}[ \t]+", re.MULTILINE)
_STRONG = re.compile(r"(?<![\w(*_])(\*\*|__)(?=[\w“\"'(\[])([^*_\n]+?)(?<=[\w.,:;!?”\"')\]%])\1(?![\w)*_])")
_CODE = re.compile(r"`+([^`\n]+?)`+")


def render(reply: Reply, most: int = 2000) -> tuple[TextMessage, ...]:
    """Gives the messages in the order to send them; the buttons stand under the last.

    Choices stand in the text by number too: five buttons are all there may be, and an old telephone shows none.

    Args:
        reply: what to say.
        most: characters of a message.
    """
    buttons = tuple(
        Button(_cut(choice.title, TITLE_LENGTH), TAP_SIGN + choice.payload)
        for choice in reply.choices
        if len(choice.payload) < PAYLOAD_LENGTH
    )[:MOST_BUTTONS]
    parts = in_parts(plain(whole_text(reply, buttons=bool(buttons))), most)
    last = len(parts) - 1
    return tuple(TextMessage(part, buttons if number == last else ()) for number, part in enumerate(parts))


def contact_form(days: int, image_url: str) -> ContactForm:
    """Gives the form for contact details.

    Args:
        days: how long they are kept.
        image_url: of the picture above it.
    """
    words = zalo_words().contact
    return ContactForm(
        _cut(words.title, FORM_TITLE_LENGTH), _cut(words.subtitle.format(days=days), FORM_SUBTITLE_LENGTH), image_url
    )


def plain(text: str) -> str:
    """Takes the marks of Markdown out of a text, which Zalo would show as they are; addresses stay in full."""
    text = _LINK.sub(lambda found: found[2] if found[1] == found[2] else f"{found[1]}: {found[2]}", text)
    result, last = [], 0
    for address in _ADDRESS.finditer(text):
        result += [_without_marks(text[last : address.start()]), address[0]]
        last = address.end()
    return "".join([*result, _without_marks(text[last:])])


def _without_marks(text: str) -> str:
    return _CODE.sub(r"\1", _STRONG.sub(r"\2", _HEADING.sub("", text)))


def _cut(title: str, most: int) -> str:
    title = unicodedata.normalize("NFC", title)
    if length_of(title) <= most:
        return title
    # Cut between words, so that no character comes apart.
    words = title.split()
    while len(words) > 1 and length_of(" ".join(words)) > most - 1:
        words.pop()
    short = " ".join(words)
    return f"{short}…" if length_of(short) < most else short[: (most - 1) // 2] + "…"
