"""A reply as messages of the Bot Platform: texts of at most 2,000 characters, choices by number.

Zalo knows bold, italic, code, headings and lists of Markdown. The first line of an answer and the titles of its
sections are made bold, everything else that could be taken for a mark is escaped. A part with an address that holds
such a sign goes without marks: an escaped address would be a broken one.
"""

from __future__ import annotations

import re

from channels.zalo.parts import in_parts, length_of
from channels.zalo.whole_text import whole_text
from channels.zalo_bot.messages import BotMessage
from motcua.reply import Reply

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_MARKS = re.compile(r"([\\*_`~])")
_MARKS_AT_LINE = re.compile(r"^([ \t]*)(#{1,6}(?=[ \t])|>|[+](?=[ \t]))", re.MULTILINE)


def render(reply: Reply, most: int = 2000, *, marks: bool = True) -> tuple[BotMessage, ...]:
    """Gives the messages in the order to send them.

    Args:
        reply: what to say.
        most: characters of a message.
        marks: whether titles are made bold.
    """
    parts = in_parts(whole_text(reply, buttons=False), most)
    titles = frozenset(section.title.strip().rstrip(":") for section in reply.sections)
    return tuple(BotMessage(part, _marked(part, titles, most) if marks else "") for part in parts)


def escape(text: str) -> str:
    """Puts a backslash before every sign that Markdown would read; the words stay as they are."""
    return _MARKS_AT_LINE.sub(r"\1\\\2", _MARKS.sub(r"\\\1", text))


def _marked(part: str, titles: frozenset[str], most: int) -> str:
    """The part with its titles bold; "" where there are none, or where marks would do harm."""
    if any(_MARKS.search(address[0]) for address in _ADDRESS.finditer(part)):
        return ""
    lines = part.split("\n")
    marked = [f"**{escape(line)}**" if _is_title(line, titles) else escape(line) for line in lines]
    text = "\n".join(marked)
    return text if any(_is_title(line, titles) for line in lines) and length_of(text) <= most else ""


def _is_title(line: str, titles: frozenset[str]) -> bool:
    # A line that begins or ends with a space cannot be made bold.
    return line == line.strip() and line.rstrip(":") in titles and bool(line)
