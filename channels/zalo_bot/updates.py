"""Updates of the Bot Platform, typed, from a webhook or from a long poll. What a person wrote appears in no `repr`."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from channels.zalo.errors import NotAnEvent
from channels.zalo.json_text import a_list, a_moment, a_name, a_text, an_object, parse


@dataclass(frozen=True, slots=True)
class Update:
    """What every update has.

    Attributes:
        key: the same for every copy of one update, and for no other update; at most 160 characters,
            nothing of a person in it.
        name: `event_name` as Zalo wrote it.
        at: when it happened, by Zalo's clock; None where it does not say.
        person: id of whoever wrote, for this bot only.
        chat: id to answer to: the person, or the group.
        in_group: whether that is a group; a bot hears there only what mentions it or answers it.
        message_id: of the message, or empty.
        from_bot: whether a bot wrote it, ourselves perhaps: never to be answered.
    """

    key: str
    name: str
    at: datetime | None
    person: str = field(repr=False)
    chat: str = field(repr=False)
    in_group: bool
    message_id: str
    from_bot: bool


@dataclass(frozen=True, slots=True)
class TextSaid(Update):
    """A text, in NFC; in a group still with the mention of the bot (`without_mention` takes it out)."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PhotoSent(Update):
    """A picture; `url` is empty where none was told, and lasts only a while."""

    url: str = field(repr=False)
    caption: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StickerSent(Update):
    """A sticker."""

    sticker: str


@dataclass(frozen=True, slots=True)
class VoiceSent(Update):
    """A voice message."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unsupported(Update):
    """A file, a card, a film, or something of a protected person: Zalo tells no more. Without a chat: no answer."""


@dataclass(frozen=True, slots=True)
class Unknown(Update):
    """An update of a kind that is not known, or one without what its kind must have: kept, not answered."""


def read(body: bytes) -> tuple[Update, ...]:
    """Reads the updates of a webhook's body, in an envelope (`ok`, `result`) or without.

    Raises:
        NotAnEvent: not JSON, or nothing that could be an update.
    """
    content = parse(body)
    if isinstance(content, dict) and "result" in content and "event_name" not in content:
        content = content["result"]
    if not isinstance(content, dict | list):
        raise NotAnEvent("neither an object nor a list")
    if not content:
        # The request that Zalo may make when the address is saved.
        return ()
    if isinstance(content, list) and not all(isinstance(one, dict) for one in content):
        raise NotAnEvent("a list of other things than updates")
    return read_result(content)


def read_result(result: object) -> tuple[Update, ...]:
    """Reads the `result` of a poll: one update or a list of them; what is none is left out."""
    found = result if isinstance(result, list) else [result]
    return tuple(_update(one) for one in a_list(found) if isinstance(one, dict) and one)


def without_mention(text: str, name: str) -> str:
    """Takes the mention of the bot out of a group's message.

    Args:
        text: as written, "@Bot Một cửa làm khai sinh".
        name: of the bot, as people see it.
    """
    if not name:
        return text
    mention = re.compile(r"@?" + re.escape(name) + r"(?!\w)[,:]?\s*", re.IGNORECASE)
    return re.sub(r"[ \t]{2,}", " ", mention.sub("", text)).strip()


def _update(content: dict[str, Any]) -> Update:
    name = a_text(content.get("event_name"))[:64]
    message = an_object(content.get("message"))
    writer, chat = an_object(message.get("from")), an_object(message.get("chat"))
    person, chat_id = a_name(writer.get("id"))[:128], a_name(chat.get("id"))[:128]
    in_group = a_text(chat.get("chat_type")).upper() == "GROUP"
    message_id = a_name(message.get("message_id"))
    head = (
        _key(name, chat_id, person, message_id, content),
        name,
        a_moment(message.get("date")),
        person,
        # In a private talk the chat is the person.
        chat_id or ("" if in_group else person),
        in_group,
        message_id,
        writer.get("is_bot") is True,
    )
    match name:
        case "message.text.received" if person and isinstance(message.get("text"), str):
            return TextSaid(*head, a_text(message.get("text")))
        case "message.image.received" if person:
            url = a_text(message.get("photo")) or a_text(message.get("photo_url"))
            return PhotoSent(*head, url, a_text(message.get("caption")))
        case "message.sticker.received" if person:
            return StickerSent(*head, a_name(message.get("sticker")))
        case "message.voice.received" if person:
            return VoiceSent(*head, a_text(message.get("voice_url")))
        case "message.unsupported.received":
            return Unsupported(*head)
        case _:
            return Unknown(*head)


def _key(name: str, chat: str, person: str, message_id: str, content: dict[str, Any]) -> str:
    # Ids of messages alone have been seen to collide between chats. Sorted, so that another order of the same names
    # is the same update; a digest, for keys stand in logs and a person's id must not.
    parts: object = [chat, person, message_id] if message_id else content
    return f"{name}|{hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()}"
