"""The QR code of an address: as an SVG for the page, as dark squares for the PDF."""

from __future__ import annotations

import io

import segno

_QUIET = 4  # modules of white around the code that readers need


def code_of(address: str) -> segno.QRCode:
    """Makes the code; its error correction bears a stain or a fold."""
    return segno.make_qr(address, error="m", boost_error=True)


def svg(address: str) -> bytes:
    """Draws the code of an address as an SVG of its own, black on white."""
    out = io.BytesIO()
    code_of(address).save(out, kind="svg", border=_QUIET, dark="#000", light="#fff", omitsize=True)
    return out.getvalue()


def runs(address: str) -> tuple[int, list[tuple[int, int, int]]]:
    """Gives the modules on a side, the white border included, and the dark runs as (column, row, length)."""
    rows = [bytes(row) for row in code_of(address).matrix_iter(border=_QUIET)]
    dark: list[tuple[int, int, int]] = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            end = x
            while end < len(row) and row[end]:
                end += 1
            dark.append((x, y, end - x))
            x = end
    return len(rows), dark
