"""The widget in one file: its modules, its style and its words, made when the gateway starts.

The sources under `static/widget` are ordinary modules. They are put one after the other, without their imports and
exports, into one function with the words and settings they need, and made small; there is nothing to build.
Versions that were served before stay on the disk, so that a portal that names one by its digest goes on working
after an upgrade.
"""

from __future__ import annotations

import json
import logging
import re
from functools import cache
from pathlib import Path
from typing import Any

from rcssmin import cssmin
from rjsmin import jsmin

from channels import wording
from channels.web.assets import Asset
from motcua.settings import Settings

logger = logging.getLogger(__name__)

SOURCES = Path(__file__).parent / "static" / "widget"
# A module stands after those it imports from.
MODULES = ("dom", "colour", "store", "api", "speech", "text", "cards", "conversation", "chat", "kiosk", "element")
_IMPORT = re.compile(r"^import [^;]+;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)
_DIGEST = re.compile(r"[0-9a-f]{16}")
_SCRIPT = "text/javascript; charset=utf-8"


def style() -> Asset:
    """Makes the style sheet; browsers that cannot take it from the script load it by its address."""
    return Asset(cssmin((SOURCES / "widget.css").read_text("utf-8")).encode(), "text/css; charset=utf-8")


def script(setup: dict[str, Any]) -> Asset:
    """Makes the script.

    Args:
        setup: what the modules find as `SETUP`; the gateway's own address is added in the browser.
    """
    modules = "\n".join(_EXPORT.sub("", _IMPORT.sub("", _source(name))) for name in MODULES)
    code = jsmin(modules)
    head = "const SCRIPT=document.currentScript,SETUP="
    origin = ";SETUP.origin=SCRIPT&&SCRIPT.src?new URL(SCRIPT.src).origin:location.origin;"
    given = json.dumps(setup, ensure_ascii=False, separators=(",", ":"))
    return Asset(f'(()=>{{"use strict";{head}{given}{origin}{code}}})();'.encode(), _SCRIPT)


@cache
def _source(name: str) -> str:
    return (SOURCES / f"{name}.js").read_text("utf-8")


def setup_of(settings: Settings, api: str, css: Asset) -> dict[str, Any]:
    """Gives what the widget needs of a deployment: addresses, limits, link domains and words."""
    said = wording.widget()
    return {
        "api": api,
        "css": css.content.decode(),
        "css_address": f"/widget/{css.digest}/widget.css",
        "domains": [d.strip().lower() for d in settings.link_domains.split(",") if d.strip()],
        "length": settings.message_length,
        "idle": settings.kiosk_idle,
        "province": settings.province,
        "plain_sections": said["plain_sections"],
        "repeated": said["repeated"],
        "examples": said["examples"],
        "topics": said["topics"],
        "first": said["first"],
        "words": {"vi": said["vi"], "en": said["en"]},
    }


class Shelf:
    """The widget as it is served now, and as it was served before."""

    def __init__(self, settings: Settings, api: str) -> None:
        """Makes the widget, and keeps it in the home folder.

        Args:
            settings: the deployment's.
            api: path under which the chat API lies.
        """
        self._folder = settings.home / "widget"
        self.style = style()
        self.script = script(setup_of(settings, api, self.style))
        self._kept = {("script", self.script.digest): self.script, ("style", self.style.digest): self.style}
        for kind, asset in (("script", self.script), ("style", self.style)):
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                path = self._path(kind, asset.digest)
                if not path.exists():
                    path.write_bytes(asset.content)
            except OSError as cause:
                logger.warning("this version of the widget is not kept for later: %s", cause.strerror)

    def find(self, kind: str, digest: str) -> Asset | None:
        """Gives a version by its digest: "script" or "style"; None where there never was one."""
        if known := self._kept.get((kind, digest)):
            return known
        if not _DIGEST.fullmatch(digest):
            return None
        try:
            content = self._path(kind, digest).read_bytes()
        except OSError:
            return None
        asset = Asset(content, self._kept_type(kind))
        # A file that somebody changed is not what the address names.
        if asset.digest != digest:
            return None
        self._kept[kind, digest] = asset
        return asset

    def _kept_type(self, kind: str) -> str:
        return (self.script if kind == "script" else self.style).media_type

    def _path(self, kind: str, digest: str) -> Path:
        return self._folder / f"{digest}.{'js' if kind == 'script' else 'css'}"
