from __future__ import annotations

import time
from collections.abc import AsyncIterator

import httpx
import pytest

from channels.errors import RasaUnavailable
from channels.rasa_client import Answer, EraseSignal, HandoverSignal, RasaClient, ReportSignal
from motcua.reply import Choice, Reply
from tests.simulators.rasa import DOCUMENTS, TOKEN, Fault, RasaSimulator

pytestmark = pytest.mark.anyio

PATIENCE = 0.8


@pytest.fixture
async def client(rasa: RasaSimulator) -> AsyncIterator[RasaClient]:
    ours = RasaClient(rasa.server.url, TOKEN, PATIENCE)
    yield ours
    await ours.close()


async def test_replies_come_back_as_they_were_sent(client: RasaClient, rasa: RasaSimulator) -> None:
    assert await client.ask("ann", "làm khai sinh") == Answer((DOCUMENTS,))
    assert (rasa.heard[0].sender, rasa.heard[0].metadata) == ("ann", {"channel": "web"})


@pytest.mark.parametrize("fault", [f for f in Fault if f not in (Fault.NONE, Fault.NO_MODEL)])
async def test_every_fault_of_the_bot_is_told_in_time_and_asked_once(
    client: RasaClient, rasa: RasaSimulator, fault: Fault
) -> None:
    rasa.fault = fault
    begun = time.monotonic()
    with pytest.raises(RasaUnavailable) as told:
        await client.ask("ann", "câu hỏi riêng tư")
    assert time.monotonic() - begun < PATIENCE + 1
    assert "riêng tư" not in str(told.value)
    assert len(rasa.heard) <= 1

    rasa.fault = Fault.NONE
    assert await client.ask("ann", "làm khai sinh") == Answer((DOCUMENTS,))


async def test_a_bot_that_is_down_is_told_and_found_again(client: RasaClient, rasa: RasaSimulator) -> None:
    rasa.server.stop()
    try:
        with pytest.raises(RasaUnavailable):
            await client.ask("ann", "xin chào")
        assert not await client.is_ready()
    finally:
        rasa.server.start()
    assert await client.ask("ann", "xin chào")
    assert await client.is_ready()


async def test_a_bot_without_a_model_is_not_ready(client: RasaClient, rasa: RasaSimulator) -> None:
    rasa.fault = Fault.NO_MODEL
    assert not await client.is_ready()


async def test_a_choice_that_could_not_be_tapped_is_left_out() -> None:
    good, bad = Choice(title="Lệ phí", payload="ask:fee:1.001193"), Choice(title="Xấu", payload="/restart")
    reply = Reply(kind="clarify", text="?", choices=(good, bad))

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[{"recipient_id": "ann", "custom": reply.model_dump(mode="json")}])

    client = RasaClient("http://bot", TOKEN, PATIENCE, transport=httpx.MockTransport(answer))
    received = await client.ask("ann", "xin chào")
    await client.close()
    assert [r.choices for r in received.replies] == [(good,)]


@pytest.mark.parametrize(
    ("message", "signal"),
    [
        ("gặp cán bộ", HandoverSignal(reason="asked")),
        ("không hiểu gì cả", HandoverSignal(reason="failed")),
        ("quá tệ", HandoverSignal(reason="complaint")),
        ("trả lời sai rồi", ReportSignal(reason="wrong")),
        ("đúng, xóa hết dữ liệu", EraseSignal()),
    ],
)
async def test_signals_are_told_from_replies(client: RasaClient, message: str, signal: object) -> None:
    answer = await client.ask("ann", message)
    assert answer.signals == (signal,) and len(answer.replies) == 1


async def test_a_signal_that_is_not_known_is_dropped(client: RasaClient) -> None:
    answer = await client.ask("ann", "tín hiệu lạ")
    assert answer.signals == () and len(answer.replies) == 1


@pytest.mark.parametrize(
    "said",
    [
        [{"signal": "dance"}],
        [{"signal": "handover", "reason": "bored"}],
        [{"signal": "handover"}],
        [{"signal": ["handover"]}],
        [{"kind": "answer"}],
    ],
)
async def test_an_answer_of_nothing_that_is_known_is_no_answer(said: list[object]) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[{"recipient_id": "ann", "custom": one} for one in said])

    client = RasaClient("http://bot", TOKEN, PATIENCE, transport=httpx.MockTransport(answer))
    with pytest.raises(RasaUnavailable):
        await client.ask("ann", "xin chào")
    await client.close()
