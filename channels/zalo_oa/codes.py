"""Zalo's error codes, each in the class that says what to do.

The tables are the OpenAPI's and the template service's own; the classes are ours. A code that is in no table counts
as permanent: repeating what is not understood helps nobody.
"""

from __future__ import annotations

from channels.zalo.errors import (
    OVER_THE_RATE,
    Again,
    CallFailed,
    CannotReach,
    OutcomeUnknown,
    Passing,
    Permanent,
    SetUpWrong,
    TokenRefused,
    When,
)

_ONCE = Again(When.BACKOFF, 1)
_MORNING = Again(When.IN_THE_MORNING, 1)

_TOKEN = (-216, -220, 216, 401, -401, -124)

_ACCOUNT_PASSING = {
    -32: OVER_THE_RATE,
    -100: Again(When.AFTER_UPLOAD, 1),
    -200: _ONCE,
    -214: Again(When.BACKOFF, 3),
    -234: _MORNING,
}
_ACCOUNT_CANNOT_REACH = (-213, -217, -218, -227, -230, -232, -244)
_ACCOUNT_PERMANENT = (-201, -210, -233, -240, -248, -249, -403)
_ACCOUNT_SET_UP = (
    *(-204, -205, -209, -211, -212, -219, -221, -223, -224),
    *(-235, -237, -238, -241, -242, -320, -321),
)

_TEMPLATE_PASSING = {-133: _MORNING}
_TEMPLATE_CANNOT_REACH = (-110, -114, -118, -119, -134, -139, -140, -141)
_TEMPLATE_PERMANENT = (
    *(-107, -108, -109, -111, -112, -113, -1131, -116, -121, -122, -1121, -1122, -1124, -1123, -130, -132, -153),
    *(-1091, -123, -127, -128, -129, -142, -143, -148, -149, -150, -1491, -151, -152, -158, -159, -161, -162),
)
_TEMPLATE_SET_UP = (
    *(-101, -102, -103, -104, -105, -106, -117, -120, -1201, -1202, -125, -135, -1351, -136, -137),
    *(-138, -1381, -145, -1241, -131, -146, -126, -1441, -147, -1471, -1472, -160),
)
# The wallet or the day's quota is empty: somebody must know, and tomorrow it may go.
_TEMPLATE_TOMORROW = (-115, -144)


def account_failure(call: str, code: int, status: int) -> CallFailed:
    """Gives the error for a code of the OpenAPI (`openapi.zalo.me`)."""
    if code in _ACCOUNT_PASSING:
        return Passing(call, "not now", code=code, status=status, again=_ACCOUNT_PASSING[code])
    if code in _ACCOUNT_CANNOT_REACH:
        return CannotReach(call, "this person cannot be written to", code=code, status=status)
    if code in _ACCOUNT_SET_UP:
        return SetUpWrong(call, "account, application or quota", code=code, status=status)
    return _other(call, code, status, code in _ACCOUNT_PERMANENT)


def template_failure(call: str, code: int, status: int) -> CallFailed:
    """Gives the error for a code of the template service (`business.openapi.zalo.me`).

    Its -100 means that nobody knows whether the message went out, and there is no id to ask by.
    """
    if code == -100:
        return OutcomeUnknown(call, "Zalo does not say whether it was sent", code=code, status=status)
    if code in _TEMPLATE_PASSING:
        return Passing(call, "not now", code=code, status=status, again=_TEMPLATE_PASSING[code])
    if code in _TEMPLATE_CANNOT_REACH:
        return CannotReach(call, "this number cannot be written to", code=code, status=status)
    if code in _TEMPLATE_SET_UP or code in _TEMPLATE_TOMORROW:
        again = _MORNING if code in _TEMPLATE_TOMORROW else None
        return SetUpWrong(call, "account, application, template or quota", code=code, status=status, again=again)
    if code == -32:
        return Passing(call, "over the rate", code=code, status=status, again=OVER_THE_RATE)
    return _other(call, code, status, code in _TEMPLATE_PERMANENT)


def _other(call: str, code: int, status: int, known: bool) -> CallFailed:
    if code in _TOKEN:
        return TokenRefused(call, "the access token is not taken", code=code, status=status)
    return Permanent(call, "refused" if known else "refused for a reason that is not known", code=code, status=status)
