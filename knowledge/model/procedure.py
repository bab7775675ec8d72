"""One procedure of the catalogue: a portal record overlaid by a curated one, and people's words for it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from knowledge.model.curated import CuratedRecord, Words
from knowledge.model.portal import PortalRecord


class Procedure(BaseModel):
    """What the catalogue holds under one code; at least one of the three parts is there."""

    model_config = ConfigDict(frozen=True)

    code: str
    portal: PortalRecord | None = None
    curated: CuratedRecord | None = None
    vocabulary: Words | None = None
    version: int = 0

    @property
    def name(self) -> str:
        """The official title, or the best name there is."""
        if self.portal:
            return self.portal.name
        if self.curated:
            return self.curated.official_name or self.curated.name
        return self.vocabulary.name if self.vocabulary else self.code

    @property
    def plain_name(self) -> str:
        """What it is called when speaking to people."""
        if self.curated:
            return self.curated.name
        name = self.name.removeprefix("Thủ tục ").strip()
        return name[:1].upper() + name[1:]

    @property
    def field(self) -> str:
        """The field of administration, as the portal names it."""
        part = self.portal or self.curated or self.vocabulary
        return part.field if part else ""

    @property
    def words(self) -> Words:
        """People's words: the curated record's and the vocabulary layer's together."""
        parts = [p for p in (self.curated.words() if self.curated else None, self.vocabulary) if p]
        if not parts:
            return Words(code=self.code, name=self.name, field=self.field, popularity=1)
        first = parts[0]
        if len(parts) == 1:
            return first
        second = parts[1]

        def both(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(dict.fromkeys(a + b))

        return first.model_copy(
            update={
                "popularity": max(first.popularity, second.popularity),
                "common_names": both(first.common_names, second.common_names),
                "sample_questions": both(first.sample_questions, second.sample_questions),
                "situations": both(first.situations, second.situations),
                "differs": first.differs or second.differs,
            }
        )

    @property
    def is_detailed(self) -> bool:
        """Whether there is anything to answer with beyond the name."""
        return bool(self.portal or self.curated)

    @property
    def url(self) -> str:
        """The portal's page of it, or where it can be looked up."""
        if self.curated and self.curated.online.url and not self.portal:
            return self.curated.online.url
        if self.portal and self.portal.portal_url:
            return self.portal.portal_url
        if self.curated and self.curated.online.url:
            return self.curated.online.url
        return "https://dichvucong.gov.vn"

    @property
    def data_date(self) -> str:
        """ISO date that the figures stand at, or empty."""
        if self.curated:
            return self.curated.data_date.isoformat()
        return self.portal.crawled_at if self.portal else ""
