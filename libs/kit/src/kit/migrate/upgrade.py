"""Bring a schema to its head without conditions, for tests and tools."""

from pydantic import SecretStr

from kit.migrate.migration import Migration
from kit.migrate.release import Release
from kit.migrate.session import Patience
from kit.migrate.settings import MigrationSettings


def upgrade(dsn: str | SecretStr, package: str, schema: str, patience: Patience | None = None) -> None:
    """Apply every revision of a package to a schema."""
    Migration(Release(schema, package), dsn, MigrationSettings(), patience).up()
