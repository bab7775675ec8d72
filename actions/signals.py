"""What an action tells the gateway beside its reply: hand the conversation over, report an answer, erase.

A signal goes the way of a reply, as a message whose content has the key `signal`; people never see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Signal = Mapping[str, str]
Reason = Literal["asked", "failed", "complaint"]


def hand_over(reason: Reason) -> Signal:
    """Asks the gateway to bring in staff."""
    return {"signal": "handover", "reason": reason}


def report_wrong() -> Signal:
    """Tells the gateway that the person calls the last answer wrong."""
    return {"signal": "report", "reason": "wrong"}


def erase() -> Signal:
    """Tells the gateway that the person wants the conversation gone, and has confirmed it."""
    return {"signal": "erase"}
