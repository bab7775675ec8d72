from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.conversation import read_turn, slots_after
from actions.pipeline import answer, steps
from actions.steps.compose import Compose
from actions.turn import Status, Turn
from actions.world import World
from motcua.reply import PAYLOAD, Kind, Reply
from tests.actions.conftest import Say
from tests.actions.samples import BOAT, CURATED, NAME_ONLY

INTENTS = [
    "ask_overview", "ask_documents", "ask_fee", "ask_duration", "ask_where", "ask_steps", "ask_online", "ask_form",
    "ask_legal", "ask_result", "ask_condition", "choose", "out_of_scope", "nlu_fallback", "greet", "deny", "",
]  # fmt: skip


@pytest.mark.parametrize("status", get_args(Status))
def test_every_status_has_a_reply(world: World, status: Status) -> None:
    turn = Turn(text="…", status=status, danger="fire", improper="forged")
    turn.target = world.procedure(BOAT) if status == "answered" else None
    Compose(world).run(turn)
    assert turn.reply is not None and turn.reply.text and turn.reply.kind in get_args(Kind)


def test_an_answer_has_a_receipt_that_leads_back_to_it(say: Say, world: World) -> None:
    reply = say("mở bến đò", "ask_fee").reply
    assert reply is not None and reply.procedure == CURATED and "50.000 đồng" in reply.text
    found = world.receipts.find(reply.receipt)  # type: ignore[attr-defined]
    assert found is not None and found[1] == reply.model_copy(update={"receipt": ""})


def test_a_tapped_choice_is_answered_without_a_search(say: Say) -> None:
    turn = say("/ask_fee{}", "ask_fee", procedure=BOAT)
    assert turn.target is not None and turn.target.code == BOAT and turn.result is None


def test_a_tapped_choice_that_the_catalogue_lost_is_no_dead_end(say: Say) -> None:
    reply = say("", "ask_fee", procedure="9.999999").reply
    assert reply is not None and reply.choices


def test_a_procedure_known_by_name_only_says_so(say: Say) -> None:
    turn = say("", "ask_overview", procedure=NAME_ONLY)
    assert (
        turn.status == "named_only" and turn.reply is not None and "chưa có phần chi tiết" in turn.reply.text
    )


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "???", "\u200b\u200b", "🏴\U000e0067\U000e007f"])
def test_a_message_without_a_word_is_not_found_politely(say: Say, text: str) -> None:
    reply = say(text).reply
    assert reply is not None and reply.kind == "refuse_offtopic" and "anh/chị" in reply.text


def test_what_was_offered_after_finding_nothing_can_be_chosen(world: World) -> None:
    turn = Turn(text="…", status="not_found")
    turn.choices = tuple(p for p in (world.procedure(BOAT),) if p)
    Compose(world).run(turn)
    assert slots_after(turn)["offered"] == [{"title": "Đăng ký thuyền nan lần đầu", "code": BOAT}]


def test_talk_in_between_leaves_the_procedure_at_hand(say: Say) -> None:
    say("đăng ký thuyền nan")
    off = say("bitcoin lên giá chưa", "out_of_scope")
    assert off.reply is not None and off.reply.kind == "refuse_offtopic"
    turn = say("nộp ở đâu", "ask_where")
    assert turn.target is not None and turn.target.code == BOAT


codes = st.sampled_from([BOAT, CURATED, NAME_ONLY, "9.999999", "x", ""])
slot_values = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.integers(),
    st.lists(
        st.one_of(
            st.none(),
            st.fixed_dictionaries({"title": st.text(max_size=90), "code": codes}),
            st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
        ),
        max_size=4,
    ),
)
slots = st.fixed_dictionaries(
    {},
    optional={
        "procedure": st.one_of(codes, slot_values),
        "aspect": st.one_of(st.sampled_from(["fee", "documents", "nonsense"]), slot_values),
        "offered": slot_values,
        "question": slot_values,
    },
)
entities = st.lists(
    st.fixed_dictionaries(
        {
            "entity": st.sampled_from(["procedure", "number", "ordinal", "digits", "dossier_code"]),
            "value": st.one_of(codes, st.integers(-3, 12), st.text(max_size=8), st.none()),
        }
    ),
    max_size=2,
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200), intent=st.sampled_from(INTENTS), slots=slots, entities=entities)
def test_whatever_comes_in_there_is_one_reply(
    world: World, text: str, intent: str, slots: dict[str, Any], entities: list[dict[str, Any]]
) -> None:
    turn = read_turn(text, {"intent": {"name": intent}, "entities": entities}, slots)
    answer(turn, steps(world))
    assert isinstance(turn.reply, Reply) and turn.reply.text.strip()
    assert all(PAYLOAD.fullmatch(choice.payload) for choice in turn.reply.choices)
    after = slots_after(turn)
    assert set(after) <= {"procedure", "aspect", "offered", "question", "case"}
    read_turn("2", {"intent": {"name": "choose"}}, slots | after)


def test_two_aspects_in_one_message_are_both_answered(say: Say) -> None:
    turn = say("đăng ký thuyền nan lần đầu cần giấy tờ gì và hết bao nhiêu tiền", "ask_documents")
    assert turn.reply and [turn.reply.aspect, *(reply.aspect for reply in turn.more)] == ["documents", "fee"]
    assert not turn.reply.choices and turn.more[-1].choices
    assert {reply.procedure for reply in (turn.reply, *turn.more)} == {turn.reply.procedure}


def test_an_aspect_that_rasa_did_not_hear_is_read_from_the_words(say: Say) -> None:
    turn = say("đăng ký thuyền nan lần đầu hết bao nhiêu tiền", "nlu_fallback")
    assert turn.reply and turn.reply.aspect == "fee" and not turn.more
