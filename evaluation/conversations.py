"""Measuring conversations and off-topic messages against the running assistant, through its web API."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import numpy as np

from evaluation.errors import AssistantAway, TooManyRequests
from evaluation.questions import Dialogue, Expected, Odd

Progress = Callable[[str, int, int], None]
Replies = list[dict[str, Any]]

_TRIES = 10

# What counts as each expectation of an off-topic set. A refusal may be a polite small-talk reply too,
# as long as no procedure is put forward.
_REFUSED = frozenset({"refuse_offtopic", "other", "help", "menu", "handoff"})
_CHATTED = frozenset({"greet", "thanks", "help", "menu", "feedback", "other", "handoff", "refuse_offtopic"})


class Talk:
    """One conversation with the assistant.

    Told to slow down, it waits and tries again if it is `patient`, and gives up if it is not.
    """

    def __init__(self, client: httpx.Client, *, patient: bool = True) -> None:
        self._client = client
        self._tries = _TRIES if patient else 1
        self._token = ""

    def say(self, text: str) -> tuple[Replies, float]:
        """Sends a message; gives the replies and the milliseconds they took.

        Raises:
            AssistantAway: it cannot be reached, or answers with an error.
            TooManyRequests: it keeps asking to slow down.
        """
        if not self._token:
            self._token = self._post("/api/v1/chat/sessions", {}, {})[0]["token"]
        body = {"text": text, "client_message_id": uuid.uuid4().hex}
        answer, took = self._post("/api/v1/chat/messages", body, {"Authorization": f"Bearer {self._token}"})
        return answer["replies"], took

    def _post(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> tuple[dict[str, Any], float]:
        for left in reversed(range(self._tries)):
            start = time.perf_counter()
            try:
                response = self._client.post(path, json=body, headers=headers)
            except httpx.HTTPError as cause:
                raise AssistantAway(f"the assistant at {self._client.base_url} does not answer ({cause})") from cause
            took = (time.perf_counter() - start) * 1000
            if response.status_code == 429:
                if left:
                    time.sleep(_wait(response))
                continue
            if response.is_error:
                raise AssistantAway(f"the assistant answered {path} with HTTP {response.status_code}")
            try:
                return response.json(), took
            except ValueError as cause:
                raise AssistantAway(f"the assistant answered {path} with something else than JSON") from cause
        raise TooManyRequests("the assistant keeps asking to slow down")


def _wait(response: httpx.Response) -> float:
    """Seconds to wait, as the assistant says; at most a minute."""
    try:
        return min(60.0, max(0.0, float(response.headers.get("Retry-After", "1"))))
    except ValueError:
        return 1.0


def evaluate_dialogues(
    dialogues: Sequence[Dialogue], url: str, progress: Progress
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Holds every conversation; gives the report and a line a turn."""
    lines: list[dict[str, Any]] = []
    with httpx.Client(base_url=url, timeout=30) as client:
        for done, dialogue in enumerate(dialogues, 1):
            talk = Talk(client)
            for number, turn in enumerate(dialogue.turns, 1):
                replies, took = talk.say(turn.user)
                faults = misses(turn.expect, replies)
                lines.append(
                    {
                        "id": dialogue.id,
                        "turn": number,
                        "ok": not faults,
                        "misses": faults,
                        "latency_ms": round(took, 1),
                        "replies": replies,
                    }
                )
            progress("Talking", done, len(dialogues))
    by_dialogue: dict[str, list[bool]] = {}
    for line in lines:
        by_dialogue.setdefault(line["id"], []).append(line["ok"])
    report = {
        "dialogues": len(dialogues),
        "turns": len(lines),
        "turns_as_expected": round(sum(line["ok"] for line in lines) / len(lines), 4),
        "dialogues_as_expected": round(sum(all(oks) for oks in by_dialogue.values()) / len(by_dialogue), 4),
        "latency_ms": _latency(lines),
        "failed": [
            {"id": line["id"], "turn": line["turn"], "misses": line["misses"]} for line in lines if not line["ok"]
        ],
    }
    return report, lines


