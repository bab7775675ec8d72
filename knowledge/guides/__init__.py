"""What is asked for around procedures: life events with their bundles, and how-to guides (VNeID, filing, paying).

Data that staff edit (`events.yaml`, `guides.yaml`), read here into models. Imports nothing of the other rooms.
"""

from knowledge.guides.reading import Bundle, Guide, Part, events, guides, words_around

__all__ = ["Bundle", "Guide", "Part", "events", "guides", "words_around"]
