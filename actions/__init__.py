"""The actions server: understand, find, answer or ask back, in records' figures and the wording's sentences.

`pipeline` is the whole way of a question on one screen; `steps` are its steps, `compose` turns a procedure
into a Reply, aspect by aspect; `wording/*.yaml` holds every sentence said; `rasa_actions` is what Rasa calls,
`serve` the server. May import `knowledge`, `nlu` and the shared ground of `motcua`; never a channel.
"""
