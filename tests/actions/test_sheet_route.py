"""What the actions server tells a printed sheet, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from actions.compose import answer_about
from actions.world import World
from channels.sheet.facts import ProcedureFacts
from tests.actions.samples import BOAT, CURATED, NAME_ONLY
from tests.actions.test_rasa_actions import TOKEN, ActionsServer


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[httpx.Client]:
    with ActionsServer(world) as running:
        base = f"http://127.0.0.1:{running.port}"
        with httpx.Client(base_url=base, timeout=20, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            yield client


@pytest.mark.parametrize("code", [BOAT, CURATED])
def test_a_procedure_is_told_in_five_parts(server: httpx.Client, world: World, code: str) -> None:
    told = ProcedureFacts.model_validate(server.get(f"/sheet/{code}").json())
    procedure = world.procedure(code)
    assert procedure is not None and told.name
    assert [reply.aspect for reply in told.replies] == ["documents", "fee", "duration", "where", "steps"]
    assert all(reply == answer_about(procedure, reply.aspect) for reply in told.replies if reply.aspect)


def test_of_a_procedure_known_by_name_only_the_name_is_told(server: httpx.Client) -> None:
    told = ProcedureFacts.model_validate(server.get(f"/sheet/{NAME_ONLY}").json())
    assert told.name and told.replies == ()


def test_an_unknown_procedure_is_not_there(server: httpx.Client) -> None:
    assert server.get("/sheet/9.999999").status_code == 404


def test_without_the_token_nothing_is_told(server: httpx.Client) -> None:
    assert httpx.get(f"{server.base_url}/sheet/{BOAT}", timeout=20).status_code == 401
