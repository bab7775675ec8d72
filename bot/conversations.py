"""Where conversations are kept: Rasa's SQL store, made fit for a server that answers many people.

Rasa's own store replays the whole session at every turn, sends it to the actions server, quotes
messages in database errors and waits for the disk at every commit. What it keeps here is masked (`bot.masking`).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool

from bot.masking import masked_event


class ConversationStore(SQLTrackerStore):
    """Keeps every event, replays only the newest of the session and the last value of each slot."""

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        max_event_history: int = 60,
        **kwargs: Any,
    ) -> None:
        """Opens the database, creating its table where missing.

        Args:
            domain: the bot's domain; Rasa sets it again once the model is loaded.
            host: SQLAlchemy URL, under the name that Rasa passes the `url` of endpoints.yml by.
            event_broker: passed on to Rasa's store.
            max_event_history: how many events of the running session are replayed; a turn makes 6–9.
            kwargs: passed on to Rasa's store.

        Raises:
            ValueError: when `host` is not a database URL, or the history too short to hold a turn.
        """
        if not host or "://" not in host:
            raise ValueError("MOTCUA_TRACKER_URL must be a database URL, such as sqlite:////var/lib/motcua/bot.db")
        if max_event_history < 20:
            raise ValueError("max_event_history must be 20 or more: a turn makes up to 9 events")
        super().__init__(domain=domain, host=host, event_broker=event_broker, **kwargs)
        self._history = max_event_history
        engine: sa.engine.Engine = self.engine  # type: ignore[has-type]
        if engine.dialect.name == "sqlite":
            engine.dispose()
            engine = _sqlite(host)
        # Database errors are logged, and would quote what people wrote.
        engine.hide_parameters = True
        self.engine = engine
        self.sessionmaker = sessionmaker(bind=engine)

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> DialogueStateTracker | None:
        if fetch_events_from_all_sessions:
            return await super()._retrieve(sender_id, fetch_events_from_all_sessions)
        with self.session_scope() as session:
            rows = self._event_query(session, sender_id, False).all()
        if not self.domain or not rows:
            return None
        kept = _newest([json.loads(row.data) for row in rows], self._history)
        tracker: DialogueStateTracker = DialogueStateTracker.from_dict(sender_id, kept, self.domain.slots)
        tracker.stored_events = len(tracker.events)
        return tracker

    def _additional_events(self, session: Session, tracker: DialogueStateTracker) -> Iterator[Any]:
        known = getattr(tracker, "stored_events", 0)
        tracker.stored_events = len(tracker.events)
        return map(_Masked, itertools.islice(tracker.events, known, len(tracker.events)))

    async def delete(self, sender_id: str) -> None:
        """Deletes every event of a conversation; an unknown one is no error."""
        with self.session_scope() as session:
            session.query(self.SQLEvent).filter(self.SQLEvent.sender_id == sender_id).delete()
            session.commit()


class _Masked:
    """An event as it may be kept; has what Rasa's store reads of one."""

    def __init__(self, event: Event) -> None:
        self.type_name = event.type_name
        self._data = masked_event(event.as_dict())

    def as_dict(self) -> dict[str, Any]:
        return self._data


def _newest(events: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """Cuts a session at a turn's beginning, keeping its start and what its slots held at the cut."""
    if len(events) <= limit:
        return events
    cut = len(events) - limit
    while cut < len(events) and events[cut]["event"] != "user":
        cut += 1
    start = list(itertools.takewhile(lambda event: event["event"] != "user", events[:cut]))
    slots = {event["name"]: event for event in events[len(start) : cut] if event["event"] == SlotSet.type_name}
    return [*start, *slots.values(), *events[cut:]]


def _sqlite(url: str) -> sa.engine.Engine:
    # One connection that stays open: closing the last one writes the whole log back to the file.
    engine = sa.create_engine(url, poolclass=QueuePool, pool_size=1, connect_args={"check_same_thread": False})
    sa.event.listen(engine, "connect", _tune_sqlite)
    return engine


def _tune_sqlite(connection: Any, _record: Any) -> None:
    # WAL with NORMAL: no wait for the disk at each message; a power cut may lose the last turns, never
    # the file.
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=2000"):
        connection.execute(f"PRAGMA {pragma}").close()
