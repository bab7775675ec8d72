"""The training phrases: read from `nlu/data`, with names put into their places and stories before them.

A phrase with a place for a name ({việc}, {giấy}) is learned with several names, and a short question
also behind a story, so that "hết bao nhiêu tiền" decides and not what it was said about. The names and
stories of a phrase are drawn from its own text: the same files always give the same phrases.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

DATA = Path(__file__).resolve().parents[1] / "data"
NAMES = DATA / "names.yaml"
STORIES = DATA / "stories.yaml"
NAMES_PER_PHRASE = 6
STORIES_PER_PHRASE = 1

_PLACE = re.compile(r"\{([^{}]+)\}")
_LONGEST_QUESTION = 12


class PhrasesError(ValueError):
    """A file of phrases or names is not as it should be; the message names the file."""


@dataclass(frozen=True)
class Phrase:
    """One training phrase as written, place for a name included."""

    intent: str
    text: str


def read(folder: Path = DATA) -> list[Phrase]:
    """Reads all phrases of a folder of Rasa NLU files (`*.yml`), in the order of the files' names.

    Raises:
        PhrasesError: when a file does not hold intents with examples, or a phrase stands twice.
    """
    phrases: list[Phrase] = []
    for path in sorted(folder.glob("*.yml")):
        try:
            blocks = yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
            for block in blocks:
                phrases += [Phrase(block["intent"], _example(line)) for line in block["examples"].splitlines()]
        except (yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError) as error:
            raise PhrasesError(f"{path.name}: not a file of intents and examples ({type(error).__name__})") from error
    seen: dict[str, str] = {}
    for phrase in phrases:
        if phrase.text in seen:
            raise PhrasesError(f"'{phrase.text}' stands twice: {seen[phrase.text]}, {phrase.intent}")
        seen[phrase.text] = phrase.intent
    return phrases


def _example(line: str) -> str:
    dash, _, text = line.partition(" ")
    if dash != "-" or not text.strip():
        raise ValueError("an example does not begin with a dash")
    return text.strip()


def read_names(path: Path = NAMES) -> dict[str, list[str]]:
    """Reads the names by the place that they fill.

    Raises:
        PhrasesError: when the file is not a mapping of lists.
    """
    try:
        names = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {str(place): [str(name) for name in listed] for place, listed in names.items()}
    except (yaml.YAMLError, AttributeError, TypeError) as error:
        raise PhrasesError(f"{path.name}: not a list of names by place ({type(error).__name__})") from error


def read_stories(path: Path = STORIES) -> list[str]:
    """Reads the stories that may stand before a question.

    Raises:
        PhrasesError: when the file is not a list under `told`.
    """
    try:
        return [str(story) for story in yaml.safe_load(path.read_text(encoding="utf-8"))["told"]]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise PhrasesError(f"{path.name}: not a list of stories ({type(error).__name__})") from error


def expanded(phrase: Phrase, names: dict[str, list[str]], stories: list[str]) -> list[str]:
    """Gives every text that a phrase is learned as."""
    texts = filled(phrase.text, names)
    return texts + told(phrase, stories) if texts == [phrase.text] else texts


def told(phrase: Phrase, stories: list[str], count: int = STORIES_PER_PHRASE) -> list[str]:
    """Puts stories before a question about a procedure; nothing for any other phrase.

    An overview is left out: it is what a story alone asks for.
    """
    words = len(phrase.text.split())
    if not phrase.intent.startswith("ask_") or phrase.intent == "ask_overview" or words > _LONGEST_QUESTION:
        return []
    draw = random.Random(phrase.text)
    drawn = draw.sample(stories, min(count, len(stories)))
    return [f"{story}{draw.choice(['. ', ', ', ', giờ ', ' thì ', '. Cho hỏi '])}{phrase.text}" for story in drawn]


def filled(text: str, names: dict[str, list[str]], count: int = NAMES_PER_PHRASE) -> list[str]:
    """Puts names into a phrase: `count` different ones, or the phrase alone when it has no place.

    Raises:
        PhrasesError: when the phrase has a place that no list of names fills.
    """
    place = _PLACE.search(text)
    if place is None:
        return [text]
    if place[1] not in names:
        raise PhrasesError(f"'{text}': no names for {place[0]}")
    # Seeded with a text, random gives the same draw on every machine and in every process.
    drawn = random.Random(text).sample(names[place[1]], min(count, len(names[place[1]])))
    return [text.replace(place[0], name) for name in drawn]
