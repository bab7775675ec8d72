"""Measuring speed and memory: search, the encoder, and the whole answer through the web API."""

from __future__ import annotations

import ipaddress
import itertools
import json
import os
import platform
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import numpy as np
from rich.console import Console
from rich.table import Table

from evaluation.conversations import Talk
from evaluation.errors import AssistantAway, NotHere, TooManyRequests
from knowledge.search import SearchEngine
from motcua.settings import Settings
from nlu.encoder import Encoder, load_encoder

T = TypeVar("T")

WORDS = (10, 40, 100, 200)
PEOPLE = (1, 10)
_SECONDS = 20.0
_MESSAGES = 40
_PASSAGES = {"titles": (12, 64), "long_passages": (100, 24)}
_WARM_UP = 3
_QUESTIONS = (
    "{} cần giấy tờ gì",
    "{} hết bao nhiêu tiền",
    "{} mất mấy ngày",
    "{} nộp ở đâu",
    "muốn {} thì làm thế nào",
)


def bench(settings: Settings, url: str, report: Path | None, *, seconds: float = _SECONDS) -> None:
    """Measures, prints a table and writes a report.

    Args:
        settings: where the index and the encoder lie.
        url: a running assistant on this machine, or empty to leave it out.
        report: file for the figures as JSON.
        seconds: how long each number of people asks.

    Raises:
        NotHere: the address is of another machine.
        AssistantAway: the assistant does not answer; TooManyRequests: it limits how fast one may ask.
        IndexMissing, IndexCorrupt, EncoderError: search cannot be opened.
    """
    if url:
        only_here(url)
    encoder, encoder_opens = _timed(lambda: load_encoder(settings.encoder_in_force, settings.encoder_threads))
    engine, index_opens = _timed(
        lambda: SearchEngine(settings.index_folder, encoder, province=settings.province, follow=False)
    )
    figures: dict[str, Any] = {
        "machine": {"cores": len(os.sched_getaffinity(0)), "python": platform.python_version()},
        "index": {
            "procedures": engine.index.manifest.procedures,
            "vectors": engine.index.manifest.vectors,
            "open_s": round(index_opens, 2),
            "encoder_open_s": round(encoder_opens, 2),
        },
        "search_ms": search_latency(engine),
        "encoder_per_s": encoder_speed(encoder, engine),
        "memory_mb": memory(),
    }
    if url:
        asked = list(itertools.islice(questions(engine), 200))
        figures["answers"] = {str(people): answers(url, asked, people=people, seconds=seconds) for people in PEOPLE}
    Console().print(_table(figures))
    if report:
        report.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def only_here(url: str) -> None:
    """Refuses to load any machine but this one.

    Raises:
        NotHere: the address does not lead to the loopback interface.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = False
    if not here or parts.scheme not in ("http", "https"):
        raise NotHere(f"{url!r} is no address of this machine: bench asks http://127.0.0.1:PORT only")


def messages(engine: SearchEngine, words: int) -> list[str]:
    """Messages of a length, made of what procedures are called; the same each time."""
    dice = random.Random(words)
    names = [p.plain_name.lower() for p in engine.index.procedures]
    made = []
    for _ in range(_MESSAGES):
        run: list[str] = []
        while len(run) < words:
            run += dice.choice(_QUESTIONS).format(dice.choice(names)).split()
        made.append(" ".join(run[:words]))
    return made


def questions(engine: SearchEngine) -> Iterator[str]:
    """Questions about procedures, without end; the same each time."""
    dice = random.Random(1)
    names = [p.plain_name.lower() for p in engine.index.procedures if not p.priors["internal"]]
    while True:
        yield dice.choice(_QUESTIONS).format(dice.choice(names))


def search_latency(engine: SearchEngine) -> dict[str, dict[str, float]]:
    """Milliseconds of a search by words in the message, and what of them the encoder takes."""
    latencies: dict[str, dict[str, float]] = {}
    for words in WORDS:
        made = messages(engine, words)
        for message in made[:_WARM_UP]:
            engine.search(message)
        whole = [1000 * _timed(partial(engine.search, message))[1] for message in made]
        reading = [1000 * _timed(partial(engine.query, message))[1] for message in made]
        latencies[str(words)] = _percentiles(whole) | {"reading_p50": _percentiles(reading)["p50"]}
    return latencies


def encoder_speed(encoder: Encoder, engine: SearchEngine) -> dict[str, float]:
    """Passages a second, short ones like titles and long ones."""
    speeds = {}
    for kind, (words, count) in _PASSAGES.items():
        passages = messages(engine, words)
        passages = [passages[n % len(passages)] for n in range(count)]
        speeds[kind] = round(count / _timed(partial(encoder.encode_passages, passages))[1], 1)
    return speeds


def memory() -> dict[str, float]:
    """Resident memory of this process, now and at its highest, in MB; empty where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return {}
    told = dict(line.split(":", 1) for line in lines if line.startswith(("VmRSS", "VmHWM")))
    return {
        name: round(int(told[key].split()[0]) / 1024, 1)
        for name, key in (("resident", "VmRSS"), ("highest", "VmHWM"))
        if key in told
    }


