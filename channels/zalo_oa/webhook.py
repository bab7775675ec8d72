"""Webhooks of the Official Account: whether Zalo sent them, and what they say. Pure functions of the raw body.

The signature is `SHA256(app id + raw body + timestamp + key)` in hexadecimal, a plain digest over the bytes as they
came; the timestamp is the one in the body. The key is the OA Secret Key of Zalo's console, not the App Secret. Old
timestamps are not refused: Zalo repeats for two hours.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from channels.zalo.errors import NotAnEvent, SignatureWrong
from channels.zalo.json_text import a_list, a_moment, a_name, a_number, a_text, an_object, parse
from channels.zalo_oa import events as kinds
from channels.zalo_oa.phones import in_zalo_form
from motcua.reply import PAYLOAD

SIGNATURE_HEADER = "X-ZEvent-Signature"
SERVER_HEADER = "X-ZEvent-Server"
TAP_SIGN = "#"
"""What the payload of our buttons begins with, so that it is not taken for something written."""

# Longer ones are named by their digest, to fit into an index.
_PLAIN_LENGTH = 60
_PROBES = (b"", b"{}")


def receive(body: bytes, signature: str | None, server: str | None, app_id: str, key: str) -> tuple[kinds.Event, ...]:
    """Gives the events of a request that Zalo made: what an endpoint calls, with everything it may believe.

    Args:
        body: the bytes as they came.
        signature, server: values of the headers `X-ZEvent-Signature` and `X-ZEvent-Server`.
        app_id, key: of the application, and the OA Secret Key.

    Returns:
        The events to be stored before 200 is answered; none for the request that is made when the address is saved.

    Raises:
        SignatureWrong: answer 403 and do nothing.
        NotAnEvent: signed, and yet no event: answer 200 and do nothing, or it would come again.
    """
    if is_probe(body):
        return ()
    check(body, signature, app_id, key)
    return read(body, from_templates=(server or "").strip().upper() == "ZNS")


def is_probe(body: bytes) -> bool:
    """Says whether this is the unsigned request that Zalo makes when the address is saved: 200, and no effect."""
    return body.strip() in _PROBES


def check(body: bytes, signature: str | None, app_id: str, key: str) -> None:
    """Makes sure that Zalo sent this body.

    Args:
        body: the bytes as they came.
        signature: value of the header `X-ZEvent-Signature`, with or without "mac=" before it.
        app_id: of the application.
        key: the OA Secret Key.

    Raises:
        SignatureWrong: it did not; answer 403 and do nothing.
    """
    shown = (signature or "").strip()
    if shown[:4].lower() == "mac=":
        shown = shown[4:]
    try:
        timestamp = an_object(parse(body)).get("timestamp")
    except NotAnEvent:
        raise SignatureWrong("not a body that can be signed") from None
    # As it stands there: a number or a text of the same digits gives the same bytes.
    told = timestamp if isinstance(timestamp, str) else a_name(timestamp)
    right = signature_of(body, app_id, told, key)
    if not key or not hmac.compare_digest(shown.strip().lower().encode("utf-8", "replace"), right.encode()):
        raise SignatureWrong("the signature is not Zalo's")


def signature_of(body: bytes, app_id: str, timestamp: str, key: str) -> str:
    """Gives the signature of a body: 64 hexadecimal digits."""
    signed = app_id.encode() + body + timestamp.encode("utf-8", "replace") + key.encode()
    return hashlib.sha256(signed).hexdigest()


def read(body: bytes, *, from_templates: bool = False) -> tuple[kinds.Event, ...]:
    """Reads the events of a body; a kind that is not known becomes `Unknown`.

    Args:
        body: the bytes as they came; a list of events is read too.
        from_templates: whether the header `X-ZEvent-Server` says "ZNS".

    Raises:
        NotAnEvent: not JSON, or neither an object nor a list of objects.
    """
    content = parse(body)
    if not isinstance(content, dict | list):
        raise NotAnEvent("neither an object nor a list")
    found = content if isinstance(content, list) else [content]
    if not all(isinstance(one, dict) for one in found):
        raise NotAnEvent("a list of other things than events")
    seed = hashlib.sha256(body).hexdigest()
    return tuple(_event(_Body(one, f"{seed}:{number}"), from_templates) for number, one in enumerate(found))


@dataclass(frozen=True, slots=True)
class _Body:
    """One event's object, and what stands for it where it names nothing of its own."""

    content: dict[str, Any]
    seed: str

    @property
    def name(self) -> str:
        return a_text(self.content.get("event_name"))[:64]

    @property
    def message(self) -> dict[str, Any]:
        return an_object(self.content.get("message"))

    @property
    def message_id(self) -> str:
        return a_name(self.message.get("msg_id")) or a_name(self.message.get("message_id"))

    @property
    def attachments(self) -> list[dict[str, Any]]:
        return [an_object(one) for one in a_list(self.message.get("attachments"))]

    def party(self, side: str) -> str:
        return a_name(an_object(self.content.get(side)).get("id"))

    def attached(self, name: str) -> str:
        """The first attachment's value of that name."""
        return next((value for one in self.attachments if (value := a_name(_payload(one).get(name)))), "")


