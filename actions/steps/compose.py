"""The reply."""

from __future__ import annotations

from actions.compose import answer_about, distinction, spoken_name, without_kind
from actions.talk import in_danger
from actions.turn import Turn
from actions.wording import say, say_with_places
from actions.world import World
from knowledge.model import Procedure
from motcua.reply import Choice, Reply

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

    def _reply(self, turn: Turn) -> Reply:
        if turn.status == "answered" and turn.target:
            return self._answer(turn, turn.target)
        if turn.status == "danger":
            return in_danger(turn.danger)
        if turn.status == "improper":
            return Reply(kind="refuse_offtopic", text=say_with_places(f"improper.{turn.improper}"))
        if turn.status == "asked_back":
            return self._ask_back(turn)
        if turn.status == "off_topic":
            return Reply(kind="refuse_offtopic", text=say("decide.off_topic"), choices=(_help(),))
        if turn.status == "no_such_choice":
            return self._no_such_choice(turn)
        return self._not_found(turn)

    def _answer(self, turn: Turn, procedure: Procedure) -> Reply:
        reply = answer_about(procedure, turn.aspect, province=self._world.province)
        if not procedure.is_detailed:
            turn.status = "named_only"
            return reply
        receipt = self._world.receipts.issue(reply, self._world.catalogue_version)
        return reply.model_copy(update={"receipt": receipt})

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
        choices = (*(_choice(p, turn.aspect) for p in turn.choices), _handoff())
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


def _handoff() -> Choice:
    return Choice(title=say("talk.choice.handoff"), payload="say:handoff")