def misses(expected: Expected, replies: Replies) -> list[str]:
    """Lists what a turn's replies lack; empty when all is as expected."""
    if not replies:
        return ["no reply"]
    faults: list[str] = []
    kinds = [reply["kind"] for reply in replies]
    if expected.kind and expected.kind not in kinds:
        faults.append(f"kind {'/'.join(kinds)} instead of {expected.kind}")
    if expected.procedure and not _names(expected, replies):
        shown = [reply.get("procedure") or "-" for reply in replies]
        faults.append(f"procedure {'/'.join(shown)} instead of {'/'.join(expected.procedure)}")
    aspects = [reply.get("aspect", "") for reply in replies]
    if expected.aspect and expected.aspect not in aspects:
        faults.append(f"aspect {'/'.join(aspects)} instead of {expected.aspect}")
    said = "\n".join(reply["text"] for reply in replies).lower()
    if expected.must_contain_any and not any(text.lower() in said for text in expected.must_contain_any):
        faults.append(f"says none of {list(expected.must_contain_any)}")
    faults.extend(f"says {text!r}" for text in expected.must_not_contain if text.lower() in said)
    return faults


def _names(expected: Expected, replies: Replies) -> bool:
    wanted = set(expected.procedure)
    for reply in replies:
        if reply.get("procedure") in wanted:
            return True
        if expected.kind == "clarify" and any(
            choice["payload"].rsplit(":", 1)[-1] in wanted for choice in reply.get("choices", [])
        ):
            return True
    return False


def evaluate_offtopic(
    messages: Sequence[Odd], url: str, progress: Progress
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Sends every message in a conversation of its own; gives the report and a line a message."""
    lines: list[dict[str, Any]] = []
    with httpx.Client(base_url=url, timeout=30) as client:
        for done, odd in enumerate(messages, 1):
            replies, took = Talk(client).say(odd.question)
            lines.append(
                {
                    "id": odd.id,
                    "expect": odd.expect,
                    "ok": _meets(odd, replies),
                    "latency_ms": round(took, 1),
                    "kinds": [r["kind"] for r in replies],
                    "procedures": [r.get("procedure", "") for r in replies],
                    "replies": replies,
                }
            )
            progress("Asking", done, len(messages))
    foreign = [line for line in lines if line["expect"] != "answer"]
    valid = [line for line in lines if line["expect"] == "answer"]

    def share(part: list[dict[str, Any]], holds: Callable[[dict[str, Any]], bool]) -> float:
        return round(sum(map(holds, part)) / len(part), 4) if part else 0.0

    report = {
        "n": len(lines),
        "as_expected": share(lines, lambda line: line["ok"]),
        "off_topic_answered": share(foreign, lambda line: "answer" in line["kinds"]),
        "in_scope_refused": share(valid, lambda line: not {"answer", "clarify"} & set(line["kinds"])),
        "by": {
            expect: share([line for line in lines if line["expect"] == expect], lambda line: line["ok"])
            for expect in sorted({line["expect"] for line in lines})
        },
        "latency_ms": _latency(lines),
        "failed": [
            {
                "id": line["id"],
                "expect": line["expect"],
                "kinds": line["kinds"],
                "procedures": line["procedures"],
            }
            for line in lines
            if not line["ok"]
        ],
    }
    return report, lines


def _meets(odd: Odd, replies: Replies) -> bool:
    kinds = {reply["kind"] for reply in replies}
    if odd.expect == "refuse":
        return bool(kinds & _REFUSED) and "answer" not in kinds
    if odd.expect == "chitchat":
        return bool(kinds & _CHATTED) and "answer" not in kinds
    if odd.expect == "handoff":
        return "handoff" in kinds
    offered = {c["payload"].rsplit(":", 1)[-1] for r in replies if r["kind"] == "clarify" for c in r["choices"]}
    return bool(set(odd.gold) & ({r.get("procedure", "") for r in replies} | offered))


def _latency(lines: list[dict[str, Any]]) -> dict[str, float]:
    times = [line["latency_ms"] for line in lines]
    return {
        "p50": round(float(np.percentile(times, 50)), 1),
        "p95": round(float(np.percentile(times, 95)), 1),
    }
