"""Proof of people's words: no phrase stands for two procedures, and no distinction says a figure of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from knowledge.curation.check import CODE, Difference, portal_figures
from knowledge.curation.figures import Figure, figures
from knowledge.model import CuratedRecord, PortalRecord, Words
from nlu.text import clean, expand, fold, words


def check_words(records: Iterable[CuratedRecord | Words], portal: Mapping[str, PortalRecord]) -> list[Difference]:
    """Lists phrases that collide with another procedure's, and distinctions that the record does not bear out.

    Args:
        records: curated records and vocabulary.
        portal: portal records by code; a distinction of a procedure without one is not proved.
    """
    owners: dict[str, str] = {}
    differences: list[Difference] = []
    for record in records:
        for kind in ("common_names", "sample_questions", "situations"):
            for phrase in getattr(record, kind):
                # Compared as search compares them: read, without case, accents and punctuation.
                said = " ".join(words(fold(expand(clean(phrase)))))
                owner = owners.setdefault(said, record.code)
                if owner != record.code:
                    reason = f"the same is said for {owner}"
                    differences.append(Difference(record.code, kind, phrase, reason))
        if record.code in portal and record.differs:
            # A distinction speaks of the neighbours it names as well.
            named = [portal[code] for code in CODE.findall(record.differs) if code in portal]
            allowed = set[Figure]().union(*map(portal_figures, (portal[record.code], *named)))
            for figure in sorted(figures(record.differs) - allowed):
                differences.append(Difference(record.code, "differs", str(figure), "not in the portal record"))
    return differences
