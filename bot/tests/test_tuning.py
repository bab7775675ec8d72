"""What is replaced in Rasa is still what Rasa uses."""

from __future__ import annotations

import inspect

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction

from bot.tuning import check_action_schema_once


def test_rasa_looks_both_up_at_each_call() -> None:
    source = inspect.getsource(RemoteAction.run)
    assert "self._validate_action_result(response)" in source
    assert "timeout=DEFAULT_REQUEST_TIMEOUT" in source


@pytest.mark.parametrize("answer", [{"events": 3}, {"responses": {}}, [], {"events": [{"event": 1}]}])
def test_a_malformed_answer_of_an_action_is_still_refused(answer: object) -> None:
    check_action_schema_once()
    with pytest.raises(ValidationError):
        RemoteAction("action_answer", None)._validate_action_result(answer)


def test_a_good_answer_is_taken() -> None:
    check_action_schema_once()
    events = [{"event": "slot", "timestamp": None, "name": "procedure", "value": "1.001193"}]
    answer = {"events": events, "responses": [{"custom": {"kind": "answer"}}]}
    assert RemoteAction("action_answer", None)._validate_action_result(answer)
