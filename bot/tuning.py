"""Two things of Rasa 3.6 that a busy server needs otherwise and that no setting reaches.

Both replace what Rasa looks up by name at each call; a test fails when a version no longer does.
"""

from __future__ import annotations

from typing import Any

import rasa.core.actions.action as rasa_action
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction


def limit_action_time(seconds: float) -> None:
    """Gives up on the actions server after so many seconds; Rasa's own limit is five minutes."""
    rasa_action.DEFAULT_REQUEST_TIMEOUT = seconds


def check_action_schema_once() -> None:
    """Checks answers of the actions server against a schema that is itself checked only once.

    Rasa checks the schema anew at each message, which costs more than everything else it does.
    """
    schema = RemoteAction.action_response_format_spec()
    checker = validator_for(schema)
    checker.check_schema(schema)
    validator = checker(schema)

    def validate(_: RemoteAction, result: Any) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate
