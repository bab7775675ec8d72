"""Problems (RFC 9457): every refusal as JSON, in Vietnamese, with what to do next."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from channels import wording
from channels.errors import Malformed, RasaUnavailable, Refusal, StorageUnavailable, TooMany

logger = logging.getLogger(__name__)

_BY_STATUS = {404: "not_found", 405: "method_not_allowed"}
# Kinds of pydantic's complaints, as keys of the wording.
_FAULTS = {
    "missing": "missing",
    "extra_forbidden": "unknown",
    "string_type": "text",
    "string_pattern_mismatch": "id",
    "json_invalid": "json",
    "either": "either",
}


class FieldFault(BaseModel):
    """What is wrong with one field of the request."""

    field: str
    message: str


class Problem(BaseModel):
    """Body of every refusal, `application/problem+json`."""

    type: str = Field(description="`urn:motcua:problem:…`, one for each kind of problem")
    title: str
    status: int
    detail: str = Field(description="what happened, in Vietnamese")
    next: str = Field(description="what the person can do, in Vietnamese")
    errors: list[FieldFault] | None = None


def problem(
    status: int, key: str, fields: dict[str, str] | None = None, headers: dict[str, str] | None = None
) -> Response:
    """Makes the answer for a problem.

    Args:
        status: HTTP status.
        key: of the wording.
        fields: names of fields at fault and the key of what is wrong with each.
        headers: more headers of the answer.
    """
    said = wording.problems()[key]
    body = Problem(
        type=f"urn:motcua:problem:{key.replace('_', '-')}",
        title=said.title,
        status=status,
        detail=said.detail,
        next=said.next,
        errors=[
            FieldFault(field=name, message=wording.field_faults()[fault])
            for name, fault in (fields or {}).items()
        ]
        or None,
    )
    return JSONResponse(
        body.model_dump(exclude_none=True), status, headers, media_type="application/problem+json"
    )


def refusal(error: Refusal) -> Response:
    """Makes the answer for a refusal."""
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, RasaUnavailable | StorageUnavailable):
        logger.warning("no answer: %s: %s", type(error).__name__, error)
        headers["Retry-After"] = "5"
    elif error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    elif error.status == 413:
        # The rest of the body is still on its way.
        headers["Connection"] = "close"
    return problem(error.status, error.problem, getattr(error, "fields", None), headers)


def unexpected(error: Exception) -> Response:
    """Makes the answer for an error nobody foresaw, and logs where it was raised.

    The text of the exception is not logged: it may quote what a person wrote.
    """
    where = "".join(traceback.format_tb(error.__traceback__)[-4:])
    logger.error("unexpected %s at\n%s", type(error).__name__, where)
    return problem(500, "internal")


def faults(error: ValidationError | RequestValidationError) -> Malformed:
    """Turns pydantic's complaints into ours, none of which repeats the input."""
    fields: dict[str, str] = {}
    for complaint in error.errors()[:10]:
        # A body's complaint names the field; an unknown field's name is the sender's, so it is cut.
        name = ".".join(str(part) for part in complaint["loc"] if part not in ("body", "query"))[:40]
        fields[name or "body"] = _FAULTS.get(complaint["type"], "other")
    return Malformed(fields)


def install(app: FastAPI) -> None:
    """Answers every error of an application with a problem."""

    async def on_refusal(_: Request, error: Any) -> Response:
        return refusal(error)

    async def on_validation(_: Request, error: Any) -> Response:
        return refusal(faults(error))

    async def on_http(_: Request, error: Any) -> Response:
        status = error.status_code
        return problem(
            status, _BY_STATUS.get(status, "malformed" if status < 500 else "internal"), headers=error.headers
        )

    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
