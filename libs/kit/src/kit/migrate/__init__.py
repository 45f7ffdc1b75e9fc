"""
Bring a service's schema to its head, and back: one at a time, with limits, revision by revision.

A service ships only `migrations/versions/`; everything else is here. Only the command `migrate` changes a
schema; pods check that they may run on it and wait otherwise. `docs/migrations.md` tells how to write one.
"""

from kit.migrate.catalog import differences
from kit.migrate.command import Service, add_arguments, run
from kit.migrate.grants import grant
from kit.migrate.migration import Migration
from kit.migrate.readiness import WrongSchema, check
from kit.migrate.release import Release
from kit.migrate.session import Busy, MigrationFailed, Patience, Refused
from kit.migrate.settings import MigrationSettings
from kit.migrate.upgrade import upgrade

__all__ = [
    "Busy",
    "Migration",
    "MigrationFailed",
    "MigrationSettings",
    "Patience",
    "Refused",
    "Release",
    "Service",
    "WrongSchema",
    "add_arguments",
    "check",
    "differences",
    "grant",
    "run",
    "upgrade",
]
