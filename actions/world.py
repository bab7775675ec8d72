"""What the steps reach for: the catalogue, the search engine, the receipts."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from actions.dossiers.asking import DossierDesk
from actions.offices import OfficeDesk
from knowledge.errors import UnknownProcedure
from knowledge.model import Procedure
from knowledge.search import SearchEngine, SearchIndex
from knowledge.store import Catalogue
from motcua.reply import Reply


class Receipts(Protocol):
    """Keeps what was shown under a short code."""

    def issue(self, reply: Reply, catalogue_version: int) -> str:
        """Gives the code of an answer and stores the answer under it."""


class World:
    """The services of one process, shared by all turns."""

    def __init__(
        self,
        catalogue: Catalogue,
        engine: SearchEngine,
        receipts: Receipts,
        *,
        province: str = "",
        dossiers: DossierDesk | None = None,
        dossier_patience_s: float = 0.95,
        offices: OfficeDesk | None = None,
        public_url: str = "http://localhost:8080",
    ) -> None:
        """Takes the services.

        Args:
            catalogue: where procedures are read.
            engine: what finds them.
            receipts: where answers are kept.
            province: the own province's name, or empty.
            dossiers: who answers where a dossier stands; None where no source is configured.
            offices: who tells where service centres are; None where that is not known.
            public_url: root address at which people reach the gateway, for links to its pages.
            dossier_patience_s: seconds that such an answer may take; less than Rasa waits for an action.
        """
        self.engine = engine
        self.province = province
        self.receipts = receipts
        self.dossiers = dossiers
        self.offices = offices
        self.public_url = public_url.rstrip("/")
        self.dossier_patience_s = dossier_patience_s
        self._catalogue = catalogue
        self._get = lru_cache(maxsize=2000)(catalogue.get)
        engine.on_switch(self._forget)

    def _forget(self, _: SearchIndex) -> None:
        # A new index version comes with a new catalogue version: what was read before may be out of date.
        self._get.cache_clear()

    def procedure(self, code: str) -> Procedure | None:
        """Gives a procedure, or None where the catalogue has no such code."""
        try:
            return self._get(code)
        except UnknownProcedure:
            return None

    @property
    def catalogue_version(self) -> int:
        """The catalogue version that answers are given from."""
        return self.engine.index.manifest.catalogue_version
