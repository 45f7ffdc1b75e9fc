"""
Bring a service's schema to its head, guarded: one at a time, with limits, revision by revision.

A service ships only `migrations/versions/`; everything else is here. Only the command `migrate` changes a
schema; pods check that it is theirs and wait otherwise.
"""

from kit.migrate.catalog import differences
from kit.migrate.readiness import MigrationPending, check
from kit.migrate.session import Busy, MigrationFailed
from kit.migrate.upgrade import grant, head, upgrade

__all__ = [
    "Busy",
    "MigrationFailed",
    "MigrationPending",
    "check",
    "differences",
    "grant",
    "head",
    "upgrade",
]