def _payload(attachment: dict[str, Any]) -> dict[str, Any]:
    return an_object(attachment.get("payload"))


_TEXT = "user_send_text"
_OUR_SIDE = ("oa_send_", "oa_reacted_", "user_received_message", "user_seen_message")


def _event(body: _Body, from_templates: bool) -> kinds.Event:
    name = body.name
    sides = ("recipient", "sender") if name.startswith(_OUR_SIDE) else ("sender", "recipient")
    person = body.party(sides[0]) or body.party("follower") or a_name(body.content.get("user_id"))
    account = body.party(sides[1]) or a_name(body.content.get("oa_id"))
    if name.startswith("anonymous_"):
        person = a_name(body.content.get("anonymous_id")) or a_name(
            an_object(body.content.get("sender")).get("anonymous_id")
        )
    event = kinds.Unknown(_key(body, person), name, a_moment(body.content.get("timestamp")), person[:128], account)
    read_kind = _templates(name) if from_templates else _KINDS.get(name) or _by_beginning(name)
    typed = read_kind(event, body) if read_kind else None
    if typed is None or (not typed.person and isinstance(typed, kinds.FromPerson)):
        return event
    return typed


def _key(body: _Body, person: str) -> str:
    timestamp = a_name(body.content.get("timestamp"))
    parts = [body.message_id] if body.message_id else [timestamp, person] if timestamp else [body.seed]
    return _key_of(body.name, parts, body.message_id)


def _key_of(name: str, parts: list[str], message_id: str) -> str:
    if message_id and len(message_id) <= _PLAIN_LENGTH:
        return f"{name}|{message_id}"
    # A digest: keys stand in logs, and a person's id must not.
    return f"{name}|{hashlib.sha256(json.dumps(parts).encode()).hexdigest()}"


def _head(event: kinds.Event) -> tuple[str, str, Any, str, str]:
    return event.key, event.name, event.at, event.person, event.account


def text_event(
    message_id: str, at: datetime | None, person: str, account: str, text: str, quoted: str = ""
) -> kinds.TextSaid:
    """Gives the event of a person's text, however it was learnt of; the id must not be empty."""
    key = _key_of(_TEXT, [message_id], message_id)
    tapped = text.strip().removeprefix(TAP_SIGN) if text.strip().startswith(TAP_SIGN) else ""
    payload = tapped if PAYLOAD.fullmatch(tapped) else ""
    return kinds.TextSaid(key, _TEXT, at, person, account, message_id, text, quoted, payload)


def _said(event: kinds.Event, body: _Body) -> kinds.Event | None:
    text = body.message.get("text")
    if not isinstance(text, str):
        return None
    quoted = a_name(body.message.get("quote_msg_id"))
    said = text_event(body.message_id, event.at, event.person, event.account, a_text(text), quoted)
    return replace(said, key=event.key)


def _media(event: kinds.Event, body: _Body) -> kinds.Event:
    kind = event.name.removeprefix("user_send_")
    urls = (a_text(_payload(one).get("url")) for one in body.attachments)
    caption = a_text(body.message.get("text"))
    return kinds.MediaSent(*_head(event), body.message_id, kind, tuple(filter(None, urls)), caption)


def _file(event: kinds.Event, body: _Body) -> kinds.Event:
    size = a_number(body.attached("size"))
    known = int(size) if size is not None and 0 <= size < 10**12 else None
    return kinds.FileSent(*_head(event), body.message_id, body.attached("url"), body.attached("name"), known)


def _sticker(event: kinds.Event, body: _Body) -> kinds.Event:
    return kinds.StickerSent(*_head(event), body.message_id, body.attached("id"))


