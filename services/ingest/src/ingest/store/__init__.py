"""The rows of ingest, through the session of a transaction that the edge opened."""

from sqlalchemy.ext.asyncio import AsyncSession as Session

from ingest.store.copies import Copies
from ingest.store.exceptions import Exceptions
from ingest.store.exports import Exports
from ingest.store.ledger import Ledgers
from ingest.store.students import Students
from ingest.store.sweeping import Sweeping
from ingest.store.tables import Base

__all__ = ["Base", "Session", "Store"]


class Store(Exceptions, Copies, Students, Exports, Ledgers, Sweeping):
    """Everything that is kept; what the aggregates tell is told by `finish`."""
