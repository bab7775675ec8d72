"""Where a dossier stands, in plain words: what it means, who holds it, what to do next and by when.

Every figure, place and paper is the record's; what the record does not say is said to be missing. Sentences are in
`actions/wording/status.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

from actions.dossiers.chain import Found, Standing
from actions.dossiers.model import Dossier, DossierState
from actions.wording import say
from motcua.reply import Choice, Reply
from motcua.working_days import WorkingDays

VIETNAM = timezone(timedelta(hours=7))

_LONGEST_FIELD = 300
_MOST_PAPERS = 20
_WAITS_FOR_CITIZEN = frozenset({DossierState.SUPPLEMENT_NEEDED, DossierState.PAYMENT_NEEDED})


def tell(found: Found, days: WorkingDays, now: datetime, *, choices: tuple[Choice, ...] = ()) -> Reply:
    """Gives the answer to whoever proved that the dossier is theirs.

    Args:
        found: what the source said; its dossier has been opened with the second key.
        days: the calendar of working days.
        now: the time, with its zone.
        choices: what is offered beneath.

    Raises:
        ValueError: there is no dossier in it, and the source was not down either.
    """
    if found.standing is Standing.UNAVAILABLE:
        return tell_unavailable()
    if found.dossier is None:
        raise ValueError("there is nothing to tell of a dossier that does not exist")
    text = "\n".join(_lines(found, found.dossier, days, now))
    return Reply(kind="status_result", text=text, choices=choices)


def tell_unavailable() -> Reply:
    """Says that nobody can say at present."""
    again = Choice(title=say("talk.choice.status_again"), payload="say:check_status")
    return Reply(kind="status_result", text=say("status.unavailable", hotline=_hotline()), choices=(again,))


def masked_name(name: str) -> str:
    """Gives a name by which its bearer knows it and nobody else learns it: "Nguyễn Văn An" → "Nguyễn V. A***"."""
    parts = name.split()
    if not parts:
        return ""
    *before, last = parts
    middle = [f"{part[0]}." for part in before[1:]]
    return " ".join([*before[:1], *middle, f"{last[0]}***"])


def _lines(found: Found, dossier: Dossier, days: WorkingDays, now: datetime) -> Iterator[str]:
    state = "unknown" if found.problem == "StateUnknown" else dossier.state.name.lower()
    yield say(
        "status.lead",
        number=dossier.code.number,
        procedure=say("status.procedure", name=_one_line(dossier.procedure_name)) if dossier.procedure_name else "",
        applicant=say("status.applicant", name=masked_name(dossier.applicant)) if dossier.applicant.strip() else "",
        state=say(f"status.name.{state}"),
    )
    yield say(f"status.means.{state}")
    yield from _holder(dossier)
    if state == "supplement_needed":
        yield from _missing(dossier)
    if state == "payment_needed" or (dossier.amount_due and not dossier.state.is_over):
        yield from _payment(dossier)
    if state == "finished":
        yield from _collection(dossier)
    yield say(f"status.next.{state}", hotline=_hotline())
    late: tuple[str, ...] = ()
    if dossier.appointment_on and not dossier.state.is_over:
        line, late = _appointment(found, dossier, dossier.appointment_on, days, _day(now), state == "unknown")
        yield line
    if found.standing is Standing.LAST_KNOWN:
        yield from _age(found, dossier)
    yield from late


def _holder(dossier: Dossier) -> Iterator[str]:
    unit, step = _one_line(dossier.in_charge_unit), _one_line(dossier.in_charge_step)
    if unit and step:
        yield say("status.holder.in_step", unit=unit, step=step)
    elif unit:
        yield say("status.holder.plain", unit=unit)
    elif step:
        yield say("status.holder.only_step", step=step)
    if dossier.unit and _one_line(dossier.unit) != unit:
        yield say("status.received", unit=_one_line(dossier.unit))


def _missing(dossier: Dossier) -> Iterator[str]:
    papers = [_one_line(paper) for paper in dossier.missing if paper.strip()]
    if not papers:
        yield say("status.missing.untold")
        return
    yield say("status.missing.lead")
    yield from (say("status.missing.line", paper=paper) for paper in papers[:_MOST_PAPERS])


def _payment(dossier: Dossier) -> Iterator[str]:
    if dossier.amount_due is None:
        yield say("status.pay.untold")
    else:
        yield say("status.pay.amount", amount=f"{dossier.amount_due:,}".replace(",", "."))
    if place := _one_line(dossier.pay_at):
        yield say("status.pay.place", place=place)
    else:
        yield say("status.pay.no_place")


def _collection(dossier: Dossier) -> Iterator[str]:
    if dossier.result_ready_at:
        yield say("status.collect.ready", date=_date(_day(dossier.result_ready_at)))
    if place := _one_line(dossier.collect_at):
        yield say("status.collect.place", place=place)
    else:
        yield say("status.collect.no_place")


def _appointment(
    found: Found, dossier: Dossier, on: date, days: WorkingDays, today: date, unsure: bool
) -> tuple[str, tuple[str, ...]]:
    """The line of the appointment, and what is said to somebody who has waited too long."""
    if unsure:
        return say("status.appointment.plain", date=_date(on)), ()
    if dossier.state in _WAITS_FOR_CITIZEN:
        return say("status.appointment.after_supplement", date=_date(on)), ()
    left = days.countdown(on, today)
    if not left.is_late:
        key = "ahead" if left.due_on > today else "today"
        line = say(f"status.appointment.{key}", date=_date(left.due_on), days=left.working_days)
        if left.due_on != on:
            line = f"{say('status.appointment.moved', date=_date(on), due=_date(left.due_on))} {line}"
        return line, ()
    if found.standing is Standing.LAST_KNOWN and _day(dossier.as_of) <= left.due_on:
        # It was not late when it was last seen; what happened since nobody knows.
        return say("status.appointment.passed_unsure", date=_date(on)), ()
    key = "days" if left.working_days else "days_off"
    line = say(f"status.late.{key}", date=_date(on), days=left.working_days)
    unit = _one_line(dossier.unit) or _one_line(dossier.in_charge_unit) or say("status.late.unit")
    letter = say("status.late.letter", unit=unit, code=dossier.code, date=_date(on))
    return line, (say("status.late.how", unit=unit, hotline=_hotline()), letter)


def _age(found: Found, dossier: Dossier) -> Iterator[str]:
    silent = found.problem not in ("", "StateUnknown", "SourceStale")
    time = dossier.as_of.astimezone(VIETNAM)
    key = "silent" if silent else "updated"
    yield say(f"status.as_of.{key}", time=f"{time:%H:%M} ngày {_date(time.date())}")
    if found.is_stale:
        yield say("status.as_of.stale")


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_FIELD else line[: _LONGEST_FIELD - 1].rsplit(" ", 1)[0] + "…"


def _day(moment: datetime) -> date:
    return moment.astimezone(VIETNAM).date()


def _date(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _hotline() -> str:
    return say("places.hotline")
