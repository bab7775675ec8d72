"""Calls to the OpenAPI and to the template service, each made once, each failure in its class.

A refused access token is renewed and the call made once more; nothing else is repeated here. Whoever keeps a queue
asks `channels.zalo.retrying.next_try`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import httpx

from channels.errors import StorageUnavailable
from channels.zalo.calling import Answer, Caller
from channels.zalo.errors import (
    OVER_THE_RATE,
    CallFailed,
    NotSent,
    OutcomeUnknown,
    Passing,
    Permanent,
    SetUpWrong,
    TokenRefused,
)
from channels.zalo.json_text import a_list, a_moment, a_name, a_number, a_text, an_object
from channels.zalo_oa.codes import account_failure, template_failure
from channels.zalo_oa.messages import Message
from channels.zalo_oa.phones import in_zalo_form
from channels.zalo_oa.tokens import Tokens
from motcua.errors import CannotSeal

READ_S, UPLOAD_S = 15.0, 60.0
_TRACKING = re.compile(r"[A-Za-z0-9._-]{1,48}")
_MOST_PAST, _MOST_PAGES = 10, 5


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where Zalo is: root addresses without a slash at the end."""

    api: str = "https://openapi.zalo.me"
    templates: str = "https://business.openapi.zalo.me"


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that Zalo took.

    Attributes:
        message_id: by which receipts name it.
        quota_kind, quota_left: what it was counted against and how much of that is left, where Zalo says it.
    """

    message_id: str
    quota_kind: str = ""
    quota_left: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What the account may know of a person."""

    name: str = field(repr=False)
    follows: bool
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """The account itself, for a check."""

    id: str
    name: str
    verified: bool
    package: str
    followers: int | None


@dataclass(frozen=True, slots=True)
class Quota:
    """What may still be sent to a person without a fee.

    Attributes:
        last_heard_at: when the person last did something that counts, or None where Zalo does not say.
        left, total: free answers within 48 hours, or None where they are not counted.
    """

    last_heard_at: datetime | None
    left: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class PastMessage:
    """A message of the account's history, to find what a webhook has missed.

    Attributes:
        message_id: as in its event.
        from_person: whether the person wrote it.
        person: id of the person.
        at: when.
        kind: "text", "photo", …
        text: of a text.
    """

    message_id: str
    from_person: bool
    person: str = field(repr=False)
    at: datetime | None
    kind: str
    text: str = field(repr=False)


_Failure = Callable[[str, int, int], CallFailed]


