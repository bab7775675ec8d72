"""Portal records in: the interchange file and the portal's own JSON.

Imports `knowledge.model`, `knowledge.curation` and `knowledge.store`.
"""

from knowledge.importers.interchange import read_interchange, write_interchange
from knowledge.importers.loading import ImportReport, import_portal_records, read_source
from knowledge.importers.portal_api import from_detail, read_portal_json
from knowledge.importers.starter import load_starter

__all__ = [
    "ImportReport",
    "from_detail",
    "import_portal_records",
    "load_starter",
    "read_interchange",
    "read_portal_json",
    "read_source",
    "write_interchange",
]
