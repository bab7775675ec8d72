"""Where a citizen's dossier stands: the one seam to the province's dossier system.

`codes` reads dossier codes, `model` is a dossier as this project sees it, `source` what every source of dossiers
can do. Three sources: `sql_source` (own table, filled by `importing`), `http_source` (the province's system, live),
`chain` (the live one first, then what was last known, with its age). `opening` makes the one that the settings ask
for; `sample` holds the demo's dossiers. Days to an appointment are counted by `motcua.working_days`.

To the citizen: `asking` is the conversation, `inquiry` the guarded look-up with its `budget` of tries, `sought` what
is asked about at the moment, `telling` the words. Column names, field names and spellings of states are YAML.

May import `knowledge` and `nlu` for reading text and the shared ground of `motcua`; of `actions` the wording and the
phrases alone; no channel. Codes, names and keys are never logged: they do not even stand in the `repr` of what holds
them.
"""
