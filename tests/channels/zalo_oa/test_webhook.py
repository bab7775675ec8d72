from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.zalo.errors import NotAnEvent, SignatureWrong
from channels.zalo_oa import events as kinds
from channels.zalo_oa.webhook import check, is_probe, read, receive, signature_of

APP, KEY = "1234567890", "oa-secret-key"
BODY = (
    '{"app_id":"1234567890","sender":{"id":"7001"},"user_id_by_app":"8001","recipient":{"id":"9001"},'
    '"event_name":"user_send_text","message":{"text":"Xin chào","msg_id":"m-1"},"timestamp":"1757000000000"}'
).encode()
MAC = "c1584df52b09f99adfe36d83080f6e82172a7800fec135525fd7039a80c07e6d"


def event(name: str, **content: Any) -> dict[str, Any]:
    sides = {"sender": {"id": "2468"}, "recipient": {"id": "3886"}, "user_id_by_app": "5521"}
    return {"app_id": APP, "event_name": name, "timestamp": "1757000000000", **sides, **content}


def one(name: str, **content: Any) -> kinds.Event:
    (found,) = read(json.dumps(event(name, **content)).encode())
    return found


# --- the signature


def test_both_vectors_of_the_signature() -> None:
    assert signature_of(b"BODY", "X", "1234567890", "Y") == (
        "2f1ef5aabe67e8396a459ca89562e108ad541f82ba5022c85f645bd6b7220cb9"
    )
    assert len(BODY) == 200 and signature_of(BODY, APP, "1757000000000", KEY) == MAC


@pytest.mark.parametrize("header", [f"mac={MAC}", MAC, MAC.upper(), f"MAC={MAC.upper()}", f" mac={MAC} "])
def test_a_right_signature_is_taken_however_it_is_written(header: str) -> None:
    check(BODY, header, APP, KEY)


@pytest.mark.parametrize("header", [None, "", "mac=", "mac=0", f"mac={MAC[:-1]}", f"sha={MAC}", "ế" * 64, "\ud800"])
def test_any_other_signature_is_refused(header: str | None) -> None:
    with pytest.raises(SignatureWrong):
        check(BODY, header, APP, KEY)


def test_the_signature_is_over_the_bytes_and_not_over_the_json() -> None:
    again = json.dumps(json.loads(BODY)).encode()
    assert json.loads(again) == json.loads(BODY)
    with pytest.raises(SignatureWrong):
        check(again, f"mac={MAC}", APP, KEY)


@given(st.integers(0, 199), st.integers(1, 255))
def test_one_changed_byte_is_noticed(place: int, change: int) -> None:
    changed = bytearray(BODY)
    changed[place] ^= change
    with pytest.raises(SignatureWrong):
        check(bytes(changed), f"mac={MAC}", APP, KEY)


def test_neither_another_key_nor_no_key_opens_the_door() -> None:
    for app, key in ((APP, "app-secret"), ("1", KEY)):
        with pytest.raises(SignatureWrong):
            check(BODY, f"mac={MAC}", app, key)
    with pytest.raises(SignatureWrong):
        check(BODY, signature_of(BODY, APP, "1757000000000", ""), APP, "")


def test_the_request_that_saves_the_address_needs_no_signature_and_does_nothing() -> None:
    for body in (b"{}", b"", b" {} \n"):
        assert is_probe(body) and receive(body, None, None, APP, KEY) == ()
    assert not is_probe(b'{"a":1}') and not is_probe(b"[]")
    with pytest.raises(SignatureWrong):
        receive(b"{ }x", None, None, APP, KEY)


def test_a_signed_request_gives_its_event() -> None:
    (said,) = receive(BODY, f"mac={MAC}", None, APP, KEY)
    assert isinstance(said, kinds.TextSaid)
    assert (said.text, said.person, said.account, said.message_id) == ("Xin chào", "7001", "9001", "m-1")
    assert said.at == datetime(2025, 9, 4, 15, 33, 20, tzinfo=UTC)


# --- what they say