def _location(event: kinds.Event, body: _Body) -> kinds.Event:
    for one in body.attachments:
        place = an_object(_payload(one).get("coordinates"))
        latitude, longitude = a_number(place.get("latitude")), a_number(place.get("longitude"))
        if latitude is not None and longitude is not None and abs(latitude) <= 90 and abs(longitude) <= 180:
            return kinds.LocationSent(*_head(event), body.message_id, latitude, longitude)
    return kinds.LocationSent(*_head(event), body.message_id, None, None)


def _card(event: kinds.Event, body: _Body) -> kinds.Event:
    return kinds.CardSent(*_head(event), body.message_id)


def _followed(event: kinds.Event, body: _Body) -> kinds.Event:
    return kinds.Followed(*_head(event), a_text(body.content.get("source"))[:64])


def _contact(event: kinds.Event, body: _Body) -> kinds.Event | None:
    info = an_object(body.content.get("info"))
    if not info:
        return None
    whole = an_object(info.get("full_address"))
    given = {name: a_name(info.get(name)) for name in ("name", "phone", "user_dob", "gender", "address", "city")}
    return kinds.ContactGiven(
        *_head(event),
        given["name"],
        in_zalo_form(given["phone"]),
        given["user_dob"],
        given["gender"],
        a_name(whole.get("user_address")) or given["address"],
        a_name(whole.get("user_ward")) or a_name(info.get("ward")),
        a_name(whole.get("user_city")) or given["city"],
    )


def _receipt_ids(body: _Body) -> tuple[str, ...]:
    several = tuple(filter(None, (a_name(one) for one in a_list(body.message.get("msg_ids")))))
    return several or tuple(filter(None, [body.message_id]))


def _reaction(event: kinds.Event, body: _Body) -> kinds.Event:
    icon = a_text(body.message.get("react_icon"))[:32]
    return kinds.Reacted(*_head(event), body.message_id, icon, event.name.startswith("oa_"))


def _echo(event: kinds.Event, body: _Body) -> kinds.Event:
    admin = a_name(an_object(body.content.get("sender")).get("admin_id"))
    return kinds.Echo(*_head(event), body.message_id, admin, a_text(body.message.get("text")))


def _anonymous(event: kinds.Event, body: _Body) -> kinds.Event:
    talk = a_name(body.content.get("conversation_id")) or a_name(
        an_object(body.content.get("sender")).get("conversation_id")
    )
    return kinds.AnonymousSent(*_head(event), talk, body.message_id, a_text(body.message.get("text")))


def _group(event: kinds.Event, body: _Body) -> kinds.Event:
    return kinds.GroupEvent(*_head(event), a_name(body.content.get("group_id")) or body.party("group"))


_Reader = Callable[[kinds.Event, _Body], "kinds.Event | None"]

_KINDS: dict[str, _Reader] = {
    _TEXT: _said,
    **{f"user_send_{kind}": _media for kind in ("image", "gif", "video", "audio", "link")},
    "user_send_file": _file,
    "user_send_sticker": _sticker,
    "user_send_location": _location,
    "user_send_business_card": _card,
    "follow": _followed,
    "unfollow": lambda event, _: kinds.Unfollowed(*_head(event)),
    "user_click_chatnow": lambda event, _: kinds.ChatOpened(*_head(event)),
    "user_submit_info": _contact,
    "user_received_message": lambda event, body: kinds.Delivered(*_head(event), _receipt_ids(body)),
    "user_seen_message": lambda event, body: kinds.Seen(*_head(event), _receipt_ids(body)),
    "user_reacted_message": _reaction,
    "oa_reacted_message": _reaction,
    "change_template_status": lambda event, _: kinds.TemplateChanged(*_head(event)),
    "change_oa_daily_quota": lambda event, _: kinds.TemplateChanged(*_head(event)),
}


def _by_beginning(name: str) -> _Reader | None:
    if "_group_" in name or name.endswith("_group"):
        return _group
    if name.startswith("oa_send_"):
        return _echo
    return _anonymous if name.startswith("anonymous_send_") else None


def _templates(name: str) -> _Reader | None:
    return _template_receipt if name == "user_received_message" else _KINDS.get(name)


def _template_receipt(event: kinds.Event, body: _Body) -> kinds.Event:
    return kinds.TemplateReceipt(
        *_head(event),
        body.message_id,
        a_name(body.message.get("tracking_id")),
        a_moment(body.message.get("delivery_time")),
    )
