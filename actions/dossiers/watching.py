"""Finds the changes of followed dossiers and has each follower told once.

A pass first follows the source's list of changes, then looks up what no list may have had, and last gives the
notices that are due to their channels. Each step is one transaction, and each may be cut short anywhere: a notice is
made together with the follower's new state, only if that state is still the one told before, and under a key that
the database holds unique; a channel that is given a notice again sends nothing again. So a pass that is done over
loses nothing and doubles nothing, and several watchers may run side by side.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import aliased

from actions.dossiers.chain import DossierChain, Found, Standing
from actions.dossiers.codes import DossierCode
from actions.dossiers.errors import BadCode, CannotSearch, SourceError
from actions.dossiers.following import OVER, TOLD, active, end
from actions.dossiers.following_codes import CodeSeal
from actions.dossiers.following_tables import DossierNotice, DossierWatch, Follower
from actions.dossiers.model import Dossier, DossierState
from actions.dossiers.notices import Told, tell_back, tell_change
from actions.dossiers.reading import VIETNAM
from actions.dossiers.rows import in_utc
from motcua.notice import Notice, NoticeChannel, Outcome
from motcua.reply import Reply

log = logging.getLogger(__name__)

_NAME = "following"
_LOOK_UPS = 100
_AT_ONCE = 500
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
_ENDED_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours in which nobody is written to, in Vietnam; none where both are the same.

    Attributes:
        since: hour in which they begin, 0 to 23.
        until: hour in which they end.
    """

    since: int = 21
    until: int = 7

    def holds(self, now: datetime) -> bool:
        """Whether it is quiet at a time."""
        hour = now.astimezone(VIETNAM).hour
        if self.since <= self.until:
            return self.since <= hour < self.until
        return hour >= self.since or hour < self.until


@dataclass(slots=True)
class Pass:
    """What one pass did.

    Attributes:
        made: notices made.
        sent: notices that a channel took.
        later: notices that are to be given again.
        unreachable: people who could not be reached; they are told nothing more.
        gone: followers deleted because the person is no longer there.
        problem: name of the error that kept the source out of it, or "".
    """

    made: int = 0
    sent: int = 0
    later: int = 0
    unreachable: int = 0
    gone: int = 0
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        """Gives it for programs."""
        return asdict(self)


