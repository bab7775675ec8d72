"""The desk: everything a request of the web needs, made once per process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Connection

from channels.events import Event, EventHub, LocalHub
from channels.handover.conversation import Handovers
from channels.handover.counter import Counter
from channels.handover.keeper import Keeper
from channels.handover.seal import open_seal
from channels.inbox import Inbox, Transcript
from channels.notices import Postbox, WebNotices
from channels.rasa_client import RasaClient
from channels.rates import Rates
from channels.sessions import CHANNEL, Sessions
from channels.storage import Storage, now
from motcua.database import open_database
from motcua.notice import NoticeChannel
from motcua.settings import Settings
from motcua.working_days import WorkingDays


class Desk:
    """Holds the parts of the gateway together."""

    def __init__(
        self, settings: Settings, rasa: RasaClient, rates: Rates, has_officers: Callable[[Connection], bool]
    ) -> None:
        """Makes the parts.

        Args:
            settings: what the operator set.
            rasa: the bot.
            rates: the limits in force.
            has_officers: says whether anybody of the staff may answer people.

        Raises:
            CannotSeal: the secret of hand-overs can be neither read nor kept, or is too short.
            DatabaseUnusable: the folder of an SQLite database cannot be made.
        """
        self.settings = settings
        self.rasa = rasa
        self.rates = rates
        engine = open_database(settings.database)
        self.storage = Storage(engine)
        self.sessions = Sessions(self.storage, settings.session_hours, rasa)
        self.hub: EventHub = LocalHub()
        self.postbox = Postbox(self.storage, self.hub)
        seal, calendar = open_seal(settings), WorkingDays(settings.dossier_days_off_file)
        patience = timedelta(minutes=settings.handover_answer_minutes)
        self.handovers = Handovers(seal, calendar, patience, settings.handover_keep_days, has_officers)
        self.inbox = Inbox(self.storage, rasa, settings.reply_timeout, self.handovers, self.erase)
        self.carriers: dict[str, NoticeChannel] = {CHANNEL: WebNotices(engine)}
        """Who carries what officers write, by channel."""
        self.transcripts: dict[str, Transcript] = {CHANNEL: self.inbox}
        """Where officers read what was said, by channel."""
        self.counter = Counter(seal, patience)
        self.keeper = Keeper(
            self.storage,
            self.carriers,
            calendar,
            patience=patience,
            case_days=settings.handover_keep_days,
            chat_days=settings.chat_keep_days,
            after_sweep=self.sessions.finish_erasures,
        )

    async def erase(self, session_id: str) -> None:
        """Deletes a web session with everything in it, and tells its open pages.

        Raises:
            StorageUnavailable: the database cannot be written.
        """
        await self.sessions.erase(session_id)
        await self.hub.publish(session_id, Event("erased", "{}"))

    async def post(self) -> None:
        """Gives what officers have written to the people at once, and not with the keeper's next look.

        Raises:
            StorageUnavailable: the database cannot be read or written; the keeper will do it.
        """
        await self.keeper.deliver(now())
        await self.postbox.post()

    async def close(self) -> None:
        """Closes the connections to the bot and the database."""
        await self.rasa.close()
        self.storage.close()
