"""What a follower is told: the state in plain words and the next step, with no name and only the code's end.

Sentences are in `actions/wording/notices.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from actions.dossiers.model import Dossier, DossierState
from actions.dossiers.reading import VIETNAM
from actions.wording import say
from motcua.reply import Choice, Reply

_LONGEST_FIELD = 200
_STATES: Mapping[DossierState, tuple[str, str]] = {
    DossierState.REGISTERED: ("notices.state.registered", "notices.next.registered"),
    DossierState.ACCEPTED: ("notices.state.accepted", "notices.next.accepted"),
    DossierState.REFUSED: ("notices.state.refused", "notices.next.refused"),
    DossierState.PROCESSING: ("notices.state.processing", "notices.next.processing"),
    DossierState.SUPPLEMENT_NEEDED: ("notices.state.supplement_needed", "notices.next.supplement_needed"),
    DossierState.PAYMENT_NEEDED: ("notices.state.payment_needed", "notices.next.payment_needed"),
    DossierState.WITHDRAWN: ("notices.state.withdrawn", "notices.next.withdrawn"),
    DossierState.STOPPED: ("notices.state.stopped", "notices.next.stopped"),
    DossierState.FINISHED: ("notices.state.finished", "notices.next.finished"),
    DossierState.RETURNED: ("notices.state.returned", "notices.next.returned"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One notice in both its forms: free text, and the values of a channel's registered template."""

    reply: Reply
    template: str
    fields: Mapping[str, str]


def tell_change(dossier: Dossier) -> Told:
    """Gives the notice of a dossier that changed its state.

    Raises:
        KeyError: its state is not known; there is nothing to tell of it.
    """
    state, step = (say(key) for key in _STATES[dossier.state])
    name = _cut(dossier.procedure_name)
    time = dossier.as_of.astimezone(VIETNAM).strftime("%H:%M ngày %d/%m/%Y")
    number = dossier.code.number
    named = say("notices.changed_named", number=number, name=name, state=state)
    lines = [
        named if name else say("notices.changed", number=number, state=state),
        *_details(dossier),
        step,
        say("notices.as_of", time=time),
        say("notices.last") if dossier.state.is_over else say("notices.stop"),
    ]
    return Told(
        Reply(kind="status_result", text="\n".join(lines), procedure=dossier.procedure_code, choices=_choices()),
        "dossier_changed",
        {"code": f"•••{number}", "procedure": name, "state": state, "next": step, "time": time},
    )


def tell_back() -> Told:
    """Gives the notice that the source answers again."""
    return Told(Reply(kind="status_result", text=say("notices.back"), choices=_choices()), "source_back", {})


def _details(dossier: Dossier) -> Iterator[str]:
    match dossier.state:
        case DossierState.SUPPLEMENT_NEEDED if dossier.missing:
            yield say("notices.missing", papers="; ".join(map(_cut, dossier.missing[:10])))
        case DossierState.PAYMENT_NEEDED:
            if dossier.amount_due:
                yield say("notices.amount", amount=f"{dossier.amount_due:,}".replace(",", "."))
            if dossier.pay_at:
                yield say("notices.pay_at", place=_cut(dossier.pay_at))
        case DossierState.FINISHED if dossier.collect_at:
            yield say("notices.collect_at", place=_cut(dossier.collect_at))


def _choices() -> tuple[Choice, ...]:
    return (Choice(title=say("notices.choice"), payload="say:check_status"),)


def _cut(text: str) -> str:
    line = " ".join(text.split()).rstrip(" .;")
    return line if len(line) <= _LONGEST_FIELD else f"{line[: _LONGEST_FIELD - 1]}…"