class Watcher:
    """Watches the source for the followers."""

    def __init__(
        self,
        engine: Engine,
        dossiers: DossierChain,
        channels: Mapping[str, NoticeChannel],
        *,
        look_every: timedelta | None = None,
        quiet: Quiet | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Takes what it works with; nothing is asked yet.

        Args:
            engine: the database, brought up to date.
            dossiers: the source.
            channels: who carries notices, by channel name.
            look_every: how often each followed dossier is looked up, because the source may have no list of changes;
                None where the list has everything.
            quiet: when nothing is sent.
            now: the time, for tests.
        """
        self._engine, self._dossiers, self._channels = engine, dossiers, channels
        self._look_every, self._quiet, self._now = look_every, quiet or Quiet(), now
        self._seal = CodeSeal(dossiers.keys)

    def watch(self, stop: threading.Event, every: timedelta) -> None:
        """Does passes until it is told to stop; one that fails is noted and done over the next time."""
        while not stop.is_set():
            try:
                done = self.watch_once()
                if done.made or done.sent or done.unreachable or done.problem:
                    log.info(
                        "%d notices made, %d sent, %d to be sent later, %d people not reachable%s",
                        *(done.made, done.sent, done.later, done.unreachable),
                        f" ({done.problem})" if done.problem else "",
                    )
            except SQLAlchemyError as cause:
                # Only the kind: the text of the error quotes the statement's values.
                log.warning("a pass was not finished: %s", type(cause).__name__)
            stop.wait(every.total_seconds())

    def watch_once(self) -> Pass:
        """Does one pass.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database cannot be read or written.
        """
        done = Pass()
        self._forget_the_gone(done)
        # In this order: what changes while codes are looked up is on the list of the next pass.
        self._follow_the_list(done)
        self._look_up(done)
        self._tell_it_is_back(done)
        self._deliver(done)
        return done

    # --- finding changes

    def _follow_the_list(self, done: Pass) -> None:
        with self._engine.connect() as connection:
            anybody = connection.scalar(select(Follower.number).where(active("change")).limit(1)) is not None
            kept = connection.scalar(select(DossierWatch.cursor).where(DossierWatch.name == _NAME))
        # Where nobody follows, only the place of now is noted: whoever comes next is looked up once anyway.
        cursor = kept if kept and anybody else ""
        while True:
            try:
                changes = self._dossiers.changed_since(cursor, _AT_ONCE)
            except CannotSearch:
                return  # there is no list: each dossier is looked up
            except SourceError as cause:
                done.problem = done.problem or type(cause).__name__
                return
            done.problem = done.problem or changes.problem
            with self._engine.begin() as connection:
                self._note_all(connection, changes.dossiers, done)
                if changes.cursor != kept:
                    _keep_cursor(connection, changes.cursor, is_new=kept is None)
                    kept = changes.cursor
            if not changes.more or changes.cursor == cursor:
                return
            cursor = changes.cursor

    def _note_all(self, connection: Connection, dossiers: Iterable[Dossier], done: Pass) -> None:
        by_hash = {self._seal.hash_of(dossier.code): dossier for dossier in dossiers}
        if by_hash:
            theirs = select(Follower).where(active("change"), Follower.code_hash.in_(by_hash))
            for row in connection.execute(theirs).all():
                done.made += self._note(connection, row, by_hash[row.code_hash])

    def _look_up(self, done: Pass) -> None:
        """Looks up who is new, and everybody from time to time where the source may have no list."""
        now = self._now()
        due: ColumnElement[bool] = Follower.looked_at.is_(None)
        if self._look_every is not None:
            due = due | (Follower.looked_at <= now - self._look_every)
        # At random, so that some which nobody can tell of do not keep the others waiting.
        asked = select(Follower).where(active("change"), due).order_by(func.random()).limit(_LOOK_UPS)
        for row in self._read(asked):
            found = self._found(row)
            if found is None or found.dossier is None:
                continue
            with self._engine.begin() as connection:
                done.made += self._note(connection, row, found.dossier)
                looked = update(Follower).where(Follower.number == row.number).values(looked_at=now)
                connection.execute(looked)

    def _tell_it_is_back(self, done: Pass) -> None:
        asked = select(Follower).where(active("back")).order_by(func.random()).limit(_LOOK_UPS)
        answers: dict[str, bool] = {}
        for row in self._read(asked):
            if row.code_hash not in answers:
                answers[row.code_hash] = _says_something(self._found(row))
            if answers[row.code_hash]:
                with self._engine.begin() as connection:
                    done.made += self._make(connection, row, {"state": TOLD}, tell_back())

    def _found(self, row: Row[Any]) -> Found | None:
        try:
            code: DossierCode = self._seal.open(row.code_hash, row.code_sealed)
        except BadCode:
            log.warning("a followed dossier cannot be looked up: the secret for second keys is another one now")
            return None
        return self._dossiers.look_up(code)

    # --- making notices

    def _note(self, connection: Connection, row: Row[Any], dossier: Dossier) -> bool:
        """Makes the notice of a change; a state that is not known, or older than what was told, is none."""
        state = dossier.state
        if state in (DossierState.UNKNOWN, row.state) or row.state in OVER or dossier.as_of < in_utc(row.as_of):
            return False
        values = {"state": int(state), "as_of": dossier.as_of}
        return self._make(connection, row, values, tell_change(dossier))

    def _make(self, connection: Connection, row: Row[Any], values: dict[str, Any], told: Told) -> bool:
        change, now = row.changes + 1, self._now()
        as_read = (
            (Follower.number == row.number)
            & (Follower.state == row.state)
            & (Follower.changes == row.changes)
            & Follower.ended_at.is_(None)
        )
        if not connection.execute(update(Follower).where(as_read).values(**values, changes=change)).rowcount:
            return False  # stopped, or noted by another watcher meanwhile
        connection.execute(
            insert(DossierNotice).values(
                id=secrets.token_hex(16),
                follower=row.number,
                change=change,
                reply=told.reply.model_dump_json(),
                template=told.template,
                fields=json.dumps(dict(told.fields), ensure_ascii=False),
                made_at=now,
                tries=0,
                next_at=now,
                outcome="",
            )
        )
        return True

    # --- delivering

    def _deliver(self, done: Pass) -> None:
        earlier = aliased(DossierNotice)
        is_next = ~exists().where(
            earlier.follower == DossierNotice.follower,
            earlier.done_at.is_(None),
            earlier.number < DossierNotice.number,
        )
        due = (
            select(DossierNotice, Follower.channel, Follower.person, Follower.kind, Follower.state, Follower.changes)
            .join(Follower, Follower.number == DossierNotice.follower)
            .where(
                DossierNotice.done_at.is_(None),
                DossierNotice.next_at <= self._now(),
                Follower.ended_at.is_(None),
                Follower.channel.in_(self._channels),
                is_next,
            )
            .order_by(DossierNotice.number)
            .limit(_AT_ONCE)
        )
        while rows := self._read(due):
            for row in rows:
                if self._quiet.holds(self._now()):
                    return
                self._deliver_one(row, done)

    def _deliver_one(self, row: Row[Any], done: Pass) -> None:
        still = select(Follower.number).where(Follower.number == row.follower, Follower.ended_at.is_(None))
        with self._engine.connect() as connection:
            if connection.scalar(still) is None:
                return
        notice = Notice(row.id, row.person, Reply.model_validate_json(row.reply), row.template, json.loads(row.fields))
        outcome, now = self._channels[row.channel].deliver(notice), self._now()
        this = update(DossierNotice).where(DossierNotice.id == row.id, DossierNotice.done_at.is_(None))
        with self._engine.begin() as connection:
            if outcome is Outcome.LATER:
                wait = min(_FIRST_WAIT * 2 ** min(row.tries, 10), _LONGEST_WAIT)
                connection.execute(this.values(tries=row.tries + 1, next_at=now + wait))
                done.later += 1
                return
            connection.execute(this.values(outcome=outcome.value, done_at=now, reply="", fields="{}"))
            is_last = row.change == row.changes and (row.kind == "back" or row.state in OVER)
            if outcome is Outcome.UNREACHABLE or is_last:
                # As it was read: who asked anew meanwhile is followed on.
                as_read = (Follower.number == row.follower) & (Follower.changes == row.changes)
                end(connection, as_read & (Follower.state == row.state), now)
        done.unreachable += outcome is Outcome.UNREACHABLE
        done.sent += outcome is not Outcome.UNREACHABLE

    # --- deleting

    def _forget_the_gone(self, done: Pass) -> None:
        with self._engine.connect() as connection:
            pairs = connection.execute(select(Follower.channel, Follower.person).distinct()).all()
        for name, channel in self._channels.items():
            persons = [person for of, person in pairs if of == name]
            for at in range(0, len(persons), _AT_ONCE):
                gone = channel.gone(persons[at : at + _AT_ONCE])
                if gone:
                    theirs = delete(Follower).where(Follower.channel == name, Follower.person.in_(gone))
                    with self._engine.begin() as connection:
                        done.gone += connection.execute(theirs).rowcount
        old = delete(Follower).where(Follower.ended_at < self._now() - _ENDED_KEPT)
        with self._engine.begin() as connection:
            connection.execute(old)

    def _read(self, asked: Any) -> list[Row[Any]]:
        with self._engine.connect() as connection:
            return list(connection.execute(asked).all())


def _says_something(found: Found | None) -> bool:
    return (
        found is not None
        and found.standing is not Standing.UNAVAILABLE
        and not found.is_stale
        and found.problem in ("", "StateUnknown")
    )


def _keep_cursor(connection: Connection, cursor: str, *, is_new: bool) -> None:
    if is_new:
        try:
            with connection.begin_nested():
                connection.execute(insert(DossierWatch).values(name=_NAME, cursor=cursor))
            return
        except IntegrityError:
            pass  # another watcher made its row meanwhile
    connection.execute(update(DossierWatch).where(DossierWatch.name == _NAME).values(cursor=cursor))