def test_a_tap_on_our_button_is_told_from_what_is_written() -> None:
    tapped = one("user_send_text", message={"msg_id": "1", "text": "#ask:fee:1.001193"})
    assert isinstance(tapped, kinds.TextSaid) and tapped.payload == "ask:fee:1.001193"
    for text in ("ask:fee:1.001193", "#MADON123", "#ask:gold:1", "# ask:fee:1.001193", "#"):
        said = one("user_send_text", message={"msg_id": "1", "text": text})
        assert isinstance(said, kinds.TextSaid) and (said.payload, said.text) == ("", text)


def test_texts_are_in_nfc_and_keep_their_signs() -> None:
    said = one("user_send_text", message={"msg_id": "1", "text": "la\u0300m 👨‍👩‍👧 #MADON123", "quote_msg_id": "0"})
    assert isinstance(said, kinds.TextSaid) and (said.text, said.quoted) == ("làm 👨‍👩‍👧 #MADON123", "0")


def test_an_empty_text_is_a_text() -> None:
    assert isinstance(one("user_send_text", message={"msg_id": "1", "text": ""}), kinds.TextSaid)


def test_several_pictures_are_one_event() -> None:
    pictures = [{"type": "image", "payload": {"url": f"https://cdn/{n}"}} for n in range(3)]
    sent = one(
        "user_send_image", message={"msg_id": "1", "text": "đây ạ", "attachments": [*pictures, {"type": "image"}]}
    )
    assert isinstance(sent, kinds.MediaSent)
    assert (sent.kind, len(sent.urls), sent.caption) == ("image", 3, "đây ạ")


def test_a_picture_called_photo_is_read_too() -> None:
    sent = one(
        "user_send_image", message={"message_id": "1", "attachments": [{"type": "photo", "payload": {"url": "u"}}]}
    )
    assert isinstance(sent, kinds.MediaSent) and (sent.urls, sent.message_id) == (("u",), "1")


def test_a_file_has_its_name_and_size() -> None:
    payload = {"url": "https://cdn/1", "name": "don.pdf", "size": "1024", "checksum": "x", "type": "pdf"}
    sent = one("user_send_file", message={"msg_id": "1", "attachments": [{"type": "file", "payload": payload}]})
    assert isinstance(sent, kinds.FileSent) and (sent.file_name, sent.size) == ("don.pdf", 1024)


@pytest.mark.parametrize(
    "place", [{"latitude": "10.77", "longitude": "106.70"}, {"latitude": 10.77, "longitude": 106.7}]
)
def test_a_place_is_read_from_text_and_from_numbers(place: dict[str, Any]) -> None:
    attached = [{"type": "location", "payload": {"coordinates": place}}]
    sent = one("user_send_location", message={"msg_id": "1", "attachments": attached})
    assert isinstance(sent, kinds.LocationSent) and (sent.latitude, sent.longitude) == (10.77, 106.7)


@pytest.mark.parametrize("place", [{}, {"latitude": "x", "longitude": "1"}, {"latitude": 91, "longitude": 0}, None])
def test_a_place_that_is_none_has_no_coordinates(place: Any) -> None:
    attached = [{"type": "location", "payload": {"coordinates": place}}]
    sent = one("user_send_location", message={"msg_id": "1", "attachments": attached})
    assert isinstance(sent, kinds.LocationSent) and sent.latitude is None and sent.longitude is None


def test_a_follower_is_a_person_of_the_account() -> None:
    content = {"oa_id": "3886", "follower": {"id": "2468"}, "source": "oa_profile", "timestamp": "1757000000000"}
    (found,) = read(json.dumps({"event_name": "follow", **content}).encode())
    assert isinstance(found, kinds.Followed)
    assert (found.person, found.account, found.source) == ("2468", "3886", "oa_profile")
    (gone,) = read(json.dumps({"event_name": "unfollow", **content}).encode())
    assert isinstance(gone, kinds.Unfollowed) and gone.key != found.key


def test_whoever_opens_the_chat_is_named_at_the_top() -> None:
    (found,) = read(b'{"event_name":"user_click_chatnow","user_id":"2468","oa_id":"3886","timestamp":"1"}')
    assert isinstance(found, kinds.ChatOpened) and (found.person, found.account) == ("2468", "3886")


