"""Messages of the OpenAPI as it takes them: texts with buttons, the form for contact details, pictures, files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

MOST_BUTTONS = 5
TITLE_LENGTH = 100
PAYLOAD_LENGTH = 1000
FORM_TITLE_LENGTH, FORM_SUBTITLE_LENGTH = 100, 500


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a text.

    Attributes:
        title: what stands on it.
        kind: `oa.query.hide` sends the payload back without showing it, `oa.query.show` shows it as the person's own
            message, `oa.open.url` opens an address, `oa.open.phone` a dialler.
        payload: text, address or number.
    """

    title: str
    payload: str
    kind: Literal["oa.query.hide", "oa.query.show", "oa.open.url", "oa.open.phone"] = "oa.query.hide"

    def body(self) -> dict[str, Any]:
        """Gives it as the OpenAPI takes it."""
        payload: Any = self.payload
        if self.kind == "oa.open.url":
            payload = {"url": self.payload}
        elif self.kind == "oa.open.phone":
            payload = {"phone_code": self.payload}
        return {"title": self.title, "type": self.kind, "payload": payload}


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text of at most 2,000 characters with at most five buttons."""

    text: str = field(repr=False)
    buttons: tuple[Button, ...] = field(default=(), repr=False)

    def body(self) -> dict[str, Any]:
        """Gives the `message` of a call."""
        if not self.buttons:
            return {"text": self.text}
        payload = {"buttons": [button.body() for button in self.buttons]}
        return {"text": self.text, "attachment": {"type": "template", "payload": payload}}


@dataclass(frozen=True, slots=True)
class ContactForm:
    """Asks for name, telephone and address; the person sees what is asked for and sends it, or does not.

    Attributes:
        title: at most 100 characters.
        subtitle: at most 500: what it is for, how long it is kept.
        image_url: of the picture above it.
    """

    title: str
    subtitle: str
    image_url: str

    def body(self) -> dict[str, Any]:
        """Gives the `message` of a call."""
        element = {"title": self.title, "subtitle": self.subtitle, "image_url": self.image_url}
        payload = {"template_type": "request_user_info", "elements": [element]}
        return {"attachment": {"type": "template", "payload": payload}}


@dataclass(frozen=True, slots=True)
class PictureMessage:
    """A picture that was uploaded before, with a caption or none."""

    attachment_id: str
    text: str = field(default="", repr=False)

    def body(self) -> dict[str, Any]:
        """Gives the `message` of a call."""
        element = {"media_type": "image", "attachment_id": self.attachment_id}
        payload = {"template_type": "media", "elements": [element]}
        message: dict[str, Any] = {"text": self.text} if self.text else {}
        return message | {"attachment": {"type": "template", "payload": payload}}


@dataclass(frozen=True, slots=True)
class FileMessage:
    """A file that was uploaded before."""

    token: str

    def body(self) -> dict[str, Any]:
        """Gives the `message` of a call."""
        return {"attachment": {"type": "file", "payload": {"token": self.token}}}


Message = TextMessage | ContactForm | PictureMessage | FileMessage
