"""`python -m notification serve | consume | migrate [up|plan|back]`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial

from kit import events, migrate, rpc, runtime, telemetry
from kit.db import Database, Watch
from kit.events import Broker, Relay
from kit.identity import Verifier
from korrigo.notification.v1 import notification_service_pb2_grpc as pb_grpc
from korrigo.notification.v1.notification_events_pb2 import FaultRaised

from notification.consumers import consumer
from notification.operators import webhook
from notification.operators.census import Census
from notification.operators.channels import Channels
from notification.operators.herald import Herald
from notification.operators.targets import parse
from notification.rpc import NotificationService
from notification.sender import Sender
from notification.settings import NotificationSettings
from notification.store import METADATA

SCHEMA = "notification"
RELEASE = migrate.Release(SCHEMA, "notification.migrations", METADATA)
SERVICE = "korrigo.notification.v1.NotificationService"


async def serve() -> None:
    """Answer RPCs, take alerts and relay facts."""
    settings = NotificationSettings.load()
    telemetry.start(settings)
    async with AsyncExitStack() as stack:
        database, broker, health = await _open(stack, settings)
        health.add("broker", broker.ping, needed=False)
        verifier = Verifier("notification", settings.public_keys)
        add = pb_grpc.add_NotificationServiceServicer_to_server
        servicers = [(add, NotificationService(database), SERVICE)]
        shown = rpc.Certificates.of(settings)
        server = rpc.Server(settings, verifier, servicers, health, certificates=shown)
        relay = Relay(settings.dsn.get_secret_value(), "notification", broker)
        await runtime.run(server.loop, relay.loop, runtime.ops(settings, health, _hooks(settings, database)))


async def consume() -> None:
    """Hear facts, send mail, tell operators."""
    settings = NotificationSettings.load()
    telemetry.start(settings)
    async with AsyncExitStack() as stack:
        database, broker, health = await _open(stack, settings)
        health.add("broker", broker.ping)
        hearing = consumer(database, broker)
        loops = (
            hearing.loop,
            Sender(database, settings).loop,
            _herald(settings, database).loop,
            Census(database, broker).loop,
            Watch(database).loop,
            runtime.ops(settings, health),
        )
        await runtime.run(*loops)


def _hooks(settings: NotificationSettings, database: Database) -> Mapping[str, runtime.Hook]:
    if settings.alert_token is None:
        return runtime.NO_HOOKS
    return {webhook.PATH: webhook.AlertmanagerHook(database, settings.alert_token)}


def _herald(settings: NotificationSettings, database: Database) -> Herald:
    hosts = [host.strip() for host in settings.private_hosts.split(",") if host.strip()]
    channels = Channels(settings.smtp_url, settings.mail_from, hosts)
    return Herald(database, channels, parse(settings.operators), runbooks=settings.runbooks_url)


async def migrate_schema(arguments: argparse.Namespace) -> None:
    """Bring the schema up to date or back, and declare what is heard."""
    settings = NotificationSettings.load()
    telemetry.start(settings)
    dsn = settings.migrate_dsn or settings.dsn
    await migrate.run(arguments, migrate.Service(SCHEMA, partial(_declare, settings), RELEASE, dsn))


async def _declare(settings: NotificationSettings) -> None:
    async with AsyncExitStack() as stack:
        database, broker, _ = await _open(stack, settings)
        await events.declare(broker, consumers=[consumer(database, broker)], replicas=settings.nats_replicas)


async def _open(
    stack: AsyncExitStack, settings: NotificationSettings
) -> tuple[Database, Broker, runtime.Health]:
    dsn = settings.dsn.get_secret_value()
    name = RELEASE.application_name
    database = Database(dsn, schema=SCHEMA, pool_size=settings.pool_size, application_name=name)
    stack.push_async_callback(database.close)
    broker = await stack.enter_async_context(Broker(settings.nats_url, fault=FaultRaised))
    health = runtime.Health()
    health.add("database", database.ping)
    health.add("schema", partial(migrate.check, database, RELEASE))
    return database, broker, health


COMMANDS = {"serve": serve, "consume": consume}


def main() -> None:
    """Run the named command."""
    parser = argparse.ArgumentParser(prog="notification", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run in COMMANDS.items():
        commands.add_parser(name, help=run.__doc__)
    migrate.add_arguments(commands.add_parser("migrate", help=migrate_schema.__doc__))
    arguments = parser.parse_args()
    runtime.main(COMMANDS.get(arguments.command) or partial(migrate_schema, arguments))


if __name__ == "__main__":
    main()
