"""The schema that migrations make."""

from kit import migrate
from kit.testing import Template
from local.postgres import Postgres
from notification.operators import store


def test_the_migrations_make_what_the_models_say(postgres: Postgres, template: Template) -> None:
    name = template("notification.migrations", "notification")

    assert migrate.differences(postgres.dsn(name), "notification", store.METADATA) == []
