"""Ratings through the API, and the reports that come of them and of talk."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from channels.handover import reports
from channels.handover.reports import Report
from channels.storage import now
from tests.channels.conftest import Visitor, come_in
from tests.channels.handover.conftest import Gateway
from tests.simulators.rasa import DOCUMENTS

pytestmark = pytest.mark.anyio

QUESTION = "làm khai sinh, cccd 001099012345"


async def rate(visitor: Visitor, **body: Any) -> httpx.Response:
    return await visitor.http.post("/api/v1/chat/ratings", json=body, headers=visitor.headers)


def kept(gateway: Gateway) -> list[tuple[bool, str]]:
    with gateway.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT useful, reason FROM message_rating").all()
    return [(bool(useful), reason) for useful, reason in rows]


def waiting(gateway: Gateway) -> list[Report]:
    with gateway.engine.connect() as connection:
        return reports.reports(connection, done=False)


@pytest.fixture
async def answered(visitor: Visitor) -> str:
    message_id: str = (await visitor.send("m1", text=QUESTION)).json()["message_id"]
    return message_id


async def test_the_last_rating_of_an_answer_counts(gateway: Gateway, visitor: Visitor, answered: str) -> None:
    for body in ({"useful": True}, {"useful": False, "reason": "unclear"}, {"useful": False}, {"useful": True}):
        answer = await rate(visitor, message_id=answered, **body)
        assert (answer.status_code, answer.content) == (204, b"")
    assert kept(gateway) == [(True, "")]


async def test_a_wrong_answer_is_reported_once_with_its_receipt_and_the_masked_question(
    gateway: Gateway, visitor: Visitor, answered: str
) -> None:
    for _ in range(2):
        await rate(visitor, message_id=answered, useful=False, reason="wrong")
    (report,) = waiting(gateway)
    assert (report.receipt, report.procedure, report.aspect) == (DOCUMENTS.receipt, "1.001193", "documents")
    assert (report.question, report.answer) == ("làm khai sinh, cccd ••••••••••45", DOCUMENTS)


async def test_who_takes_it_back_takes_the_report_back_until_somebody_has_dealt_with_it(
    gateway: Gateway, visitor: Visitor, answered: str
) -> None:
    await rate(visitor, message_id=answered, useful=False, reason="wrong")
    await rate(visitor, message_id=answered, useful=True)
    assert waiting(gateway) == []
    await rate(visitor, message_id=answered, useful=False, reason="wrong")
    with gateway.engine.begin() as connection:
        assert reports.mark_done(connection, waiting_id(connection), "lan", now())
    await rate(visitor, message_id=answered, useful=True)
    with gateway.engine.connect() as connection:
        assert [r.done_by for r in reports.reports(connection, done=True)] == ["lan"]
        assert reports.waiting_reports(connection) == 0


def waiting_id(connection: Any) -> str:
    (report,) = reports.reports(connection, done=False)
    return report.id


async def test_saying_that_it_is_wrong_reports_the_answer_before(gateway: Gateway, visitor: Visitor) -> None:
    await visitor.send("m1", text=QUESTION)
    await visitor.send("m2", text="xin chào")
    await visitor.send("m3", text="trả lời sai rồi")
    (report,) = waiting(gateway)
    assert (report.source, report.receipt) == ("said", DOCUMENTS.receipt)


async def test_saying_so_before_any_answer_reports_nothing(gateway: Gateway, visitor: Visitor) -> None:
    assert (await visitor.send("m1", text="trả lời sai rồi")).json()["replies"]
    assert waiting(gateway) == []


async def test_only_ones_own_answered_messages_can_be_rated(gateway: Gateway, visitor: Visitor, answered: str) -> None:
    stranger = await come_in(gateway.http)
    for who, message_id in ((stranger, answered), (visitor, "0" * 32), (visitor, "x")):
        refused = await rate(who, message_id=message_id, useful=True)
        assert refused.status_code == 404
        assert refused.headers["content-type"] == "application/problem+json"
    assert kept(gateway) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"message_id": "x"},
        {"useful": True},
        {"message_id": "x", "useful": "yes"},
        {"message_id": "x", "useful": 1},
        {"message_id": "x", "useful": False, "reason": "boring"},
        {"message_id": "x/y", "useful": True},
        {"message_id": "x", "useful": True, "more": 1},
    ],
)
async def test_what_is_no_rating_is_refused(visitor: Visitor, body: dict[str, Any]) -> None:
    refused = await rate(visitor, **body)
    assert refused.status_code == 422
    assert refused.json()["errors"]


async def test_without_a_token_nothing_is_rated(gateway: Gateway, answered: str) -> None:
    refused = await gateway.http.post("/api/v1/chat/ratings", json={"message_id": answered, "useful": True})
    assert refused.status_code == 401


async def test_ratings_go_with_the_conversation(gateway: Gateway, visitor: Visitor, answered: str) -> None:
    await rate(visitor, message_id=answered, useful=False, reason="wrong")
    await visitor.http.delete("/api/v1/chat/sessions/current", headers=visitor.headers)
    assert kept(gateway) == []
    (report,) = waiting(gateway)
    assert (report.question, report.answer, report.receipt) == ("", None, DOCUMENTS.receipt)