def answers(url: str, asked: Sequence[str], *, people: int, seconds: float) -> dict[str, float]:
    """Has several people ask at once, each in a conversation of their own.

    Args:
        url: the assistant, on this machine.
        asked: what they ask, in turn.
        people: how many ask at once.
        seconds: for how long; an answer that is on its way then is still waited for.

    Returns:
        "p50" and "p95" of the milliseconds of an answer, "per_s" answers a second, "n" answers in all.

    Raises:
        NotHere, AssistantAway, TooManyRequests: as in `bench`.
    """
    only_here(url)
    in_turn = itertools.cycle(asked)
    turn = threading.Lock()
    latencies: list[float] = []
    began: list[float] = []
    # Nobody asks before all have been greeted, and the time runs from there.
    ready = threading.Barrier(people, action=lambda: began.append(time.perf_counter()))

    def person() -> None:
        # Requests to this machine go to no proxy.
        with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
            talk = Talk(client, patient=False)
            try:
                talk.say("xin chào")
            except AssistantAway:
                ready.abort()
                raise
            ready.wait()
            while time.perf_counter() - began[0] < seconds:
                with turn:
                    question = next(in_turn)
                _, took = talk.say(question)
                latencies.append(took)

    with ThreadPoolExecutor(people) as pool:
        failures = [done.exception() for done in [pool.submit(person) for _ in range(people)]]
    for failure in failures:
        if isinstance(failure, TooManyRequests):
            raise TooManyRequests(
                "the assistant limits how fast one may ask: start it with MOTCUA_RATE_PER_SESSION and "
                "MOTCUA_RATE_PER_ADDRESS at 100000/minute to measure it"
            ) from failure
        if failure is not None and not isinstance(failure, threading.BrokenBarrierError):
            raise failure
    if not latencies:
        raise AssistantAway(f"the assistant at {url} answered nothing within {seconds:g} s")
    took = time.perf_counter() - began[0]
    return _percentiles(latencies) | {"per_s": round(len(latencies) / took, 1), "n": len(latencies)}


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """What work gives, and the seconds it took."""
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def _percentiles(times: Iterable[float]) -> dict[str, float]:
    p50, p95 = np.percentile(list(times), (50, 95))
    return {"p50": round(float(p50), 2), "p95": round(float(p95), 2)}


def _table(figures: dict[str, Any]) -> Table:
    table = Table("measured", "p50", "p95", "other")
    index, memory_, speed = figures["index"], figures["memory_mb"], figures["encoder_per_s"]
    for words, of_length in figures["search_ms"].items():
        note = f"{of_length['reading_p50']} ms of it reading and encoding"
        table.add_row(f"search, {words} words", f"{of_length['p50']} ms", f"{of_length['p95']} ms", note)
    for people, asked in figures.get("answers", {}).items():
        note = f"{asked['per_s']} answers/s, {asked['n']} in all"
        table.add_row(f"answer, {people} at once", f"{asked['p50']} ms", f"{asked['p95']} ms", note)
    table.add_row("encoder", "", "", f"{speed['titles']} titles/s, {speed['long_passages']} long passages/s")
    table.add_row("opening the index", "", "", f"{index['open_s']} s, {index['procedures']} procedures")
    if memory_:
        table.add_row("memory", "", "", f"{memory_['resident']} MB, at its highest {memory_['highest']} MB")
    return table
