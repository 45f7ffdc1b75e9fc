"""The roster: the students expected at an exam, as schools export them."""

from ingest.domain.roster.matching import Import, match
from ingest.domain.roster.reading import Entry, Line, Sheet, read

__all__ = ["Entry", "Import", "Line", "Sheet", "match", "read"]
