"""What Motcua knows: the procedures, where they are kept, how they are found and how staff curate them.

`knowledge.model` is the procedure itself; `knowledge.store` keeps the catalogue with its versions;
`knowledge.importers` bring portal records in; `knowledge.curation` reads and checks curated records;
`knowledge.search` finds the procedure a person means. `knowledge/procedures/<field>/<code>.yaml` are the
curated records of the starter catalogue, `knowledge/vocabulary/<field>.yaml` people's words for procedures.

May import `nlu` and the shared ground of `motcua` (settings, privacy, logs); knows nothing of the rooms above.
"""
