"""A service's own schema: its pool, its limits, its transactions, and the tables that the kit keeps there."""

from kit.db.database import Database, Limits
from kit.db.failures import Conflict, DatabaseUnavailable
from kit.db.keyset import after
from kit.db.tables import KitTables, kit_tables, metadata
from kit.db.watch import Watch

__all__ = [
    "Conflict",
    "Database",
    "DatabaseUnavailable",
    "KitTables",
    "Limits",
    "Watch",
    "after",
    "kit_tables",
    "metadata",
]
