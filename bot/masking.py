"""What of a conversation must not lie on disk: dossier codes, second keys, and personal numbers.

Rasa works with what a person wrote while it handles the message; the store keeps it masked. Nothing is read back
from the masked text: the bot goes by intents and slots.
"""

from __future__ import annotations

import re
from typing import Any

from motcua.privacy import mask
from nlu.rasa.grammar import dossier_codes

CODE = "[mã hồ sơ]"
NUMBER = "[số]"
_SECRET_ENTITIES = frozenset({"dossier_code", "digits"})
_MOST_SHOWN = 3
_WITH_DIGITS = re.compile(r"\S*\d\S*")
_DIGIT = re.compile(r"\d")
# Sums, dates, decrees, procedure codes: what people say of procedures and nobody's secret.
_HARMLESS = re.compile(
    r"[1-9]\d{0,2}(?:[.,]\d{3})+\D*|\d{1,2}[/.\-]\d{1,2}(?:[/.\-](?:19|20)\d\d)?\D*|\d{1,4}/(?:19|20)\d\d/\S+"
    r"|\d\.\d{6}(?:\.\S+)?"
)


def masked_text(text: str) -> str:
    """Hides codes and every number of four digits or more; payloads of tapped choices stay as they are."""
    if text.startswith("/"):
        return text
    for code in reversed(dossier_codes(text)):
        text = f"{text[: code.start]}{CODE}{text[code.end :]}"

    def hide(match: re.Match[str]) -> str:
        whole = match.group(0)
        digits = len(_DIGIT.findall(whole))
        if digits <= _MOST_SHOWN or _HARMLESS.fullmatch(whole):
            return whole
        return NUMBER if digits >= 6 else _DIGIT.sub("•", whole)

    return _WITH_DIGITS.sub(hide, mask(text))


def masked_event(data: dict[str, Any]) -> dict[str, Any]:
    """Gives an event of Rasa's as it may be kept."""
    if data.get("event") == "user":
        parsed = dict(data.get("parse_data") or {})
        if isinstance(parsed.get("text"), str):
            parsed["text"] = masked_text(parsed["text"])
        parsed["entities"] = [_masked_entity(entity) for entity in parsed.get("entities") or []]
        return {**data, "text": masked_text(data.get("text") or ""), "parse_data": parsed}
    if data.get("event") == "slot" and data.get("name") == "question" and isinstance(data.get("value"), str):
        return {**data, "value": masked_text(data["value"])}
    if data.get("event") == "bot":
        return {**data, "text": _without_codes(data.get("text")), "data": _without_codes(data.get("data"))}
    return data


def _masked_entity(entity: dict[str, Any]) -> dict[str, Any]:
    return {**entity, "value": NUMBER} if entity.get("entity") in _SECRET_ENTITIES else entity


def _without_codes(value: Any) -> Any:
    """Takes dossier codes out of everything that was answered; figures of procedures stay."""
    if isinstance(value, str):
        for code in reversed(dossier_codes(value)):
            value = f"{value[: code.start]}{CODE}{value[code.end :]}"
        return value
    if isinstance(value, dict):
        return {name: _without_codes(part) for name, part in value.items()}
    return [_without_codes(part) for part in value] if isinstance(value, list) else value
