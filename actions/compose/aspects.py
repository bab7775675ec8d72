"""Which function answers which aspect."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from actions.cases import Case
from actions.compose.costs import duration, fee
from actions.compose.documents import Budget, documents, forms
from actions.compose.law import condition, legal, result
from actions.compose.overview import overview
from actions.compose.parts import Part
from actions.compose.place import online, where
from actions.compose.steps import steps
from knowledge.model import Procedure
from motcua.reply import Aspect

COMPOSERS: Mapping[Aspect, Callable[[Procedure], Part]] = {
    "overview": overview,
    "documents": documents,
    "fee": fee,
    "duration": duration,
    "where": where,
    "steps": steps,
    "online": online,
    "form": forms,
    "legal": legal,
    "result": result,
    "condition": condition,
}


def compose_aspect(procedure: Procedure, aspect: Aspect, case: Case, budget: Budget) -> Part:
    """Answers one aspect from the record; papers as the person's case asks for them."""
    return documents(procedure, case, budget) if aspect == "documents" else COMPOSERS[aspect](procedure)
