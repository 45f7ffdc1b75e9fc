"""What a running process shows of its schema."""

from typing import Any

import psycopg
from kit.db import Database
from kit.migrate import check
from prometheus_client import REGISTRY

from libs.kit.tests.migrate.site import A, B, C, Site


def shown(name: str, **labels: str) -> Any:
    """Read a metric of this process."""
    return REGISTRY.get_sample_value(name, {"schema": "shop", **labels})


async def test_both_revisions_and_whether_they_go_together_are_metrics(site: Site) -> None:
    old = site.release(A)
    site.run(site.release(B))
    await site.is_ready(old)
    assert shown("korrigo_schema_revision_info", revision="g7", head="b2") == 1
    assert shown("korrigo_schema_compatible") == 1

    site.run(site.release(C))
    await site.is_ready(old)
    assert shown("korrigo_schema_revision_info", revision="g7", head="b2") is None
    assert shown("korrigo_schema_revision_info", revision="h8", head="b2") == 1
    assert shown("korrigo_schema_compatible") == 0


async def test_the_role_of_a_service_may_look(site: Site) -> None:
    with psycopg.connect(site.dsn, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS shop")
        connection.execute("CREATE ROLE shop LOGIN")
    release = site.release(A)
    site.run(release)

    database = Database(site.dsn.replace("postgres@", "shop@"), schema="shop")
    try:
        await check(database, release)
    finally:
        await database.close()
        with psycopg.connect(site.dsn, autocommit=True) as connection:
            connection.execute("DROP OWNED BY shop")
            connection.execute("DROP ROLE shop")
