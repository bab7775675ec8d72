from __future__ import annotations

import pytest

from actions.steps.conversation import Bars, course, narrowed
from actions.turn import Offered, Turn
from actions.world import World
from knowledge.search import Hit, SearchResult
from tests.actions.samples import BOAT, BOAT_LOST, KITE, LANTERN, MANY


def found(*codes: str, probability: float = 0.5, relevance: float = 0.5) -> SearchResult:
    hits = tuple(Hit(code, code, code, float(-n)) for n, code in enumerate(codes))
    return SearchResult("", hits, probability, relevance, 1, "1", 1.0)


def turn(result: SearchResult, within: SearchResult | None = None, **more: object) -> Turn:
    return Turn(text="…", procedure=BOAT, result=result, within=within, **more)  # type: ignore[arg-type]


def test_what_is_found_is_what_was_spoken_of(world: World) -> None:
    assert course(turn(found(BOAT)), world) == ("stay", BOAT)


def test_a_procedure_named_for_certain_is_taken_up(world: World) -> None:
    assert course(turn(found(KITE, probability=0.99)), world) == ("switch", KITE)


def test_a_likely_one_is_taken_up_only_if_it_stands_out_beside_the_one_at_hand(world: World) -> None:
    likely = found(KITE, probability=0.85, relevance=0.7)
    assert course(turn(likely, found(BOAT, KITE)), world) == ("switch", KITE)
    far = found(BOAT, *(f"9.2000{n:02}" for n in range(10)), KITE)
    assert course(turn(likely, far, intent="ask_fee"), world) == ("stay", BOAT)


def test_another_case_moves_within_the_field_only(world: World) -> None:
    unsure = found(BOAT_LOST, probability=0.45, relevance=0.6)
    assert course(turn(unsure, found(BOAT, BOAT_LOST), changes=True), world) == ("switch", BOAT_LOST)
    elsewhere = found(KITE, probability=0.45, relevance=0.6)
    assert course(turn(elsewhere, found(BOAT, KITE), changes=True), world) == ("stay", BOAT)


def test_another_case_that_beats_the_one_at_hand_is_taken_up(world: World) -> None:
    unsure = found(MANY, probability=0.2, relevance=0.6)
    assert course(turn(unsure, found(BOAT_LOST, BOAT), changes=True), world) == ("switch", BOAT_LOST)


def test_a_correction_after_a_list_chooses_from_the_list(world: World) -> None:
    offered = (Offered("a", BOAT), Offered("b", LANTERN))
    said = turn(found(KITE, probability=0.99), found(LANTERN, KITE), changes=True, offered=offered)
    assert course(said, world) == ("switch", LANTERN)


def test_what_clearly_names_something_else_is_asked_about_and_never_answered_from_the_one_at_hand(
    world: World,
) -> None:
    other = found(KITE, probability=0.55, relevance=0.9)
    assert course(turn(other, found(BOAT, KITE), intent="ask_documents"), world) == ("ask", "")


def test_a_detail_of_what_seems_another_procedure_is_asked_about(world: World) -> None:
    other = found(KITE, probability=0.4, relevance=0.6)
    assert course(turn(other, found(BOAT, KITE), intent="ask_documents"), world) == ("ask", "")


@pytest.mark.parametrize("intent", ["ask_fee", "ask_condition", "ask_duration"])
def test_a_detail_of_nothing_in_particular_stays(world: World, intent: str) -> None:
    assert course(turn(found(KITE, probability=0.2, relevance=0.3), intent=intent), world) == ("stay", BOAT)


def test_out_of_scope_is_left_to_be_decided_by_itself(world: World) -> None:
    assert course(turn(found(KITE, probability=0.2, relevance=0.0), intent="out_of_scope"), world) == (
        "open",
        "",
    )


def test_the_bars_stand_in_order() -> None:
    bars = Bars.load()
    assert 0 < bars.changed < bars.switch < bars.certain < 1
    assert 0 < bars.named < bars.relevant < bars.clear < 1


def test_a_list_is_narrowed_by_what_is_said_next() -> None:
    offered = (Offered("a", BOAT), Offered("b", LANTERN))
    said = Turn(text="…", offered=offered, result=found(KITE, LANTERN), within=found(LANTERN, BOAT))
    assert narrowed(said) == LANTERN


def test_a_list_is_not_narrowed_to_what_the_message_does_not_name() -> None:
    offered = (Offered("a", BOAT), Offered("b", LANTERN))
    assert narrowed(Turn(text="…", offered=offered, result=found(KITE), within=found(LANTERN, BOAT))) == ""
    assert narrowed(Turn(text="…", offered=offered, result=found(LANTERN), within=found(KITE, LANTERN))) == ""