def test_the_contact_form_gives_what_was_filled_in() -> None:
    whole = {"user_city": "An Giang", "user_ward": "Long Xuyên", "user_address": "1 Tôn Đức Thắng"}
    info = {"name": "An", "phone": 84912345678, "user_dob": "30/10/1999", "gender": "Nam", "full_address": whole}
    given_ = one("user_submit_info", info=info)
    assert isinstance(given_, kinds.ContactGiven)
    assert (given_.full_name, given_.phone, given_.ward, given_.province) == (
        "An",
        "84912345678",
        "Long Xuyên",
        "An Giang",
    )
    assert isinstance(one("user_submit_info"), kinds.Unknown)


def test_receipts_are_about_the_person_and_not_about_the_account() -> None:
    sides = {"sender": {"id": "3886"}, "recipient": {"id": "2468"}}
    got = one("user_received_message", **sides, message={"msg_id": "1"})
    seen = one("user_seen_message", **sides, message={"msg_ids": ["1", "2"]})
    assert isinstance(got, kinds.Delivered) and (got.person, got.account, got.message_ids) == ("2468", "3886", ("1",))
    assert isinstance(seen, kinds.Seen) and seen.message_ids == ("1", "2")


def test_an_officers_answer_is_told_from_our_own() -> None:
    content = {"recipient": {"id": "2468"}, "message": {"msg_id": "1", "text": "Chào anh"}}
    ours = one("oa_send_text", sender={"id": "3886"}, **content)
    theirs = one("oa_send_text", sender={"id": "3886", "admin_id": "91"}, **content)
    assert isinstance(ours, kinds.Echo) and isinstance(theirs, kinds.Echo)
    assert (ours.person, ours.is_human) == ("2468", False)
    assert (theirs.admin, theirs.is_human, theirs.text) == ("91", True, "Chào anh")


def test_an_anonymous_person_has_a_conversation() -> None:
    (said,) = read(
        b'{"event_name":"anonymous_send_text","anonymous_id":"a","conversation_id":"c","recipient":{"id":"3886"},'
        b'"message":{"msg_id":"1","text":"x"},"timestamp":"1"}'
    )
    assert isinstance(said, kinds.AnonymousSent) and (said.person, said.conversation) == ("a", "c")


def test_a_receipt_of_a_template_message_is_known_by_its_header() -> None:
    message = {"msg_id": "z1", "tracking_id": "H29.received", "delivery_time": "1757000000000"}
    body = json.dumps(event("user_received_message", recipient={"id": "84912345678"}, message=message)).encode()
    (receipt,) = read(body, from_templates=True)
    assert isinstance(receipt, kinds.TemplateReceipt)
    assert (receipt.message_id, receipt.tracking) == ("z1", "H29.received")
    assert "84912345678" not in repr(receipt)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("user_send_sticker", kinds.StickerSent),
        ("user_send_gif", kinds.MediaSent),
        ("user_send_link", kinds.MediaSent),
        ("user_send_audio", kinds.MediaSent),
        ("user_send_video", kinds.MediaSent),
        ("user_send_business_card", kinds.CardSent),
        ("user_reacted_message", kinds.Reacted),
        ("oa_reacted_message", kinds.Reacted),
        ("oa_send_image", kinds.Echo),
        ("anonymous_send_file", kinds.AnonymousSent),
        ("change_template_status", kinds.TemplateChanged),
        ("change_oa_daily_quota", kinds.TemplateChanged),
        ("user_send_group_text", kinds.GroupEvent),
        ("oa_send_group_text", kinds.GroupEvent),
        ("add_user_to_tag", kinds.Unknown),
        ("something_new", kinds.Unknown),
        ("", kinds.Unknown),
    ],
)
def test_every_kind_has_its_type_and_an_unknown_one_is_kept(name: str, kind: type[kinds.Event]) -> None:
    found = one(name, message={"msg_id": "1", "attachments": [{"payload": {}}]})
    assert type(found) is kind and found.name == name


@pytest.mark.parametrize("message", [None, {}, {"msg_id": "1"}, {"text": None}, {"text": 5}, "text", []])
def test_a_text_event_without_a_text_is_kept_as_unknown(message: Any) -> None:
    assert type(one("user_send_text", message=message)) is kinds.Unknown


# --- keys


def test_copies_have_one_key_and_other_events_another() -> None:
    said = event("user_send_text", message={"msg_id": "1", "text": "a"})
    key = read(json.dumps(said).encode())[0].key
    assert key == "user_send_text|1" == read(json.dumps(said, indent=2).encode())[0].key
    assert key != one("user_send_text", message={"msg_id": "2", "text": "a"}).key
    assert key != one("user_received_message", message={"msg_id": "1"}).key


