"""Where the catalogue is kept, with every version of every part.

Imports `knowledge.model` and `motcua.database`.
"""

from knowledge.store.catalogue import Catalogue, StoredVersion
from knowledge.store.writing import Change, Origin, Part

__all__ = ["Catalogue", "Change", "Origin", "Part", "StoredVersion"]
