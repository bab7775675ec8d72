"""The live system, with every fault the simulator has: a named error or the truth, never a wrong state."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.dossiers import errors
from actions.dossiers.breaker import Breaker
from actions.dossiers.codes import Tail
from actions.dossiers.http_source import Client, HttpDossiers
from actions.dossiers.model import DossierState
from actions.dossiers.system_map import Absent, SystemMap, TokenMap, load_system_map
from tests.actions.dossiers.conftest import CODE, KEY, KEYS, NOBODYS, OTHER, WRONG, Ask
from tests.simulators.dossier_system import RECORD, DossierSystemSimulator, Fault

NAMED: dict[Fault, type[errors.SourceError]] = {
    Fault.SLOW: errors.SourceSlow,
    Fault.DRIP: errors.SourceSlow,
    Fault.ERROR: errors.SourceDown,
    Fault.BAD_GATEWAY: errors.SourceDown,
    Fault.HTML: errors.NotJson,
    Fault.HTML_404: errors.NotJson,
    Fault.TRUNCATED: errors.NotJson,
    Fault.NOT_UTF8: errors.NotJson,
    Fault.WRONG_TYPE: errors.NotJson,
    Fault.EMPTY: errors.NotJson,
    Fault.NOT_A_RECORD: errors.WrongRecord,
    Fault.WITHOUT_STATE: errors.WrongRecord,
    Fault.BAD_DATE: errors.WrongRecord,
    Fault.SOMEBODY_ELSE: errors.WrongRecord,
    Fault.UNKNOWN_STATE: errors.StateUnknown,
    Fault.DROPPED: errors.SourceDown,
    Fault.REDIRECT: errors.Redirected,
    Fault.FORBIDDEN: errors.Refused,
    Fault.TOO_MANY: errors.Refused,
    Fault.UNAUTHORISED: errors.CredentialsRefused,
    Fault.TOKEN_ERROR: errors.SourceDown,
    Fault.TOKEN_HTML: errors.NotJson,
    Fault.TOKEN_REFUSED: errors.CredentialsRefused,
    Fault.TOKEN_WITHOUT_TOKEN: errors.WrongRecord,
    Fault.TOKEN_SLOW: errors.SourceSlow,
}


def test_a_record_is_read_whole(ask: Ask) -> None:
    found = ask().find(CODE)
    assert found is not None
    assert (found.code, found.state, found.procedure_code) == (CODE, DossierState.PROCESSING, "1.013225")
    assert (found.in_charge_step, found.amount_due, found.pay_at) == ("Thẩm định", 150000, "Kho bạc Nhà nước")
    assert found.appointment_on and found.appointment_on.isoformat() == "2026-11-27"
    assert found.opens_to(KEY, KEYS) and not found.opens_to(WRONG, KEYS)


def test_a_code_that_does_not_exist_is_none_and_no_error(ask: Ask) -> None:
    assert ask().find(NOBODYS) is None


def test_every_fault_has_a_name() -> None:
    assert set(Fault) - set(NAMED) == {Fault.NONE, Fault.STALE}


@pytest.mark.parametrize("fault", NAMED, ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("code", [CODE, NOBODYS], ids=["exists", "does not"])
def test_a_fault_is_a_named_error_and_never_a_state(
    system: DossierSystemSimulator, ask: Ask, fault: Fault, code: Any
) -> None:
    source = ask(patience=0.6)
    system.fault = fault
    if code == NOBODYS and fault in (Fault.WITHOUT_STATE, Fault.BAD_DATE, Fault.SOMEBODY_ELSE, Fault.UNKNOWN_STATE):
        assert source.find(code) is None
        return
    began = time.monotonic()
    with pytest.raises(errors.SourceError) as named:
        source.find(code)
    assert type(named.value) is NAMED[fault]
    assert time.monotonic() - began < 2.0
    if isinstance(named.value, errors.StateUnknown):
        assert named.value.dossier.state is DossierState.UNKNOWN


def test_a_fault_that_passes_leaves_no_trace(system: DossierSystemSimulator, ask: Ask) -> None:
    source = ask(patience=0.5)
    for fault in NAMED:
        system.fault = fault
        system.expire_tokens()
        with pytest.raises(errors.SourceError):
            source.find(CODE)
        system.fault = Fault.NONE
        found = source.find(CODE)
        assert found and found.state is DossierState.PROCESSING


def test_a_system_that_is_not_there_is_down(system: DossierSystemSimulator, ask: Ask) -> None:
    source = ask()
    system.server.stop()
    with pytest.raises(errors.SourceDown):
        source.find(CODE)
    system.server.start()
    assert source.find(CODE)


def test_a_stale_record_says_its_age(system: DossierSystemSimulator, ask: Ask) -> None:
    system.fault = Fault.STALE
    found = ask().find(CODE)
    assert found and datetime.now(UTC) - found.as_of > timedelta(days=2)


# --- trying again


@pytest.mark.parametrize(
    ("fault", "asked"), [(Fault.BAD_GATEWAY, 3), (Fault.ERROR, 1), (Fault.DROPPED, 1), (Fault.HTML, 1)]
)
def test_only_a_gateway_that_is_down_is_asked_again(
    system: DossierSystemSimulator, ask: Ask, fault: Fault, asked: int
) -> None:
    system.fault = fault
    with pytest.raises(errors.SourceError):
        ask().find(CODE)
    assert system.requests["find"] == asked


def test_a_gateway_that_comes_back_in_time_is_not_noticed(system: DossierSystemSimulator, ask: Ask) -> None:
    system.fault, system.passing = Fault.BAD_GATEWAY, 2
    assert ask().find(CODE)


def test_a_slow_answer_is_not_asked_for_twice(system: DossierSystemSimulator, ask: Ask) -> None:
    system.fault = Fault.SLOW
    with pytest.raises(errors.SourceSlow):
        ask(patience=0.4).find(CODE)
    assert system.requests["find"] == 1


def test_a_connection_that_cannot_be_made_is_tried_again_without_waiting_long(system_map: SystemMap) -> None:
    tried: list[str] = []
    pauses: list[float] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        tried.append(request.method)
        raise httpx.ConnectError("refused")

    client = Client("http://nobody.test", "id", "secret")
    source = HttpDossiers(client, system_map, KEYS, transport=httpx.MockTransport(refuse), sleep=pauses.append)
    with pytest.raises(errors.SourceDown):
        source.find(CODE)
    assert tried == ["POST"] * 3
    assert len(set(pauses)) == 2 and all(0.05 <= pause <= 0.3 for pause in pauses)


# --- tokens


def test_one_token_serves_until_shortly_before_it_ends(system: DossierSystemSimulator, ask: Ask) -> None:
    now = [0.0]
    source = ask(clock=lambda: now[0])
    for _ in range(3):
        source.find(CODE)
    assert system.tokens_given == 1
    now[0] = 3600 - 61
    source.find(CODE)
    assert system.tokens_given == 1
    now[0] = 3600 - 59
    source.find(CODE)
    assert system.tokens_given == 2


def test_many_at_once_fetch_one_token(system: DossierSystemSimulator, ask: Ask) -> None:
    source = ask()
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(lambda _: source.find(CODE), range(48)))
    assert all(found) and system.tokens_given == 1


def test_a_token_withdrawn_in_the_middle_is_replaced_once(system: DossierSystemSimulator, ask: Ask) -> None:
    source = ask()
    source.find(CODE)
    system.expire_tokens()
    assert source.find(CODE)
    assert (system.tokens_given, system.requests["find"]) == (2, 3)


def test_tokens_that_last_a_moment_do(system: DossierSystemSimulator, ask: Ask) -> None:
    system.token_lasts = 0.2
    source = ask()
    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        assert source.find(CODE)
    assert system.tokens_given < system.requests["find"]


def test_credentials_in_the_body_are_taken_too(system: DossierSystemSimulator, ask: Ask, system_map: SystemMap) -> None:
    how = system_map.model_copy(update={"token": TokenMap(path="/oauth2/token", sent="body")})
    assert ask(how=how).find(CODE)


def test_a_wrong_secret_is_named(ask: Ask) -> None:
    with pytest.raises(errors.CredentialsRefused):
        ask(secret="wrong").find(CODE)


# --- the circuit breaker


def test_a_system_that_keeps_failing_is_left_alone_and_then_tried_by_one(
    system: DossierSystemSimulator, ask: Ask
) -> None:
    now = [0.0]
    source = ask(breaker=Breaker(failures=3, rest_s=30, clock=lambda: now[0]))
    system.fault = Fault.ERROR
    for _ in range(10):
        with pytest.raises(errors.SourceDown):
            source.find(CODE)
    assert system.requests["find"] == 3
    now[0] = 31.0
    with pytest.raises(errors.SourceDown):
        source.find(CODE)
    with pytest.raises(errors.SourceDown):
        source.find(CODE)
    assert system.requests["find"] == 4
    system.fault, now[0] = Fault.NONE, 62.0
    assert source.find(CODE) and source.find(CODE)


def test_a_breaker_lets_one_try_through_at_a_time() -> None:
    now = [0.0]
    breaker = Breaker(failures=1, rest_s=1, clock=lambda: now[0])
    with pytest.raises(errors.SourceSlow), breaker.call():
        raise errors.SourceSlow
    assert breaker.is_open
    now[0] = 2.0
    with breaker.call():
        with pytest.raises(errors.SourceDown), breaker.call():
            pass
        assert breaker.is_open
    assert not breaker.is_open


def test_answers_that_are_wrong_do_not_open_the_breaker(system: DossierSystemSimulator, ask: Ask) -> None:
    source = ask()
    system.fault = Fault.HTML
    for _ in range(7):
        with pytest.raises(errors.NotJson):
            source.find(CODE)
    assert system.requests["find"] == 7


# --- searching and following


def test_a_tail_opens_to_its_key_alone_and_the_key_is_not_sent(system: DossierSystemSimulator, ask: Ask) -> None:
    source = ask()
    assert [found.code for found in source.find_by_tail(Tail("0001"), KEY)] == [CODE]
    assert [found.code for found in source.find_by_tail(Tail("0001", "261105"), KEY)] == [CODE]
    assert source.find_by_tail(Tail("0001"), WRONG) == source.find_by_tail(Tail("9999"), KEY) == ()
    assert source.find_by_tail(Tail("0001", "261106"), KEY) == ()


def test_a_system_without_search_says_so(ask: Ask) -> None:
    source = ask(how=load_system_map())
    with pytest.raises(errors.CannotSearch):
        source.find_by_tail(Tail("0001"), KEY)
    with pytest.raises(errors.CannotSearch):
        source.changed_since("")


def test_changes_come_in_pages_and_not_before_they_were_asked_for(system: DossierSystemSimulator, ask: Ask) -> None:
    source = ask()
    begun = source.changed_since("")
    assert begun.dossiers == ()
    later = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    for code in (CODE, OTHER, NOBODYS):
        system.records[code.value] = RECORD | {"code": code.value, "state_changed_at": later}
    first = source.changed_since(begun.cursor, limit=2)
    rest = source.changed_since(first.cursor, limit=2)
    assert (first.more, rest.more) == (True, False)
    assert {d.code for d in (*first.dossiers, *rest.dossiers)} == {CODE, OTHER, NOBODYS}


def test_a_cursor_of_somebody_else_is_an_error(ask: Ask) -> None:
    with pytest.raises(errors.SourceDown):
        ask().changed_since("yesterday")


# --- odd answers, without a network


def _answering(answer: httpx.Response | Exception, how: SystemMap | None = None) -> HttpDossiers:
    def serve(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200, json={"access_token": "t", "expires_in": "3600"})
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = Client("https://lgsp.test", "id", "secret")
    return HttpDossiers(
        client, how or load_system_map(), KEYS, transport=httpx.MockTransport(serve), sleep=lambda _: None
    )


@pytest.mark.parametrize(
    "cause",
    [
        httpx.ReadError("x"), httpx.WriteError("x"), httpx.PoolTimeout("x"), httpx.RemoteProtocolError("x"),
        httpx.ProxyError("x"), httpx.UnsupportedProtocol("x"), httpx.DecodingError("x"), httpx.TooManyRedirects("x"),
    ],
    ids=lambda cause: type(cause).__name__,
)  # fmt: skip
def test_whatever_the_network_does_is_a_named_error(cause: Exception) -> None:
    with pytest.raises(errors.SourceError):
        _answering(cause).find(CODE)


def test_an_answer_without_end_is_not_kept() -> None:
    huge = httpx.Response(200, content=b"[" + b"1," * 5_000_000, headers={"content-type": "application/json"})
    with pytest.raises(errors.NotJson):
        _answering(huge).find(CODE)


def test_a_system_may_say_absence_in_its_own_way() -> None:
    usual = load_system_map()
    find = usual.find.model_copy(update={"absent": Absent(status=200, field="error", value="NOT_FOUND")})
    how = usual.model_copy(update={"find": find})
    assert _answering(httpx.Response(200, json={"error": "NOT_FOUND"}), how).find(CODE) is None
    with pytest.raises(errors.Refused):
        _answering(httpx.Response(404, json={"message": "no route"}), how).find(CODE)
    with pytest.raises(errors.WrongRecord):
        _answering(httpx.Response(200, json={"error": "BUSY"}), how).find(CODE)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.sampled_from(["4", CODE.value]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "code", "state", "applicant", "phone", "payment"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(body=JSON)
def test_any_json_is_read_or_refused(body: object) -> None:
    answer = httpx.Response(200, content=json.dumps(body).encode(), headers={"content-type": "application/json"})
    try:
        found = _answering(answer).find(CODE)
    except errors.SourceError:
        return
    assert found is not None and found.code == CODE


@given(body=st.binary(max_size=60), status=st.sampled_from([200, 404, 500, 302, 204]))
def test_any_bytes_are_read_or_refused(body: bytes, status: int) -> None:
    answer = httpx.Response(status, content=body, headers={"content-type": "application/json"})
    with suppress(errors.SourceError):
        assert _answering(answer).find(CODE) is None and status == 404
