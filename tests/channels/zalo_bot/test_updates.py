from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.zalo.errors import NotAnEvent, SignatureWrong
from channels.zalo_bot import updates as kinds
from channels.zalo_bot.updates import read, read_result, without_mention
from channels.zalo_bot.webhook import check, receive

SECRET = "secret-of-ours"


def update(name: str = "message.text.received", **content: Any) -> dict[str, Any]:
    message = {
        "message_id": "2d758cb5e222177a4e35",
        "date": 1750316131602,
        "from": {"id": "6ede9afa66b88fe6d6a9", "display_name": "Ted", "is_bot": False},
        "chat": {"id": "6ede9afa66b88fe6d6a9", "chat_type": "PRIVATE"},
        **content,
    }
    return {"event_name": name, "message": message}


def one(name: str = "message.text.received", **content: Any) -> kinds.Update:
    (found,) = read_result(update(name, **content))
    return found


def test_an_update_is_read_in_an_envelope_and_without() -> None:
    flat, wrapped = update(text="Xin chào"), {"ok": True, "result": update(text="Xin chào")}
    (first,), (second,) = read(json.dumps(flat).encode()), read(json.dumps(wrapped).encode())
    assert first == second and isinstance(first, kinds.TextSaid) and first.text == "Xin chào"
    assert not first.in_group and not first.from_bot and first.at and first.at.year == 2025
    assert len(read(json.dumps({"ok": True, "result": [flat, wrapped["result"]]}).encode())) == 2


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("message.image.received", {"photo": "https://cdn/1"}, kinds.PhotoSent),
        ("message.image.received", {"photo_url": "https://cdn/1", "caption": "x"}, kinds.PhotoSent),
        ("message.sticker.received", {"sticker": "bfe4", "url": "https://cdn/s"}, kinds.StickerSent),
        ("message.voice.received", {"voice_url": "https://cdn/v.aac"}, kinds.VoiceSent),
        ("message.unsupported.received", {}, kinds.Unsupported),
        ("message.link.received", {}, kinds.Unknown),
        ("message.reaction.received", {}, kinds.Unknown),
        ("message.text.received", {"text": None}, kinds.Unknown),
        ("message.text.received", {"text": "x", "from": {}}, kinds.Unknown),
        ("", {}, kinds.Unknown),
    ],
)
def test_every_kind_has_its_type_and_an_unknown_one_is_kept(name: str, content: Any, kind: type) -> None:
    assert type(one(name, **content)) is kind


def test_something_unsupported_may_have_no_message() -> None:
    (found,) = read(b'{"event_name":"message.unsupported.received"}')
    assert isinstance(found, kinds.Unsupported) and found.chat == "" and found.key


def test_in_a_group_the_answer_goes_to_the_group() -> None:
    said = one(text="@Bot Một cửa làm khai sinh", chat={"id": "g1", "chat_type": "GROUP"})
    assert said.in_group and said.chat == "g1" and said.person == "6ede9afa66b88fe6d6a9"


def test_a_bots_own_message_is_known_as_such() -> None:
    said = one(text="x", **{"from": {"id": "1", "is_bot": True}})
    assert said.from_bot


def test_copies_have_one_key_and_the_same_id_in_another_chat_has_another() -> None:
    said = update(text="a")
    shuffled = dict(reversed(said.items()))
    assert read_result(said)[0].key == read_result(shuffled)[0].key
    keys = {
        one(text="a").key,
        one(text="a", chat={"id": "g1", "chat_type": "GROUP"}).key,
        one(text="a", **{"from": {"id": "2"}}).key,
        one(text="a", message_id="3").key,
        one("message.image.received", photo="x").key,
    }
    assert len(keys) == 5 and not any("6ede9afa66b88fe6d6a9" in key for key in keys)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("@Bot Một cửa làm khai sinh", "làm khai sinh"),
        ("@bot một cửa: làm khai sinh", "làm khai sinh"),
        ("làm khai sinh @Bot Một cửa", "làm khai sinh"),
        ("Cho hỏi @Bot Một cửa, lệ phí?", "Cho hỏi lệ phí?"),
        ("@Bot Một cửa", ""),
        ("làm khai sinh", "làm khai sinh"),
        ("@Bot Một cửasổ", "@Bot Một cửasổ"),
    ],
)
def test_the_mention_is_taken_out_of_a_groups_message(text: str, left: str) -> None:
    assert without_mention(text, "Bot Một cửa") == left
    assert without_mention(text, "") == text


def test_the_secret_must_be_ours() -> None:
    check(SECRET, SECRET)
    for shown in (None, "", "secret-of-our", SECRET.upper(), "\ud800"):
        with pytest.raises(SignatureWrong):
            check(shown, SECRET)
    with pytest.raises(SignatureWrong):
        check("", "")


def test_a_request_without_content_does_nothing_and_needs_no_secret() -> None:
    assert receive(b"{}", None, SECRET) == receive(b"", None, SECRET) == ()
    with pytest.raises(SignatureWrong):
        receive(json.dumps(update(text="x")).encode(), None, SECRET)
    assert len(receive(json.dumps(update(text="x")).encode(), SECRET, SECRET)) == 1
    with pytest.raises(NotAnEvent):
        receive(b"rubbish", SECRET, SECRET)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
NAMES = st.sampled_from(
    [f"message.{kind}.received" for kind in ("text", "image", "sticker", "voice", "unsupported", "x")]
)
FIELDS = ["message_id", "date", "from", "chat", "text", "photo", "sticker", "voice_url"]


@given(st.binary(max_size=300))
def test_any_bytes_become_updates_or_are_refused(body: bytes) -> None:
    with contextlib.suppress(NotAnEvent):
        assert isinstance(read(body), tuple)


@settings(max_examples=150)
@given(NAMES, st.dictionaries(st.sampled_from(FIELDS), JSON) | JSON)
def test_any_json_in_any_place_becomes_an_update_that_can_be_stored(name: str, message: Any) -> None:
    (found,) = read(json.dumps({"event_name": name, "message": message}).encode())
    assert isinstance(found, kinds.Update) and 0 < len(found.key) <= 160
    for value in (found.key, found.person, found.chat, getattr(found, "text", "")):
        value.encode()
        assert "\0" not in value


@given(JSON)
def test_any_result_of_a_poll_is_read(result: Any) -> None:
    assert all(isinstance(found, kinds.Update) for found in read_result(result))


def test_what_a_person_wrote_and_is_shows_in_no_repr() -> None:
    shown = repr([one(text="bí mật"), one("message.image.received", photo="https://cdn/bi-mat")])
    assert not any(secret in shown for secret in ("bí mật", "bi-mat", "6ede9afa66b88fe6d6a9"))
