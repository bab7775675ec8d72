"""Pages as HTML: templates, their words, and the cookies of an answer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from channels.console import access
from channels.console.csrf import FIELD, HEADER
from channels.console.errors import Refused, TooManyTries
from channels.console.page import Tile
from channels.storage import in_utc

FOLDER = Path(__file__).parent
_WORDING = FOLDER.parent / "wording"
VIETNAM = timezone(timedelta(hours=7))
_COOKIE: dict[str, Any] = {"path": access.ROOT, "httponly": True, "samesite": "lax"}


@cache
def words() -> dict[str, Any]:
    """Gives all words by section: those of `wording/console.yaml`, and `wording/console_<section>.yaml` each as one.

    Raises:
        OSError, ValueError, yaml.YAMLError: a file is missing or not what it should be.
    """
    said: dict[str, Any] = _read(_WORDING / "console.yaml")
    for file in sorted(_WORDING.glob("console_*.yaml")):
        section = file.stem.removeprefix("console_")
        if section in said:
            raise ValueError(f"{file.name}: the section {section} stands in console.yaml as well")
        said[section] = _read(file)
    return said


@cache
def audit_words() -> dict[str, str]:
    """Gives how each entry of the audit log is told: the `audit` of all sections together."""
    return {what: told for section in words().values() for what, told in section.get("audit", {}).items()}


def show(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Gives a page.

    The template finds: `words`, the section named like its folder; `frame`, the words of all pages; `who`, the
    member, or None; `may`, which takes the name of a permission; and what is handed over here.

    Args:
        request: the one to be answered.
        template: path under `templates/`; a name that begins with an underscore is a fragment for htmx.
        status: HTTP status.
        values: for the template.
    """
    said = words()
    folder = template.partition("/")[0]
    who = getattr(request.state, "member", None)
    section = said.get(folder, {})
    done = section.get("done", {}).get(request.query_params.get("done", ""), "")
    content = (
        templates()
        .get_template(template)
        .render(
            words=section,
            frame=said["frame"],
            said=said,
            who=who,
            may=who.may if who else _nothing,
            tiles=_tiles(request),
            path=request.url.path,
            csrf=getattr(request.state, "csrf", ""),
            csrf_field=FIELD,
            csrf_header=HEADER,
            done=done,
            **values,
        )
    )
    answer = HTMLResponse(content, status)
    door = getattr(request.state, "new_door", "")
    if door:
        answer.set_cookie(access.DOOR_COOKIE, door, secure=access.is_private(request), **_COOKIE)
    return answer


def go(address: str, done: str = "") -> Response:
    """Leads on to a page after a form.

    Args:
        address: path of the page.
        done: key of what the page says was done, under `done` of its section.
    """
    joint = "&" if "?" in address else "?"
    return RedirectResponse(f"{address}{joint}done={done}" if done else address, 303)


def keep(request: Request, answer: Response, token: str) -> Response:
    """Gives the browser the token of its session, or takes it away when it is empty."""
    secure = access.is_private(request)
    if token:
        answer.set_cookie(access.SESSION_COOKIE, token, secure=secure, **_COOKIE)
        answer.delete_cookie(access.DOOR_COOKIE, secure=secure, **_COOKIE)
    else:
        answer.delete_cookie(access.SESSION_COOKIE, secure=secure, **_COOKIE)
    return answer


def refuse(request: Request, refused: Refused) -> Response:
    """Gives the page, or the fragment, that says why something cannot be done."""
    told = words()["refusals"][refused.words]
    minutes = math.ceil(refused.seconds / 60) if isinstance(refused, TooManyTries) else 0
    detail = told["detail"].format(minutes=minutes) if minutes else told["detail"]
    return problem(request, refused.status, told["title"], detail, told["next"], _retry(refused))


def problem(
    request: Request, status: int, title: str, detail: str, advice: str, headers: dict[str, str] | None = None
) -> Response:
    """Gives a page that says what happened and what to do; for htmx a fragment, put where the page says notices."""
    by_htmx = "hx-request" in request.headers
    template = "frame/_problem.html" if by_htmx else "frame/problem.html"
    answer = show(request, template, status, title=title, detail=detail, advice=advice)
    answer.headers.update(headers or {})
    if by_htmx:
        answer.headers.update({"HX-Retarget": "#notices", "HX-Reswap": "innerHTML"})
    return answer


def lead(request: Request, address: str) -> Response:
    """Sends a browser to another page first; what is no page of a browser gets 401."""
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": address})
    if request.method == "GET" and "text/event-stream" in request.headers.get("accept", ""):
        return Response(status_code=401)
    return RedirectResponse(address, 303)


@cache
def templates() -> Environment:
    """Gives the templates: everything escaped, and an error for what is not there."""
    made = _Templates(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["moment"] = moment
    made.filters["day"] = day
    return made


class _Templates(Environment):
    def getattr(self, obj: Any, attribute: str) -> Any:
        # A word may be called `clear` or `items`, as methods of dictionaries are.
        return obj[attribute] if isinstance(obj, dict) and attribute in obj else super().getattr(obj, attribute)


def moment(at: datetime | None) -> str:
    """Writes a time as in Vietnam: 22/11/2026 09:30."""
    return f"{in_utc(at).astimezone(VIETNAM):%d/%m/%Y %H:%M}" if at else ""


def day(at: datetime | None) -> str:
    """Writes a day as in Vietnam: 22/11/2026."""
    return f"{in_utc(at).astimezone(VIETNAM):%d/%m/%Y}" if at else ""


def _tiles(request: Request) -> list[Tile]:
    who = getattr(request.state, "member", None)
    listed: Iterable[Tile] = getattr(request.app.state, "tiles", ())
    return [tile for tile in listed if who and who.may(tile.permission)]


def _nothing(_: str) -> bool:
    return False


def _retry(refused: Refused) -> dict[str, str]:
    return {"Retry-After": str(refused.seconds)} if isinstance(refused, TooManyTries) else {}


def _read(file: Path) -> dict[str, Any]:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"{file.name} is not a mapping")
    return content
