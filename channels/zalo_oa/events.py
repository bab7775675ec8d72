"""Events of the Official Account, typed. What a person wrote, sent or is appears in no `repr`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Event:
    """What every event has.

    Attributes:
        key: the same for every copy of one event, and for no other event; at most 160 characters,
            nothing of a person in it.
        name: `event_name` as Zalo wrote it.
        at: when it happened, by Zalo's clock; None where it does not say. Events of one person are put in order by it.
        person: id of the person within the account; empty where the event is about nobody.
        account: id of the Official Account; empty where the event does not say.
    """

    key: str
    name: str
    at: datetime | None
    person: str = field(repr=False)
    account: str


@dataclass(frozen=True, slots=True)
class FromPerson(Event):
    """Something that a person sent; it opens the 48 hours anew.

    Attributes:
        message_id: of the message.
    """

    message_id: str


@dataclass(frozen=True, slots=True)
class TextSaid(FromPerson):
    """A text, or a tap on a button of kind `oa.query.*`, which Zalo tells in the same way.

    Attributes:
        text: as written, in NFC.
        quoted: id of the message that it answers, or empty.
        payload: of the button that was tapped (one of `motcua.reply.PAYLOAD`), or empty.
    """

    text: str = field(repr=False)
    quoted: str = ""
    payload: str = ""


@dataclass(frozen=True, slots=True)
class MediaSent(FromPerson):
    """Pictures, a film, a voice message, a link: what only a person can look at.

    Attributes:
        kind: "image", "gif", "video", "audio" or "link".
        urls: where they lie for a while; possibly none.
        caption: what was written with them.
    """

    kind: str
    urls: tuple[str, ...] = field(repr=False)
    caption: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class FileSent(FromPerson):
    """A file; `size` in bytes, or None."""

    url: str = field(repr=False)
    file_name: str = field(repr=False)
    size: int | None


@dataclass(frozen=True, slots=True)
class StickerSent(FromPerson):
    """A sticker."""

    sticker: str


@dataclass(frozen=True, slots=True)
class LocationSent(FromPerson):
    """Where a person is, in degrees; None where what came are no coordinates."""

    latitude: float | None = field(repr=False)
    longitude: float | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class CardSent(FromPerson):
    """A contact card of somebody."""


@dataclass(frozen=True, slots=True)
class Followed(Event):
    """Somebody follows the account; `source` says from where, as Zalo words it."""

    source: str


@dataclass(frozen=True, slots=True)
class Unfollowed(Event):
    """Somebody no longer follows the account."""


@dataclass(frozen=True, slots=True)
class ChatOpened(Event):
    """Somebody tapped the chat button; it opens the 48 hours anew."""


@dataclass(frozen=True, slots=True)
class ContactGiven(Event):
    """The form for contact details came back; by sending it the person has agreed to what it said.

    Attributes:
        full_name, phone, born_on, gender: as given; the telephone number in the form "84…" or empty.
        address, ward, province: as given; empty where it was not.
    """

    full_name: str = field(repr=False)
    phone: str = field(repr=False)
    born_on: str = field(repr=False)
    gender: str = field(repr=False)
    address: str = field(repr=False)
    ward: str = field(repr=False)
    province: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delivered(Event):
    """Messages of ours reached the person's telephone."""

    message_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen(Event):
    """The person has seen messages of ours."""

    message_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reacted(Event):
    """A reaction on a message; `by_account` tells ours from the person's."""

    message_id: str
    icon: str
    by_account: bool


@dataclass(frozen=True, slots=True)
class Echo(Event):
    """A message of the account itself, ours or an officer's.

    Attributes:
        message_id: of the message.
        admin: id of the officer who wrote it in Zalo's own tools, or empty where the assistant did.
        text: of it, or empty.
    """

    message_id: str
    admin: str
    text: str = field(repr=False)

    @property
    def is_human(self) -> bool:
        """Whether an officer is answering: then the assistant keeps silent for a while."""
        return bool(self.admin)


@dataclass(frozen=True, slots=True)
class AnonymousSent(Event):
    """Something from a person who is not signed in: `person` is the anonymous id, which only this talk has."""

    conversation: str
    message_id: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TemplateReceipt(Event):
    """A message by telephone number has arrived; `person` is the number or a hash of it.

    Attributes:
        message_id: as the call gave it.
        tracking: our own id of it.
        delivered_at: when, or None.
    """

    message_id: str
    tracking: str
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class TemplateChanged(Event):
    """The state of a template, or the daily quota, has changed: somebody should look."""


@dataclass(frozen=True, slots=True)
class GroupEvent(Event):
    """Something in a group; kept, not answered."""

    group: str


@dataclass(frozen=True, slots=True)
class Unknown(Event):
    """An event of a kind that is not known, or one without what its kind must have: kept, not answered."""
