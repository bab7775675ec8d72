"""Where people are: provinces and communes of today, the names they had before, and the service centres.

`provinces.yaml` tells the 34 provinces and what they were made of; `old_names` reads which commune of today an old
commune or district went into; `gazetteer` finds places in a message by any of these names. `units` and
`office_file` read what staff import, `store` keeps it, `offices` finds the nearest centre. `book` holds all of it
together for a process and follows imports.

May import `nlu.text` and the shared ground of `motcua`; nothing of the catalogue or of search.
"""

from knowledge.places.book import PlaceBook
from knowledge.places.gazetteer import Gazetteer
from knowledge.places.model import NearOffice, Office, Place
from knowledge.places.offices import nearest_offices, office_lines

__all__ = ["Gazetteer", "NearOffice", "Office", "Place", "PlaceBook", "nearest_offices", "office_lines"]
