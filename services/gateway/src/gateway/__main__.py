"""`python -m gateway serve | migrate [up|plan|back] | invite | openapi`."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from uuid import uuid4

from kit import audit, events, migrate, runtime, telemetry
from kit.blobs import Blobs
from kit.db import Database, Watch
from kit.events import Broker

from gateway import http, peers
from gateway.auth import Auth
from gateway.context import Context
from gateway.courier import Courier
from gateway.images import Images
from gateway.journal import note
from gateway.leftovers import Leftovers
from gateway.live import Live
from gateway.passwords import Passwords
from gateway.server import server
from gateway.settings import GatewaySettings
from gateway.store import METADATA, Accounts, LinkKind

SCHEMA = "gateway"
RELEASE = migrate.Release(SCHEMA, "gateway.migrations", METADATA)


async def serve() -> None:
    """Serve browsers."""
    settings = GatewaySettings.load()
    telemetry.start(settings)
    async with AsyncExitStack() as stack:
        dsn, name = settings.dsn.get_secret_value(), RELEASE.application_name
        database = Database(dsn, schema=SCHEMA, pool_size=settings.pool_size, application_name=name)
        stack.push_async_callback(database.close)
        broker = await stack.enter_async_context(Broker(settings.nats_url.get_secret_value()))
        found = await stack.enter_async_context(peers.connect(settings))
        auth, live, blobs = Auth(database, settings, Passwords()), Live(), Blobs.open(settings)
        context = Context(
            settings=settings,
            database=database,
            blobs=blobs,
            peers=found,
            auth=auth,
            images=Images(database, found),
            live=live,
            health=health(database, broker, blobs),
        )
        await runtime.run(
            server(http.build(context), settings, live),
            partial(live.listen, broker),
            Courier(database, auth, found.notification).loop,
            Leftovers(database, blobs, timedelta(hours=settings.upload_hours)).loop,
            audit.Sealer(database).loop,
            Watch(database).loop,
            runtime.ops(settings, context.health),
        )


def health(database: Database, broker: Broker, blobs: Blobs) -> runtime.Health:
    """Without the broker live events are missing, without the store files; without the database all is."""
    health = runtime.Health()
    health.add("database", database.ping)
    health.add("schema", partial(migrate.check, database, RELEASE))
    health.add("broker", broker.ping, needed=False)
    health.add("store", blobs.ping, needed=False)
    return health


async def migrate_schema(arguments: argparse.Namespace) -> None:
    """Bring the schema up to date or back, and declare the streams."""
    settings = GatewaySettings.load()
    telemetry.start(settings)
    dsn = settings.migrate_dsn or settings.dsn
    await migrate.run(arguments, migrate.Service(SCHEMA, partial(_declare, settings), RELEASE, dsn))


async def _declare(settings: GatewaySettings) -> None:
    async with Broker(settings.nats_url.get_secret_value()) as broker:
        await events.declare(broker, replicas=settings.nats_replicas)


async def invite(email: str, name: str, language: str, role: str) -> None:
    """Print a one-time link with which somebody sets a password and signs in."""
    settings = GatewaySettings.load()
    dsn = settings.dsn.get_secret_value()
    async with AsyncExitStack() as stack:
        database = Database(dsn, schema=SCHEMA, pool_size=1, application_name=RELEASE.application_name)
        stack.push_async_callback(database.close)
        async with database.transaction() as session:
            account = await Accounts(session).ensure(email, name, language, [role])
            await note(session, "account_invited", account.id, role=role, email=account.email)
            auth = Auth(database, settings, Passwords())
            link = await auth.make_link(session, account.id, LinkKind.INVITATION, occasion=uuid4())
    sys.stdout.write(f"{link}\n")


def main() -> None:
    """Run the named command."""
    parser = argparse.ArgumentParser(prog="gateway", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("serve", "openapi"):
        commands.add_parser(name)
    migrate.add_arguments(commands.add_parser("migrate", help=migrate_schema.__doc__))
    inviting = commands.add_parser("invite")
    inviting.add_argument("--email", required=True)
    inviting.add_argument("--name", default="")
    inviting.add_argument("--language", default="fr", choices=("fr", "en"))
    inviting.add_argument("--role", default="admin", choices=("admin", "operator", "office"))
    chosen = parser.parse_args()
    match chosen.command:
        case "serve":
            runtime.main(serve)
        case "migrate":
            runtime.main(partial(migrate_schema, chosen))
        case "openapi":
            sys.stdout.write(json.dumps(http.describe().openapi(), indent=2, ensure_ascii=False) + "\n")
        case "invite":
            runtime.main(
                partial(invite, chosen.email, chosen.name or chosen.email, chosen.language, chosen.role)
            )


if __name__ == "__main__":
    main()
