"""What the catalogue holds, and how much of it can be told as typed values."""

from __future__ import annotations

from collections import Counter

from knowledge.model import Procedure
from knowledge.model.values import read_documents, read_duration, read_fees
from knowledge.store import Catalogue


def catalogue_stats(catalogue: Catalogue) -> dict[str, int]:
    """Counts procedures by part and kind, and the fees, durations and papers that the readers make of them.

    Raises:
        StoreUnavailable: the catalogue cannot be read.
    """
    counts: Counter[str] = Counter()
    for procedure in catalogue.procedures():
        counts["procedures"] += 1
        counts["curated"] += procedure.curated is not None
        counts["with people's words"] += procedure.curated is not None or procedure.vocabulary is not None
        counts.update(_portal_counts(procedure))
    return {"catalogue version": catalogue.version(), **counts}


def _portal_counts(procedure: Procedure) -> Counter[str]:
    record = procedure.portal
    if not record:
        return Counter({"without a portal record": 1})
    counts = Counter(
        {
            "portal records": 1,
            "by a ministry": int(record.is_standard),
            "by one province": int(record.is_provincial),
            "internal": int(record.is_internal),
            "with documents": int(bool(record.documents)),
            "with legal basis": int(bool(record.legal_basis)),
        }
    )
    counts.update(f"fees {fee.state}" for method in record.methods for fee in read_fees(method.fees))
    counts.update(
        f"durations {duration.state}"
        for method in record.methods
        for duration in read_duration(method.duration, record.cases, method.description)
    )
    counts.update("notes" if paper.is_note else "papers" for paper in read_documents(record.documents))
    return counts
