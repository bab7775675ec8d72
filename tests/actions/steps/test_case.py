"""The person's case through a conversation."""

from __future__ import annotations

from actions.conversation import read_turn, slots_after
from actions.pipeline import answer, steps
from actions.turn import Turn
from actions.world import World
from knowledge.model import Procedure
from tests.actions.samples import curated

RECORD = curated(
    code="9.111111",
    documents=[
        {"name": "Đơn xin mở bến", "role": "fill", "originals": 1, "copies": 0},
        {"name": "Hợp đồng thuê nhà", "when": "nhà thuê, mượn, ở nhờ"},
        {"name": "Giấy tờ nhà", "when": "nhà của mình"},
        {"name": "Giấy ủy quyền", "when": "nhờ người khác làm thay"},
    ],
)
PROCEDURE = Procedure(code="9.111111", curated=RECORD)


class Own(World):
    """The sample world with one procedure more, whose papers depend on the case."""

    def __init__(self, world: World) -> None:
        self.__dict__.update(world.__dict__)

    def procedure(self, code: str) -> Procedure | None:
        return PROCEDURE if code == PROCEDURE.code else super().procedure(code)


def talk(world: World, *said: tuple[str, str, dict[str, object]]) -> list[Turn]:
    slots: dict[str, object] = {}
    turns: list[Turn] = []
    for text, intent, entities in said:
        message = {
            "intent": {"name": intent},
            "entities": [{"entity": name, "value": value} for name, value in entities.items()],
        }
        turn = answer(read_turn(text, message, slots), steps(Own(world)))
        slots |= slots_after(turn)
        turns.append(turn)
    return turns


ASK = ("x", "ask_documents", {"procedure": PROCEDURE.code})


def papers(turn: Turn) -> set[str]:
    assert turn.reply
    return {item.text for section in turn.reply.sections for item in section.items}


def test_one_question_is_asked_and_its_values_are_offered(world: World) -> None:
    (turn,) = talk(world, ASK)
    assert turn.reply and turn.reply.text.endswith("?")
    assert [choice.payload.split(":")[1] for choice in turn.reply.choices[:3]] == [
        "home=own",
        "home=rented",
        "home=family",
    ]


def test_an_answer_in_words_shortens_the_list(world: World) -> None:
    _, turn = talk(world, ASK, ("nhà thuê ạ", "ask_overview", {}))
    assert "Hợp đồng thuê nhà" in papers(turn) and "Giấy tờ nhà" not in papers(turn)
    assert turn.reply and turn.reply.procedure == PROCEDURE.code and turn.reply.aspect == "documents"
    assert "nhà thuê, mượn" in turn.reply.text


def test_an_answer_by_number_or_by_tapping_is_the_same(world: World) -> None:
    _, by_number = talk(world, ASK, ("2", "choose", {"number": 2}))
    tapped = {"procedure": PROCEDURE.code, "case": "home=rented"}
    _, by_tapping = talk(world, ASK, ("/ask_documents", "ask_documents", tapped))
    assert papers(by_number) == papers(by_tapping) == {"Đơn xin mở bến", "Hợp đồng thuê nhà", "Giấy ủy quyền"}


def test_what_was_said_before_is_used_and_not_asked_for(world: World) -> None:
    turn = talk(world, ("em ở nhà thuê, làm giùm mẹ em", "ask_documents", {}), ASK)[-1]
    assert turn.reply and "?" not in turn.reply.text.splitlines()[-1]
    assert "doer" in turn.case.known


def test_a_question_that_is_passed_over_is_not_asked_again(world: World) -> None:
    turn = talk(world, ASK, ("x", "ask_fee", {"procedure": PROCEDURE.code}), ASK)[-1]
    assert turn.reply and not any(choice.payload.startswith("case:") for choice in turn.reply.choices)


def test_a_tapped_case_that_does_not_exist_is_as_if_none_was(world: World) -> None:
    for case in ("home=castle", "castle=home", "", "home"):
        (turn,) = talk(world, ("x", "ask_documents", {"procedure": PROCEDURE.code, "case": case}))
        assert not turn.case.known