class OaClient:
    """Calls of one account. Safe to use from many tasks of one event loop."""

    def __init__(
        self,
        tokens: Tokens,
        hosts: Hosts = Hosts(),
        *,
        proof_secret: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Prepares the connections.

        Args:
            tokens: where access tokens come from.
            hosts: where Zalo is.
            proof_secret: the App Secret where Zalo wants each token proved (`appsecret_proof`); empty for no proof.
            transport: replaces the network, for tests.

        Raises:
            NotConfigured: an address is none.
        """
        self._tokens, self._proof_secret = tokens, proof_secret
        self._api = Caller(hosts.api, transport=transport)
        self._templates = Caller(hosts.templates, transport=transport)

    # --- messages

    async def send(self, person: str, message: Message | Mapping[str, Any], *, quote: str = "") -> Sent:
        """Sends a consultation message.

        Args:
            person: id of the person within the account.
            message: what to send, or its `body()` as it was kept meanwhile.
            quote: id of the message that it answers, or empty; Zalo refuses ids it does not know (any more).

        Raises:
            CallFailed: of the class that says whether it was sent and whether to try again.
            ConsentLost: there is no access token; nothing was sent.
        """
        content = (dict(message) if isinstance(message, Mapping) else message.body()) | (
            {"quote_message_id": quote} if quote else {}
        )
        body = {"recipient": {"user_id": person}, "message": content}
        return _sent("message/cs", await self._post("message/cs", "/v3.0/oa/message/cs", body))

    async def send_template(self, person: str, template: str, fields: Mapping[str, str]) -> Sent:
        """Sends a template message by user id; not bound to the seven days.

        Raises:
            CallFailed, ConsentLost: as for `send`.
        """
        body = {"user_id": person, "template_id": template, "template_data": dict(fields)}
        return _sent("message/template", await self._post("message/template", "/v3.0/oa/message/template", body))

    async def send_to_phone(
        self,
        phone: str,
        template: str,
        fields: Mapping[str, str],
        tracking: str,
        *,
        mode: Literal["development", "production"] = "development",
    ) -> Sent:
        """Sends a template message (ZNS) by telephone number. A second call sends, and costs, a second time.

        Args:
            phone: Vietnamese number in any usual form.
            template: id of an approved template.
            fields: its parameters, all as text.
            tracking: our own id of the message: at most 48 letters, digits and signs of "._-".
            mode: "development" reaches administrators only and may use templates that are not approved yet.

        Raises:
            CallFailed, ConsentLost: as for `send`.
            ValueError: the tracking id is none.
        """
        if not _TRACKING.fullmatch(tracking):
            raise ValueError("a tracking id has at most 48 letters, digits and signs of ._-")
        number = in_zalo_form(phone)
        if not number:
            raise Permanent("zns", "not a Vietnamese telephone number")
        body = {"phone": number, "template_id": template, "template_data": dict(fields), "tracking_id": tracking}
        if mode == "development":
            body["mode"] = mode
        data = await self._call(
            self._templates, "zns", "POST", "/message/template", template_failure, read_s=READ_S, json=body
        )
        return _sent("zns", data)

    async def react(self, person: str, message_id: str, icon: str) -> None:
        """Puts a reaction such as `/-strong` on a person's message; free of charge.

        Raises:
            CallFailed, ConsentLost: as for `send`.
        """
        action = {"react_icon": icon, "react_message_id": message_id}
        await self._post(
            "reaction", "/v2.0/oa/message", {"recipient": {"user_id": person}, "sender_action": action}, harmless=True
        )

    async def upload(self, kind: Literal["image", "gif", "file"], name: str, content: bytes) -> str:
        """Uploads for a later message and gives the id (for a file: the token), good for seven days.

        Args:
            kind: jpg or png up to 1 MB, gif up to 5 MB, other files up to 5 MB.
            name: file name; without an extension Zalo takes it and gives no id.
            content: its bytes.

        Raises:
            CallFailed, ConsentLost: as for `send`; Permanent also where Zalo gave no id.
        """
        data = await self._call(
            self._api,
            "upload",
            "POST",
            f"/v2.0/oa/upload/{kind}",
            account_failure,
            read_s=UPLOAD_S,
            harmless=True,
            files={"file": (name, content)},
        )
        uploaded = a_name(data.get("token" if kind == "file" else "attachment_id"))
        if not uploaded:
            raise Permanent("upload", "no id was given; the file name needs an extension")
        return uploaded

    # --- questions; doing them twice changes nothing

    async def profile(self, person: str) -> Profile:
        """Gives what the account may know of a person.

        Raises:
            CallFailed, ConsentLost: as for `send`.
        """
        data = await self._get("user/detail", "/v3.0/oa/user/detail", {"user_id": person})
        shared = an_object(data.get("shared_info"))
        return Profile(
            a_text(data.get("display_name")), data.get("user_is_follower") is True, a_name(shared.get("phone"))
        )

    async def account(self) -> Account:
        """Gives the account itself.

        Raises:
            CallFailed, ConsentLost: as for `send`.
        """
        data = await self._get("getoa", "/v2.0/oa/getoa")
        followers = a_number(data.get("num_follower"))
        return Account(
            a_name(data.get("oa_id")) or a_name(data.get("oaid")),
            a_text(data.get("name")),
            data.get("is_verified") is True,
            a_text(data.get("package_name")),
            None if followers is None else int(followers),
        )

    async def quota(self, person: str) -> Quota:
        """Gives what may still be sent to a person without a fee.

        Raises:
            CallFailed, ConsentLost: as for `send`.
        """
        data = await self._post("quota", "/v3.0/oa/quota/message", {"user_id": person}, harmless=True)
        free = an_object(data.get("cs_reply"))
        left, total = a_number(free.get("remain")), a_number(free.get("total"))
        return Quota(
            a_moment(data.get("last_interaction")),
            None if left is None else int(left),
            None if total is None else int(total),
        )

    async def recent(self, offset: int = 0, count: int = _MOST_PAST) -> tuple[PastMessage, ...]:
        """Gives the newest message of each conversation, at most ten at a time.

        Raises:
            CallFailed, ConsentLost: as for `send`.
        """
        asked = {"offset": offset, "count": min(count, _MOST_PAST)}
        return await self._past("listrecentchat", asked)

    async def conversation(self, person: str, offset: int = 0, count: int = _MOST_PAST) -> tuple[PastMessage, ...]:
        """Gives the messages of one conversation, the newest first, at most ten at a time.

        Raises:
            CallFailed, ConsentLost: as for `send`.
        """
        asked = {"user_id": person, "offset": offset, "count": min(count, _MOST_PAST)}
        return await self._past("conversation", asked)

    async def find_said(self, person: str, text: str, since: datetime) -> str:
        """Looks in the history for this text to a person since a time: what became of an unknown outcome.

        White space is not compared: nobody promises that the history keeps it.

        Returns:
            The id of that message, the newest where there are several; "" where there is none.

        Raises:
            CallFailed, ConsentLost: as for `send`; nothing is known then.
        """
        told = a_text(text).split()
        for page in range(_MOST_PAGES):
            past = await self.conversation(person, page * _MOST_PAST)
            for one in past:
                if one.at is not None and one.at < since:
                    return ""
                if not one.from_person and one.text.split() == told:
                    return one.message_id
            if len(past) < _MOST_PAST:
                return ""
        return ""

    async def delivery(self, message_id: str) -> Literal["delivered", "not yet", "unknown"]:
        """Says whether a message by telephone number has arrived.

        Raises:
            CallFailed, ConsentLost: as for `send`.
        """
        data = await self._call(
            self._templates,
            "zns status",
            "GET",
            "/message/status",
            template_failure,
            read_s=READ_S,
            harmless=True,
            params={"message_id": message_id},
        )
        match a_number(data.get("status")):
            case 1:
                return "delivered"
            case 0:
                return "not yet"
            case _:
                return "unknown"

    async def close(self) -> None:
        """Closes the connections."""
        await self._api.close()
        await self._templates.close()

    # --- calling

    async def _past(self, call: str, asked: dict[str, Any]) -> tuple[PastMessage, ...]:
        data = await self._get(call, f"/v2.0/oa/{call}", asked)
        return tuple(_past_message(an_object(one)) for one in a_list(data.get("")))

    async def _post(self, call: str, path: str, body: object, *, harmless: bool = False) -> dict[str, Any]:
        return await self._call(
            self._api, call, "POST", path, account_failure, read_s=READ_S, harmless=harmless, json=body
        )

    async def _get(self, call: str, path: str, asked: dict[str, Any] | None = None) -> dict[str, Any]:
        params = {"data": json.dumps(asked, separators=(",", ":"))} if asked is not None else {}
        return await self._call(
            self._api, call, "GET", path, account_failure, read_s=READ_S, harmless=True, params=params
        )

    async def _call(
        self,
        caller: Caller,
        call: str,
        method: str,
        path: str,
        failure: _Failure,
        *,
        read_s: float,
        harmless: bool = False,
        **content: Any,
    ) -> dict[str, Any]:
        """Gives `data` of a success; a list that stands there is given under the key ""."""
        token = await self._token(call)
        for refused_before in (False, True):
            answer = await caller.call(
                call, method, path, read_s=read_s, harmless=harmless, headers=self._headers(token), **content
            )
            try:
                return _data(call, answer, failure, harmless)
            except TokenRefused:
                if refused_before:
                    raise
            token = await self._token(call, refused=token)
        raise AssertionError("unreachable")

    async def _token(self, call: str, refused: str = "") -> str:
        try:
            return await (self._tokens.renewed(refused) if refused else self._tokens.access())
        except (CallFailed, StorageUnavailable, CannotSeal) as cause:
            raise NotSent(call, f"no access token at present ({cause})") from None

    def _headers(self, token: str) -> dict[str, str]:
        headers = {"access_token": token}
        if self._proof_secret:
            proof = hmac.new(self._proof_secret.encode(), token.encode(), hashlib.sha256)
            headers["appsecret_proof"] = proof.hexdigest()
        return headers


def _data(call: str, answer: Answer, failure: _Failure, harmless: bool) -> dict[str, Any]:
    """Reads an answer: its JSON first, and its status only where that says nothing.

    Raises:
        CallFailed: it is no success.
    """
    content, status = answer.content, answer.status
    code = None if content is None else a_number(content.get("error"))
    if content is not None and code is not None:
        if code == 0:
            data = content.get("data")
            return {"": data} if isinstance(data, list) else an_object(data)
        said = failure(call, int(code), status)
        # A code that is in no table may still stand beside a status that everybody knows.
        if not (isinstance(said, Permanent) and status in (401, 429)):
            raise said
    if status == httpx.codes.UNAUTHORIZED:
        raise TokenRefused(call, "the access token is not taken", status=status)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        raise Passing(call, "over the rate", status=status, again=OVER_THE_RATE)
    if 300 <= status < 400:
        raise SetUpWrong(call, "sends elsewhere", status=status)
    if 400 <= status < 500:
        raise Permanent(call, f"refused with status {status}", status=status)
    if harmless:
        raise Passing(call, f"no answer that can be read (status {status})", status=status)
    raise OutcomeUnknown(call, f"no answer that can be read (status {status})", status=status)


def _sent(call: str, data: dict[str, Any]) -> Sent:
    message_id = a_name(data.get("message_id")) or a_name(data.get("msg_id"))
    if not message_id:
        raise OutcomeUnknown(call, "a success without a message id")
    quota = an_object(data.get("quota"))
    left = a_number(quota.get("remain", quota.get("remainingQuota")))
    return Sent(message_id, a_text(quota.get("quota_type")), None if left is None else int(left))


def _past_message(one: dict[str, Any]) -> PastMessage:
    from_person = a_number(one.get("src")) == 1
    return PastMessage(
        a_name(one.get("message_id")),
        from_person,
        a_name(one.get("from_id" if from_person else "to_id")),
        a_moment(one.get("time")),
        a_text(one.get("type")),
        a_text(one.get("message")),
    )
