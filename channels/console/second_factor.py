"""The second factor: codes of six digits by time (TOTP, RFC 6238), from an application on the member's telephone."""

from __future__ import annotations

import io
from datetime import datetime

import pyotp
import segno
from markupsafe import Markup
from pyotp.utils import strings_equal
from sqlalchemy import Connection, update

from channels.console.tables import StaffAccount

_ISSUER = "Motcua"
_STEP_S = 30
_SLACK = 1
"""Steps that a clock may be wrong by, to either side."""


def new_secret() -> str:
    """Makes a secret of 160 bits, in base 32."""
    return pyotp.random_base32()


def picture(secret: str, name: str) -> Markup:
    """Draws the secret as a QR code: an SVG element without style or script, to stand in a page."""
    address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=_ISSUER)
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", border=3, xmldecl=False, omitsize=True, nl=False)
    # Made here, and nothing of it was typed by anybody.
    return Markup(out.getvalue().decode("ascii"))


def step_of(secret: str, code: str, moment: datetime) -> int | None:
    """Finds the time step that a code belongs to, or None when it is wrong."""
    typed = "".join(sign for sign in code if sign.isdigit())
    maker = pyotp.TOTP(secret)
    this = int(moment.timestamp()) // _STEP_S
    for step in range(this - _SLACK, this + _SLACK + 1):
        if strings_equal(maker.generate_otp(step), typed):
            return step
    return None


def use(connection: Connection, staff_id: int, secret: str, code: str, moment: datetime) -> bool:
    """Uses a code up: it does not count a second time, nor does one before it.

    Returns:
        Whether it was right; never without a secret.
    """
    step = step_of(secret, code, moment) if secret else None
    if step is None:
        return False
    unused = StaffAccount.totp_step.is_(None) | (StaffAccount.totp_step < step)
    this = update(StaffAccount).where(StaffAccount.id == staff_id, unused).values(totp_step=step)
    return connection.execute(this).rowcount == 1
