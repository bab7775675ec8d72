"""The intent classifier of the bot: a linear model over Vietnamese feature views, inside Rasa's graph."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.rasa.features import views
from nlu.rasa.linear import LinearModel
from nlu.rasa.tokenizer import word_spans
from nlu.rasa.variants import variants
from nlu.text import AccentModel, AccentRestorer, Reader, fold

_RANKING = 5
_WORDS_KNOWN = "words.json.gz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SentenceIntentClassifier(GraphComponent, IntentClassifier):
    """Names the intent of a message; needs no TensorFlow when it answers and no pickle when it loads.

    A message is read first as search reads it, by the words of the training phrases: keys of an input method left
    over and slips are mended, and missing accents put back. The phrases themselves are learned as they stand.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Words come from a tokenizer earlier in the pipeline."""
        return [Tokenizer]

    @staticmethod
    def required_packages() -> list[str]:
        """Names what must be installed."""
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Gives the settings; docs/decisions/0003-intent-classifier.md says how they were chosen."""
        return {
            "view_weights": {
                "folded": 1.0,
                "accented": 1.0,
                "letters": 0.7,
                "spelling": 0.7,
                "words": 0.5,
                "ending": 0.7,
                "length": 0.3,
                "asked": 0.7,
            },
            "least": {"folded": 2, "accented": 2, "letters": 2, "spelling": 2, "words": 2, "ending": 2},
            "strength": 0.5,
            "sharpness": 5.0,
        }

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        model: LinearModel | None = None,
        known: AccentModel | None = None,
    ) -> None:
        """Keeps the settings, the place to store the model, and once there are, the model and the words it knows."""
        self._config, self._storage, self._resource, self._model = config, storage, resource, model
        self._reader = Reader(AccentRestorer(known or AccentModel()))

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceIntentClassifier:
        """Makes an untrained classifier."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SentenceIntentClassifier:
        """Reads the trained classifier.

        Raises:
            OSError, EOFError, ValueError, KeyError: when the model is damaged; a bot that guesses must not start.
        """
        with model_storage.read_from(resource) as folder:
            known = AccentModel.load(folder / _WORDS_KNOWN)
            return cls(config, model_storage, resource, LinearModel.load(folder), known)

    def train(self, training_data: TrainingData) -> Resource:
        """Trains on every example and on the other ways in which people would type it."""
        examples = [(example.get(TEXT), example.get(INTENT)) for example in training_data.intent_examples]
        typed = [(way, intent) for text, intent in examples for way in variants(text)]
        self._model = LinearModel.train(
            (views(text, _split(text)) for text, _ in typed),
            [intent for _, intent in typed],
            self._config["view_weights"],
            self._config["strength"],
            self._config["least"],
            self._config["sharpness"],
        )
        known = AccentModel.count((text, 1.0) for text, _ in examples if fold(text) != text)
        self._reader = Reader(AccentRestorer(known))
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
            known.save(folder / _WORDS_KNOWN)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets `intent` and `intent_ranking` of each message; no known feature gives confidence 0."""
        for message in messages:
            ranking = self._ranking(message)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Classifies the training examples, for components that would learn from it."""
        self.process(training_data.training_examples)
        return training_data

    def _ranking(self, message: Message) -> list[dict[str, Any]]:
        probabilities = None
        if self._model is not None and message.get(TEXT):
            read = self._reader.read(message.get(TEXT))
            probabilities = self._model.probabilities(views(read, _words(message, read)))
        if self._model is None or probabilities is None:
            return [{"name": None, "confidence": 0.0}]
        best = probabilities.argsort()[::-1][:_RANKING]
        return [{"name": self._model.labels[place], "confidence": float(probabilities[place])} for place in best]


def _words(message: Message, read: str) -> list[str]:
    """The tokenizer's words, unless the message was read otherwise than it was typed."""
    if read.lower() == message.get(TEXT).lower():
        return [token.text for token in message.get(TOKENS_NAMES[TEXT], [])]
    return _split(read)


def _split(text: str) -> list[str]:
    return [text[start:end] for start, end in word_spans(text)]