def test_without_an_id_the_time_and_the_person_make_the_key() -> None:
    form = one("user_submit_info", info={"name": "a"})
    assert form.key == one("user_submit_info", info={"name": "b"}).key
    assert form.key != one("user_submit_info", sender={"id": "2469"}, info={"name": "a"}).key
    assert form.key != one("user_submit_info", timestamp="1757000000001", info={"name": "a"}).key
    assert "2468" not in form.key
    without = {name: value for name, value in event("something").items() if name != "timestamp"}
    bodies = [json.dumps(without).encode(), json.dumps({**without, "x": 1}).encode()]
    keys = [read(body)[0].key for body in bodies]
    assert len(set(keys)) == 2 and keys[0] == read(bodies[0])[0].key


@given(st.text("abc0|", min_size=1, max_size=200), st.text("abc0|", min_size=1, max_size=200))
def test_keys_fit_into_an_index_and_two_ids_never_share_one(first: str, second: str) -> None:
    keys = [one("user_send_text", message={"msg_id": name, "text": "x"}).key for name in (first, second)]
    assert all(0 < len(key) <= 160 for key in keys)
    assert (keys[0] == keys[1]) is (first == second)


# --- rubbish

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
NAMES = st.sampled_from(
    ["user_send_text", "user_send_image", "user_send_file", "user_send_location", "user_send_sticker", "follow",
     "user_submit_info", "user_seen_message", "oa_send_text", "anonymous_send_text", "user_reacted_message", "x"]
)  # fmt: skip
FIELDS = ["app_id", "sender", "recipient", "message", "info", "follower", "timestamp", "user_id", "oa_id"]


@given(st.binary(max_size=300))
def test_any_bytes_become_events_or_are_refused(body: bytes) -> None:
    with contextlib.suppress(NotAnEvent):
        assert isinstance(read(body), tuple)
    with pytest.raises(SignatureWrong):
        check(body, f"mac={MAC}", APP, KEY)


@settings(max_examples=150)
@given(NAMES, st.dictionaries(st.sampled_from(FIELDS), JSON), st.booleans())
def test_any_json_in_any_place_becomes_an_event_that_can_be_stored(
    name: str, content: dict[str, Any], templates: bool
) -> None:
    (found,) = read(json.dumps({"event_name": name, **content}).encode(), from_templates=templates)
    assert isinstance(found, kinds.Event) and 0 < len(found.key) <= 160
    for value in (found.key, found.person, found.account, getattr(found, "text", "")):
        value.encode()
        assert "\0" not in value
    assert found.at is None or found.at.tzinfo


@pytest.mark.parametrize("body", [b"1", b'"x"', b"null", b"[1]", b"[{}, []]", b"{" * 50_000])
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(NotAnEvent):
        read(body)


def test_a_body_of_two_megabytes_is_read_and_one_of_five_refused_at_once() -> None:
    for size, read_too in ((2_000_000, True), (5_000_000, False)):
        body = json.dumps(event("user_send_text", message={"msg_id": "1", "text": "x" * size})).encode()
        signature = signature_of(body, APP, "1757000000000", KEY)
        if read_too:
            assert len(receive(body, signature, None, APP, KEY)) == 1
        else:
            with pytest.raises(SignatureWrong):
                receive(body, signature, None, APP, KEY)


def test_a_list_of_events_is_read_too() -> None:
    body = json.dumps([event("follow"), event("user_send_text", message={"msg_id": "1", "text": "a"})]).encode()
    assert [type(found) for found in read(body)] == [kinds.Followed, kinds.TextSaid]


def test_what_a_person_wrote_and_is_shows_in_no_repr() -> None:
    found = [
        one("user_send_text", message={"msg_id": "1", "text": "bí mật"}),
        one("user_submit_info", info={"name": "bí mật", "phone": "84912345678", "address": "bí mật"}),
        one("user_send_location", message={"msg_id": "1", "attachments": [
            {"payload": {"coordinates": {"latitude": "10.77", "longitude": "106.70"}}}]}),
    ]  # fmt: skip
    shown = repr(found)
    assert not any(secret in shown for secret in ("bí mật", "84912345678", "10.77", "2468"))
