"""The schema that migrations make."""

from ingest.store import Base
from kit import migrate
from kit.testing import Template
from local.postgres import Postgres


def test_the_migrations_make_what_the_models_say(postgres: Postgres, template: Template) -> None:
    name = template("ingest.migrations", "ingest")

    assert migrate.differences(postgres.dsn(name), "ingest", Base.metadata) == []
