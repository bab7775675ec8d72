"""The ladder report: figures per question set and per rung of noise, each with its interval, as a table and a plot."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from evaluation.noise import RUNGS, noisy
from evaluation.questions import Question
from evaluation.search import predict, report
from knowledge.search import SearchEngine

Progress = Callable[[str, int, int], None]

CLEAN = "clean"
_Z = 1.96
# A plot of one row a figure, in pixels.
_ROW, _LEFT, _WIDTH, _TOP = 22, 260, 420, 34


@dataclass(frozen=True)
class Figure:
    """A share of n questions with its 95 % interval, each from 0 to 1."""

    name: str
    n: int
    share: float
    low: float
    high: float


def climb(
    engine: SearchEngine, sets: Mapping[str, Sequence[Question]], progress: Progress
) -> dict[str, dict[str, dict[str, Any]]]:
    """Measures every set on every rung, the clean one first.

    Returns:
        The report of `evaluation.search.report` by set and rung.
    """
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for name, questions in sets.items():
        found[name] = {CLEAN: report(questions, predict(engine, questions, progress))}
        for rung in RUNGS:
            typed = [q.model_copy(update={"question": noisy(q.question, rung, q.id)}) for q in questions]
            found[name][rung] = report(typed, predict(engine, typed, progress))
    return found


def figures(found: Mapping[str, Mapping[str, Mapping[str, Any]]], measure: str = "hit@1") -> list[Figure]:
    """Lists one measure by set and rung, and by register of the clean questions."""
    listed: list[Figure] = []
    for name, rungs in found.items():
        for rung, figures_ in rungs.items():
            listed.append(_figure(f"{name} · {rung}", figures_, measure))
        for register, figures_ in rungs[CLEAN]["by"]["register"].items():
            listed.append(_figure(f"{name} · register {register}", figures_, measure))
    return listed


def _figure(name: str, of: Mapping[str, Any], measure: str) -> Figure:
    low, high = interval(of[measure], of["n"])
    return Figure(name, of["n"], of[measure], low, high)


def interval(share: float, n: int) -> tuple[float, float]:
    """Gives Wilson's 95 % interval of a share of n, https://www.jstor.org/stable/2276774."""
    if not n:
        return 0.0, 1.0
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def as_markdown(found: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """Writes the figures as one table."""
    rows = ["| questions | n | Hit@1 (95 %) | Hit@5 | resolved | confidently wrong |", "|---|---|---|---|---|---|"]
    for name, rungs in found.items():
        parts = [(rung, of) for rung, of in rungs.items()]
        parts += [(f"register {register}", of) for register, of in rungs[CLEAN]["by"]["register"].items()]
        for part, of in parts:
            low, high = interval(of["hit@1"], of["n"])
            rows.append(
                f"| {name} · {part} | {of['n']} | {of['hit@1']:.3f} ({low:.2f} to {high:.2f}) | {of['hit@5']:.3f} "
                f"| {of['resolved']:.3f} | {of['confident_wrong']:.3f} |"
            )
    return "\n".join(rows) + "\n"


def as_svg(listed: Sequence[Figure], title: str) -> str:
    """Draws shares as dots with their intervals, one row each, on a scale from 0 to 1."""
    height = _TOP + _ROW * len(listed) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDTH + 70}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="10" y="18" font-weight="bold">{escape(title)}</text>',
    ]
    for tenth in range(0, 11, 2):
        x = _LEFT + _WIDTH * tenth / 10
        parts.append(f'<path d="M{x:.1f} {_TOP - 6}V{height - 22}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - 8}" text-anchor="middle">{tenth / 10:.1f}</text>')
    for place, figure in enumerate(listed):
        y = _TOP + _ROW * place + 8
        low, high, at = (_LEFT + _WIDTH * value for value in (figure.low, figure.high, figure.share))
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{escape(figure.name)}</text>')
        parts.append(f'<path d="M{low:.1f} {y}H{high:.1f}" stroke="#1a5fb4" stroke-width="2"/>')
        parts.append(f'<circle cx="{at:.1f}" cy="{y}" r="4" fill="#1a5fb4"/>')
        parts.append(f'<text x="{_LEFT + _WIDTH + 10}" y="{y + 4}">{figure.share:.3f}</text>')
    return "\n".join([*parts, "</svg>", ""])
