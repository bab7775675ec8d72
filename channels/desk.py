"""The desk: everything a request of the web needs, made once per process."""

from __future__ import annotations

from channels.events import EventHub, LocalHub
from channels.inbox import Inbox
from channels.notices import Postbox
from channels.rasa_client import RasaClient
from channels.rates import Rates
from channels.sessions import Sessions
from channels.storage import Storage
from motcua.database import open_database
from motcua.settings import Settings


class Desk:
    """Holds the parts of the gateway together."""

    def __init__(self, settings: Settings, rasa: RasaClient, rates: Rates) -> None:
        self.settings = settings
        self.rasa = rasa
        self.rates = rates
        self.storage = Storage(open_database(settings.database))
        self.sessions = Sessions(self.storage, settings.session_hours, rasa)
        self.inbox = Inbox(self.storage, rasa, settings.reply_timeout)
        self.hub: EventHub = LocalHub()
        self.postbox = Postbox(self.storage, self.hub)

    async def close(self) -> None:
        """Closes the connections to the bot and the database."""
        await self.rasa.close()
        self.storage.close()
