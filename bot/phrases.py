"""Gives Rasa the training phrases with names put into their places and stories before them."""

from __future__ import annotations

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.rasa.phrases import Phrase, expanded, read_names, read_stories


class PhraseImporter(RasaFileImporter):
    """Rasa's file importer, whose phrases come out in every form that they are learned in."""

    def get_nlu_data(self, language: str | None = "vi") -> TrainingData:
        """Reads the phrases and expands them."""
        data = super().get_nlu_data(language)
        names, stories = read_names(), read_stories()
        examples = [
            Message.build(text=text, intent=example.get(INTENT))
            for example in data.training_examples
            for text in expanded(Phrase(example.get(INTENT), example.get(TEXT)), names, stories)
        ]
        return TrainingData(examples, data.entity_synonyms, data.regex_features, data.lookup_tables, data.responses)
