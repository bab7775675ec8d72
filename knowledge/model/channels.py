"""The ways in which a dossier is handed in."""

from __future__ import annotations

from typing import Literal

Channel = Literal["direct", "online", "postal", "any"]

CHANNELS: dict[str, Channel] = {
    "Trực tiếp": "direct",
    "Trực tuyến": "online",
    "Dịch vụ bưu chính": "postal",
}
"""Our names for the portal's."""
