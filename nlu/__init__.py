"""Vietnamese as people type it → clean text, and clean text → vectors.

`nlu.text` cleans, expands and restores accents; `nlu.encoder` turns sentences into vectors;
`nlu.rasa` holds the components that the Rasa bot loads; `nlu/data` the training phrases.

This is the bottom room: it imports none of the other rooms, and it runs on Python 3.10 (inside Rasa)
as well as on the services' Python, so it keeps to the standard library, numpy and PyYAML, and imports
heavier libraries (onnxruntime, underthesea, sentence-transformers, Rasa) only where they are used.
"""
