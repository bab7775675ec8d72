"""Reads messages with a trained model, without a server.

    bot/.venv/bin/python bot/parse.py --model var/models/<hash>.tar.gz < messages.jsonl > intents.jsonl

A line in is `{"id", "text"}`, a line out `{"id", "intent", "confidence", "entities"}`, in the same order;
entities are `{"entity", "value"}`. Text is read as people's, never as a payload. Exit code 2 when the
model or a line cannot be read.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


class NotReadable(Exception):
    """The model or a line of the input cannot be read; the message says which."""


def parse(model: Path, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yields what the model makes of each line.

    Raises:
        NotReadable: when there is no model at that path, or a line is not `{"id", "text"}`.
    """
    if not model.is_file():
        raise NotReadable(f"no model at {model}")
    messages = [_message(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    agent = _load(model)
    for name, text in messages:
        data = asyncio.run(agent.parse_message(text.lstrip("/ ") or "?"))
        yield {
            "id": name,
            "intent": data["intent"]["name"],
            "confidence": round(float(data["intent"]["confidence"]), 4),
            "entities": [{"entity": found["entity"], "value": found["value"]} for found in data["entities"]],
        }


def _message(number: int, line: str) -> tuple[Any, str]:
    try:
        data = json.loads(line)
        name, text = data["id"], data["text"]
    except (ValueError, KeyError, TypeError):
        raise NotReadable(f'line {number} is not an object with "id" and "text"') from None
    if not isinstance(text, str):
        raise NotReadable(f'line {number}: "text" is not a text')
    return name, text


def _load(model: Path) -> Any:
    sys.path.insert(0, str(ROOT))
    from bot.quiet import quiet

    quiet()
    from rasa.core.agent import Agent

    try:
        return Agent.load(str(model))
    except Exception as error:
        raise NotReadable(f"{model} is not a model that this bot can load ({type(error).__name__})") from error


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line."""
    parser = argparse.ArgumentParser(prog="bot/parse.py", description="Name the intents of messages.")
    parser.add_argument("--model", type=Path, required=True, help="the trained model")
    options = parser.parse_args(arguments)
    try:
        for answer in parse(options.model, sys.stdin):
            print(json.dumps(answer, ensure_ascii=False))
    except NotReadable as error:
        print(f"bot: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
