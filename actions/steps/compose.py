"""The reply."""

from __future__ import annotations

from collections.abc import Iterator

from actions.compose import answer_about, distinction, spoken_name, without_kind
from actions.steps.decide import MOST_CHOICES
from actions.talk import hand_over_choice, in_danger
from actions.turn import Turn
from actions.wording import say, say_with_places
from actions.world import World
from knowledge.guides import Guide
from knowledge.model import Procedure
from motcua.reply import Aspect, Choice, Reply

_TITLE = 80
# Longer official titles are left to the answer.
_SHORT_TITLE = 60


class Compose:
    """Turns what was decided into a Reply; every status has one, so no turn ends in silence."""

    def __init__(self, world: World) -> None:
        self._world = world

    def run(self, turn: Turn) -> None:
        reply = self._reply(turn)
        if turn.danger and turn.status != "danger":
            reply = reply.model_copy(update={"text": f"{say('danger.before')}\n\n{reply.text}"})
        turn.reply = reply
        if turn.status == "answered" and turn.target:
            turn.more = tuple(self._more(turn, turn.target))
        if turn.more:
            # What may be asked next stands below the last message only.
            turn.reply = reply.model_copy(update={"choices": ()})

    def _more(self, turn: Turn, target: Procedure) -> Iterator[Reply]:
        """What else the message asks: further aspects of the procedure, and another procedure."""
        for aspect in turn.aspects[1:]:
            yield self._about(turn, target, aspect)
        if turn.besides:
            yield self._about(turn, turn.besides, turn.aspect)

    def _reply(self, turn: Turn) -> Reply:
        if turn.status == "answered" and turn.target:
            return self._answer(turn, turn.target)
        if turn.status == "danger":
            return in_danger(turn.danger)
        if turn.status == "improper":
            return Reply(kind="refuse_offtopic", text=say_with_places(f"improper.{turn.improper}"))
        if turn.status == "privacy":
            return Reply(kind="privacy", text=say("privacy.kept"))
        if turn.status == "erase":
            return Reply(kind="privacy", text=say("privacy.ask_erase"), choices=_yes_or_no())
        if turn.status == "guide" and turn.guide:
            return self._guide(turn, turn.guide)
        if turn.status == "bundle":
            return _bundle(turn)
        if turn.status == "asked_back":
            return self._ask_back(turn)
        if turn.status == "off_topic":
            return Reply(kind="refuse_offtopic", text=say("decide.off_topic"), choices=(_help(),))
        if turn.status == "no_such_choice":
            return self._no_such_choice(turn)
        return self._not_found(turn)

    def _answer(self, turn: Turn, procedure: Procedure) -> Reply:
        reply = self._about(turn, procedure, turn.aspect)
        if not procedure.is_detailed:
            turn.status = "named_only"
        return reply

    def _about(self, turn: Turn, procedure: Procedure, aspect: Aspect) -> Reply:
        asks = turn.asks if aspect == "documents" else None
        reply = answer_about(procedure, aspect, province=self._world.province, case=turn.case, asks=asks)
        if not procedure.is_detailed:
            return reply
        receipt = self._world.receipts.issue(reply, self._world.catalogue_version)
        said = {"receipt": receipt}
        if turn.sheet and aspect == "documents":
            sheet = say("answer.sheet", url=f"{self._world.public_url}/phieu/{receipt}")
            said["text"] = f"{reply.text}\n\n{sheet}"
        return reply.model_copy(update=said)

    def _guide(self, turn: Turn, guide: Guide) -> Reply:
        see = tuple(filter(None, map(self._world.procedure, guide.see)))
        return Reply(kind="help", text=guide.text, choices=tuple(_choice(p, "overview") for p in see))

    @staticmethod
    def _ask_back(turn: Turn) -> Reply:
        if not turn.choices:
            return Reply(kind="clarify", text=say("decide.clarify.which_procedure"), aspect=turn.aspect)
        rows = [_line(n, p) for n, p in enumerate(turn.choices, 1)]
        fields = {p.field for p in turn.choices}
        lead = say("decide.clarify.family" if len(fields) == 1 and len(rows) > 1 else "decide.clarify.lead")
        text = "\n".join([lead, *rows, say("decide.clarify.next")])
        return Reply(
            kind="clarify",
            text=text,
            aspect=turn.aspect,
            choices=tuple(_choice(p, turn.aspect) for p in turn.choices),
        )

    @staticmethod
    def _not_found(turn: Turn) -> Reply:
        rows = [say("decide.not_found.lead")]
        if turn.choices:
            rows.append(say("decide.not_found.near"))
            rows += [_line(n, p) for n, p in enumerate(turn.choices, 1)]
        rows.append(say("decide.not_found.next", url=say("places.portal")))
        choices = (*(_choice(p, turn.aspect) for p in turn.choices), hand_over_choice())
        return Reply(kind="refuse_offtopic", text="\n".join(rows), choices=choices)

    @staticmethod
    def _no_such_choice(turn: Turn) -> Reply:
        if not turn.offered:
            return Reply(kind="clarify", text=say("decide.nothing_offered"))
        return Reply(
            kind="clarify",
            text=say("decide.no_such_choice", last=len(turn.offered)),
            aspect=turn.aspect,
            choices=tuple(Choice(title=_cut(o.title), payload=f"ask:{turn.aspect}:{o.code}") for o in turn.offered),
        )


def _bundle(turn: Turn) -> Reply:
    rows = [
        say("decide.bundle.line", number=n, name=spoken_name(procedure), why=why)
        for n, (why, procedure) in enumerate(turn.bundle, 1)
    ]
    return Reply(
        kind="clarify",
        text="\n".join([turn.lead, *rows, say("decide.bundle.next")]),
        aspect="overview",
        choices=tuple(_choice(procedure, "overview") for _, procedure in turn.bundle[:MOST_CHOICES]),
    )


def _yes_or_no() -> tuple[Choice, ...]:
    return (
        Choice(title=say("privacy.choice.erase"), payload="say:affirm"),
        Choice(title=say("privacy.choice.keep"), payload="say:deny"),
    )


def _line(number: int, procedure: Procedure) -> str:
    """A choice by both its names, with what tells it from the others, where that is known."""
    name, official = spoken_name(procedure), without_kind(procedure.name)
    if official != name and len(official) <= _SHORT_TITLE:
        name += say("decide.clarify.official", official=official)
    if told := distinction(procedure):
        return say("decide.clarify.line_told", number=number, name=name, told=told)
    return say("decide.clarify.line", number=number, name=name)


def _cut(title: str) -> str:
    return title if len(title) <= _TITLE else title[: _TITLE - 1].rsplit(" ", 1)[0] + "…"


def _choice(procedure: Procedure, aspect: str) -> Choice:
    return Choice(title=_cut(spoken_name(procedure)), payload=f"ask:{aspect}:{procedure.code}")


def _help() -> Choice:
    return Choice(title=say("talk.choice.help"), payload="say:help")
