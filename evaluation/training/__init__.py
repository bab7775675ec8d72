"""Learning from the project's own words: the adapter of the encoder, and the ranker with its probabilities.

Both are fitted by commands (`motcua train adapter`, `motcua train ranker`), written beside the search that reads
them, and reported cross-validated by procedure.
"""
