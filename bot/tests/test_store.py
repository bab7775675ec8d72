"""Where conversations are kept: short to replay, whole on disk, deleted on request."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.conversations import ConversationStore
from bot.masking import masked_text
from bot.tests.conftest import ROOT


@pytest.fixture
def store(tmp_path: Path) -> ConversationStore:
    domain = Domain.load(str(ROOT / "bot/domain.yml"))
    return ConversationStore(domain, f"sqlite:///{tmp_path / 'conversations.db'}", max_event_history=20)


def turn(store: ConversationStore, sender: str, text: str, **slots: object) -> DialogueStateTracker:
    async def talk() -> DialogueStateTracker:
        tracker = await store.get_or_create_tracker(sender)
        tracker.update(UserUttered(text, intent={"name": "ask_fee"}))
        for name, value in slots.items():
            tracker.update(SlotSet(name, value))
        tracker.update(ActionExecuted("action_answer"))
        tracker.update(ActionExecuted("action_listen"))
        await store.save(tracker)
        return tracker

    return asyncio.run(talk())


def replayed(store: ConversationStore, sender: str) -> DialogueStateTracker:
    tracker = asyncio.run(store.retrieve(sender))
    assert tracker is not None
    return tracker


def texts(tracker: DialogueStateTracker) -> list[str]:
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


def test_a_short_session_is_replayed_whole(store: ConversationStore) -> None:
    for number in range(3):
        turn(store, "s", f"m{number}")
    assert texts(replayed(store, "s")) == ["m0", "m1", "m2"]


def test_a_long_session_is_replayed_from_its_newest_turns_with_its_slots(store: ConversationStore) -> None:
    turn(store, "s", "m0", procedure="1.001193", aspect="fee")
    for number in range(1, 30):
        turn(store, "s", f"m{number}", aspect=f"a{number}")
    tracker = replayed(store, "s")
    assert texts(tracker) == [f"m{number}" for number in range(25, 30)]
    assert len(tracker.events) <= 25
    assert (tracker.get_slot("procedure"), tracker.get_slot("aspect")) == ("1.001193", "a29")


def test_everything_said_is_on_disk_once(store: ConversationStore) -> None:
    for number in range(30):
        turn(store, "s", f"m{number}")
    whole = asyncio.run(store.retrieve_full_tracker("s"))
    assert whole is not None
    assert texts(whole) == [f"m{number}" for number in range(30)]


@pytest.mark.parametrize(
    "text",
    ["H49.18-261105-0001", "hồ sơ h49 18 261105 0001 số cuối 4567", "4567 ạ", "sđt 0912 344 567", "cuối 0001 nhé",
     "MÃ: H49.l8-261105-0001", "cccd 049184004567"],
)  # fmt: skip
def test_codes_and_keys_are_not_on_disk(store: ConversationStore, tmp_path: Path, text: str) -> None:
    async def talk() -> None:
        tracker = await store.get_or_create_tracker("s")
        entities = [{"entity": "dossier_code", "value": "H49.18-261105-0001"}, {"entity": "digits", "value": "4567"}]
        tracker.update(UserUttered(text, intent={"name": "check_status"}, entities=entities))
        tracker.update(SlotSet("question", text))
        tracker.update(BotUttered("", {"custom": {"kind": "status_result", "text": "hồ sơ mã H49.18-261105-0001"}}))
        await store.save(tracker)

    asyncio.run(talk())
    rows = str(sqlite3.connect(tmp_path / "conversations.db").execute("SELECT data FROM events").fetchall())
    assert "check_status" in rows and "status_result" in rows
    for secret in ("261105", "0001", "4567", "344 567"):
        assert secret not in rows.replace("\\u2022", "")


@pytest.mark.parametrize(
    "text", ["phí 200.000 đồng ngày 05/11/2026", "nghị định 61/2018/NĐ-CP", '/ask_fee{"procedure":"1.001193"}', "số 12"]
)
def test_what_is_nobodys_secret_stays_readable(text: str) -> None:
    assert masked_text(text) == text


def test_a_new_session_leaves_the_old_one_behind(store: ConversationStore) -> None:
    turn(store, "s", "old", procedure="1.001193")

    async def start() -> None:
        tracker = await store.get_or_create_tracker("s")
        tracker.update(SessionStarted())
        await store.save(tracker)

    asyncio.run(start())
    turn(store, "s", "new")
    tracker = replayed(store, "s")
    assert texts(tracker) == ["new"]
    assert tracker.get_slot("procedure") is None


def test_a_deleted_conversation_is_gone_and_others_stay(store: ConversationStore) -> None:
    turn(store, "s", "m")
    turn(store, "other", "m")
    asyncio.run(store.delete("s"))
    asyncio.run(store.delete("unknown"))
    assert asyncio.run(store.retrieve("s")) is None
    assert texts(replayed(store, "other")) == ["m"]


def test_database_errors_do_not_quote_messages(store: ConversationStore) -> None:
    assert store.engine.hide_parameters


@pytest.mark.parametrize("url", [None, "", "bot.db", "${MOTCUA_TRACKER_URL}"])
def test_without_a_database_url_it_does_not_open(url: str | None) -> None:
    with pytest.raises(ValueError, match="MOTCUA_TRACKER_URL"):
        ConversationStore(host=url)


def test_a_history_too_short_for_a_turn_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="max_event_history"):
        ConversationStore(host=f"sqlite:///{tmp_path / 'c.db'}", max_event_history=5)
