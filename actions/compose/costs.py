"""What it costs and how long it takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce

from actions.compose.names import without_kind
from actions.compose.parts import Part, budgeted, channel_name, money, number, section
from actions.compose.text import clause, shorten, tidy
from actions.wording import say
from knowledge.model import CuratedFee, Fee, Procedure, read_duration
from knowledge.model.curated import CuratedDuration
from knowledge.model.values import CHANNELS, Channel, Duration, read_fees
from motcua.reply import Item

_MOST = 10
_CHARACTERS = 1100
_TEXT = 260
_CASE = 130
_BRIEF = 110
_SAYS_NOTHING = re.compile(
    r"^\W*(?:không|không có|(?:không|chưa) quy định|theo quy định)?\W*$", re.IGNORECASE
)


def fee(procedure: Procedure) -> Part:
    """Lists what is charged; what the record does not say is said not to be said, never "free"."""
    lines = fee_lines(procedure)
    if not lines:
        unclear = any(f.unclear for fees in _fees(procedure).values() for f in fees)
        return Part(lines=(say("answer.fee.unclear" if unclear else "answer.fee.unstated"),))
    return _listed(say("answer.fee.title"), lines, say("answer.fee.more"))


def _listed(title: str, lines: Sequence[Item], more: str, *after: str) -> Part:
    kept = budgeted(lines, _MOST, _CHARACTERS)
    told = [more] if len(kept) < len(lines) else []
    return Part((section(title, kept),), (*told, *after), numbered=len(kept) > 1)


def _fees(procedure: Procedure) -> dict[Channel, tuple[Fee, ...]]:
    by_channel: dict[Channel, tuple[Fee, ...]] = {}
    for method in procedure.portal.methods if procedure.portal else ():
        channel = CHANNELS.get(method.channel, "any")
        by_channel[channel] = tuple(dict.fromkeys(by_channel.get(channel, ()) + read_fees(method.fees)))
    return by_channel


def fee_lines(procedure: Procedure) -> list[Item]:
    """One item a distinct charge; empty when the record states none."""
    if procedure.curated:
        told = [f for f in procedure.curated.fees if f.state != "unstated"]
        return list(dict.fromkeys(map(_curated_fee, told)))
    by_channel = _fees(procedure)
    charged: dict[Fee, list[Channel]] = {}
    for channel, fees in by_channel.items():
        for one in dict.fromkeys(_readable(f) for f in fees if _is_told(f)):
            charged.setdefault(one, []).append(channel)
    if not charged:
        return []
    items: list[Item] = []
    for one, channels in charged.items():
        names = [] if len(channels) == len(by_channel) else map(channel_name, channels)
        items.append(_charge(one.state, one.amount, ", ".join(filter(None, (one.kind, *names))), one.text))
    silent = [c for c in by_channel if not any(c in channels for channels in charged.values())]
    items += [Item(text=say("answer.fee.unstated_line", label=channel_name(c))) for c in silent]
    return list(dict.fromkeys(items))


def _is_told(line: Fee | CuratedFee) -> bool:
    # "Không", "Không quy định" say neither how much nor that nothing is charged.
    return line.state != "unstated" and not (line.state == "described" and _SAYS_NOTHING.match(line.text))


def _readable(line: Fee) -> Fee:
    return Fee(state=line.state, amount=line.amount, kind=line.kind, text=shorten(tidy(line.text), _TEXT))


def fee_brief(procedure: Procedure) -> str:
    """What it costs in one short line, or empty when the record states nothing."""
    fees: Sequence[CuratedFee | Fee] = (
        procedure.curated.fees if procedure.curated else [f for c in _fees(procedure).values() for f in c]
    )
    told = [f for f in fees if _is_told(f)]
    amounts = sorted({f.amount for f in told if f.state == "amount" and f.amount is not None})
    said = [say("answer.fee.free_brief")] if any(f.state == "free" for f in told) else []
    if len(amounts) > 2:
        said.append(say("answer.fee.range", least=money(amounts[0]), most=money(amounts[-1])))
    else:
        said += [say("answer.fee.amount_plain", amount=money(amount)) for amount in amounts]
    described = [f for f in told if f.state == "described"]
    if not said:
        return shorten(tidy(described[0].text), _BRIEF) if described else ""
    text = _either(said)
    return say("answer.by_case", text=text) if len(said) > 1 or len(amounts) > 2 or described else text


def _either(said: Sequence[str]) -> str:
    return reduce(lambda first, second: say("answer.either", first=first, second=second), said)


def _curated_fee(line: CuratedFee) -> Item:
    label = clause(line.label or (channel_name(line.channel) if line.channel != "any" else ""))
    return _charge(line.state, line.amount, label, line.text)


def _charge(state: str, amount: int | None, label: str, text: str) -> Item:
    said = text
    if state == "amount" and amount is not None:
        said = _with_words(say("answer.fee.amount_plain", amount=money(amount)), clause(text))
    elif state == "free":
        if not label:
            return Item(text=say("answer.fee.free_plain"))
        said = say("answer.fee.free_brief")
    return Item(text=say("answer.fee.described", label=label, text=said) if label else said)


def _with_words(amount: str, text: str) -> str:
    if not text:
        return amount
    if text.startswith("/"):
        return f"{amount}{text}"
    return f"{amount} – {text}" if "(" in text else f"{amount} ({text})"


def duration(procedure: Procedure) -> Part:
    """Says how long the office has; a number without a unit is never shown as days."""
    lines = duration_lines(procedure)
    if not lines:
        return Part(lines=(say("answer.duration.unstated"),))
    title, more = say("answer.duration.title"), say("answer.duration.more")
    return _listed(title, lines, more, say("answer.duration.counted"))


def _durations(procedure: Procedure) -> dict[Channel, tuple[Duration, ...]]:
    by_channel: dict[Channel, tuple[Duration, ...]] = {}
    portal = procedure.portal
    for method in portal.methods if portal else ():
        read = read_duration(method.duration, portal.cases if portal else (), method.description)
        told = tuple(d for d in read if d.state != "unstated")
        if told:
            channel = CHANNELS.get(method.channel, "any")
            by_channel[channel] = tuple(dict.fromkeys(by_channel.get(channel, ()) + told))
    return by_channel


def duration_lines(procedure: Procedure) -> list[Item]:
    """One item a distinct length; empty when the record states none."""
    if procedure.curated:
        return list(dict.fromkeys(map(_curated_length, procedure.curated.durations)))
    by_channel, name = _durations(procedure), without_kind(procedure.name)
    if len(set(by_channel.values())) == 1:
        return list(dict.fromkeys(Item(text=_length(d, name)) for d in next(iter(by_channel.values()))))
    return list(
        dict.fromkeys(
            Item(text=say("answer.duration.line", label=channel_name(c), length=_length(d, name)))
            for c, lengths in by_channel.items()
            for d in lengths
        )
    )


def duration_brief(procedure: Procedure) -> str:
    """How long it takes in one short line, or empty when the record states nothing."""
    told: Sequence[CuratedDuration | Duration] = (
        procedure.curated.durations
        if procedure.curated
        else [d for lengths in _durations(procedure).values() for d in lengths]
    )
    said = list(dict.fromkeys(filter(None, map(_bare_length, told))))
    if not said:
        return shorten(tidy(told[0].text), _BRIEF) if told else ""
    if len(said) > 2:
        return say("answer.duration.several", first=said[0])
    text = _either(said)
    return say("answer.by_case", text=text) if len(said) > 1 else text


def _bare_length(line: CuratedDuration | Duration) -> str:
    if line.number is None or not line.unit:
        return ""
    return say(f"answer.duration.units.{line.unit}", number=number(line.number))


def _curated_length(line: CuratedDuration) -> Item:
    label = ", ".join(
        p for p in (clause(line.case), channel_name(line.channel) if line.channel != "any" else "") if p
    )
    length = _bare_length(line)
    if not length:
        return Item(text=say("answer.duration.line", label=label, length=line.text) if label else line.text)
    text = say("answer.duration.line", label=label, length=length) if label else length
    return Item(text=text, note=line.text)


def _length(line: Duration, name: str) -> str:
    length = _bare_length(line) if line.state == "stated" else ""
    if not length:
        return shorten(tidy(line.text), _TEXT)
    case = without_kind(line.case)
    case = "" if case == name else shorten(case, _CASE)
    return say("answer.duration.line", label=case, length=length) if case else length
