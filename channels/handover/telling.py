"""The sentences around a case, made of `channels/wording/handover.yaml`."""

from __future__ import annotations

from datetime import datetime, timedelta

from channels import wording
from channels.handover.hours import VIETNAM, Timetable
from motcua.reply import Choice, Reply


def opened(reason: str, ahead: int, *, is_new: bool) -> Reply:
    """What a person is told who is in the queue within working hours.

    Args:
        reason: why: asked, failed or complaint.
        ahead: how many wait before.
        is_new: whether the case has just begun.
    """
    says = wording.handover()
    first = says.opened[reason] if is_new else says.already_waiting
    return _reply(first, says.ahead.format(count=ahead) if ahead else says.next, says.meanwhile)


def opened_out_of_hours(
    reason: str, table: Timetable, now: datetime, keep_days: int, *, is_new: bool, has_number: bool
) -> Reply:
    """What a person is told who is in the queue outside working hours: when they begin, and the offer to be called.

    Args:
        reason: why.
        table: the working hours.
        now: the time.
        keep_days: days after which a number is deleted at the latest.
        is_new: whether the case has just begun.
        has_number: whether a number was left already; it is not asked for again then.
    """
    says = wording.handover()
    first = says.opened[reason] if is_new else says.already_waiting
    parts = [first, _when_open(table, now)]
    if has_number:
        return _reply(*parts, says.number_kept)
    return _with_offer(keep_days, *parts)


def still_waiting(table: Timetable, now: datetime, minutes: int, keep_days: int, *, has_number: bool) -> Reply:
    """What a person is told whom nobody has taken yet."""
    return _apology(wording.handover().still_waiting, table, now, minutes, keep_days, has_number)


def returned(table: Timetable, now: datetime, minutes: int, keep_days: int, *, has_number: bool) -> Reply:
    """What a person is told whose officer did not write in time."""
    return _apology(wording.handover().returned, table, now, minutes, keep_days, has_number)


def number_taken(number: str) -> Reply:
    """Says that a number was kept, by its last two digits."""
    return _reply(wording.handover().number_taken.format(ending=number[-2:]))


def number_broken() -> Reply:
    """Says that a number is none, and asks again."""
    says = wording.handover()
    return _asking(says.number_broken)


def number_agreed() -> Reply:
    """Asks for the number of somebody who said yes."""
    return _asking(wording.handover().number_agreed)


def number_declined() -> Reply:
    """Says that no number is kept."""
    return _reply(wording.handover().number_declined)


def nobody() -> Reply:
    """Says that no officer answers here, and where people are met in person."""
    return _reply(wording.handover().nobody)


def taken() -> Reply:
    """Says that an officer is here and the bot is silent."""
    return _reply(wording.handover().taken)


def from_officer(text: str) -> Reply:
    """An officer's own words, as such."""
    return _reply(wording.handover().officer.format(text=text))


def handed_back() -> Reply:
    """Says that the bot speaks again."""
    return _reply(wording.handover().handed_back)


def closed() -> Reply:
    """Says that the case is closed and the bot speaks."""
    return _reply(wording.handover().closed_case)


def reported() -> Reply:
    """Thanks for the report of a wrong answer."""
    return Reply(kind="feedback", text=wording.handover().reported)


def erased() -> Reply:
    """Says that everything was deleted."""
    return Reply(kind="privacy", text=wording.handover().erased)


def _apology(words: str, table: Timetable, now: datetime, minutes: int, keep_days: int, has_number: bool) -> Reply:
    says = wording.handover()
    parts = [words.format(minutes=minutes)]
    if not table.is_open(now):
        parts.append(_when_open(table, now))
    if has_number:
        return _reply(*parts, says.number_kept)
    return _with_offer(keep_days, *parts, says.meanwhile)


def _when_open(table: Timetable, now: datetime) -> str:
    says = wording.handover()
    why = table.closed_for(now)
    closed = says.closed_holiday.format(why=why) if why else says.closed
    begin = table.next_opening(now)
    if begin is None:
        return closed
    ahead = begin.date() - now.astimezone(VIETNAM).date()
    words = says.today if not ahead else says.tomorrow if ahead == timedelta(days=1) else says.later
    when = words.format(time=f"{begin:%H:%M}", weekday=says.weekdays[begin.weekday()], date=f"{begin:%d/%m/%Y}")
    return f"{closed} {says.opens.format(when=when)}"


def _with_offer(keep_days: int, *parts: str) -> Reply:
    return _asking(*parts, wording.handover().offer_number.format(days=keep_days))


def _asking(*parts: str) -> Reply:
    choice = Choice(title=wording.handover().decline_choice, payload="say:deny")
    return Reply(kind="handoff", text=" ".join(parts), choices=(choice,))


def _reply(*parts: str) -> Reply:
    return Reply(kind="handoff", text=" ".join(part for part in parts if part))
