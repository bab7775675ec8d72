"""What a person sent, made fit for the bot.

Text becomes one clean line that Rasa cannot take for a command; a tapped choice becomes the intent it
stands for. What needs no bot (nothing written, only signs) brings its reply along.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from channels import wording
from channels.errors import PayloadUnknown
from motcua.reply import PAYLOAD, Reply
from nlu.text import clean, words


@dataclass(frozen=True)
class Inbound:
    """One message, read.

    Attributes:
        message: what Rasa gets; empty when `reply` is the whole answer.
        shown: what the person wrote or tapped, for the history.
        payload: the payload of a tapped choice, or empty.
        reply: the answer, when the bot is not needed.
    """

    message: str
    shown: str
    payload: str = ""
    reply: Reply | None = None


def read_text(text: str, length: int) -> Inbound:
    """Reads written text.

    Args:
        text: as the person wrote it.
        length: characters that are read; the rest is left out.
    """
    # Rasa takes a leading slash for an intent that is sure ("/restart"), so people's text never has one.
    line = clean(text).lstrip("/ ")[:length].rstrip()
    if not line:
        return Inbound("", "", reply=wording.own_replies()["empty"])
    if not words(line):
        return Inbound("", line, reply=wording.own_replies()["wordless"])
    return Inbound(line, line)


def read_payload(payload: str) -> Inbound:
    """Reads the payload of a tapped choice.

    Raises:
        PayloadUnknown: it is none that an answer may offer.
    """
    match = PAYLOAD.fullmatch(payload)
    if match is None:
        raise PayloadUnknown({"payload": "other"})
    if match["intent"]:
        return Inbound(f"/{match['intent']}", wording.tapped()[match["intent"]], payload)
    about = {"procedure": match["code"]}
    if match["fact"]:
        about["case"] = f"{match['fact']}={match['value']}"
    entities = json.dumps(about, separators=(",", ":"))
    return Inbound(f"/ask_{match['aspect']}{entities}", wording.tapped()[match["aspect"]], payload)
