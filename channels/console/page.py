"""What a group of pages hands to the console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter

from channels.console.permissions import Permission


@dataclass(frozen=True)
class Tile:
    """A way into some pages: in the navigation and on the home page, for whoever may go there.

    Attributes:
        address: where it leads, written out from `/console`.
        permission: without which it is not shown.
        section: of the words, with `tile` (its name) and `tile_text` (one line on the home page).
    """

    address: str
    permission: Permission
    section: str


@dataclass(frozen=True)
class Page:
    """A group of pages.

    Attributes:
        router: its routes, with addresses that begin after `/console`.
        tiles: the ways in.
        uploads: addresses (written out) that take bodies of more than 1 MiB, and of how many bytes.
    """

    router: APIRouter
    tiles: tuple[Tile, ...] = ()
    uploads: Mapping[str, int] = field(default_factory=dict)
