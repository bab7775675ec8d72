"""Codes and numbers of a message as Rasa entities, and the intents that they alone decide."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.rasa import grammar

CHOOSE, CHECK_STATUS = "choose", "check_status"


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER],
    is_trainable=False,
)
class MarkExtractor(GraphComponent, EntityExtractorMixin):
    """Adds entities and, where a message is nothing but a mark, sets the intent.

    - `dossier_code`: canonical code, anywhere in the message;
    - `number`: a choice, counted from 1 (the last is -1), when the message does nothing but choose,
      or the classifier says that it chooses and one place is named;
    - `digits`: the digits of a message that only gives digits, as text, leading zeros kept.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """An intent is corrected here, so a classifier stands before."""
        return [IntentClassifier]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MarkExtractor:
        """Makes the extractor, which has neither settings nor a state."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entities of each message and corrects its intent."""
        for message in messages:
            text: str = message.get(TEXT) or ""
            entities = [
                _entity("dossier_code", code.value, code.start, code.end) for code in grammar.dossier_codes(text)
            ]
            chosen, digits = _chosen(message, text), grammar.bare_digits(text)
            if chosen is not None:
                entities.append(_entity("number", chosen, 0, len(text)))
                _decide(message, CHOOSE)
            elif digits is not None:
                entities.append(_entity("digits", digits, 0, len(text)))
                _decide(message, CHECK_STATUS)
            elif len(entities) == 1 and entities[0]["end"] - entities[0]["start"] == len(text.strip()):
                _decide(message, CHECK_STATUS)
            else:
                _withdraw_choice(message)
            found = message.get(ENTITIES, []) + self.add_extractor_name(entities)
            message.set(ENTITIES, found, add_to_output=True)
        return messages


def _chosen(message: Message, text: str) -> int | None:
    place = grammar.choice(text)
    if place is None and message.get(INTENT, {}).get("name") == CHOOSE:
        place = grammar.mentioned_choice(text)
    return place


def _entity(name: str, value: str | int, start: int, end: int) -> dict[str, Any]:
    return {"entity": name, "value": value, "start": start, "end": end, "confidence_entity": 1.0}


def _decide(message: Message, intent: str) -> None:
    certain = {"name": intent, "confidence": 1.0}
    others = [other for other in message.get(INTENT_RANKING_KEY, []) if other["name"] != intent]
    message.set(INTENT, certain, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [certain, *others], add_to_output=True)


def _withdraw_choice(message: Message) -> None:
    """A choice without a number cannot be acted on: the next best intent stands."""
    ranking = [other for other in message.get(INTENT_RANKING_KEY, []) if other["name"] != CHOOSE]
    if message.get(INTENT, {}).get("name") == CHOOSE and ranking:
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
