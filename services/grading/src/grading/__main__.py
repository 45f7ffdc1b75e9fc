"""`python -m grading serve | consume | migrate [up|plan|back] | sweep [--delete]`."""

import argparse
from contextlib import AsyncExitStack
from functools import partial
from random import SystemRandom

from kit import events, migrate, rpc, runtime, telemetry
from kit.audit import Sealer
from kit.blobs import Blobs
from kit.db import Database, Watch
from kit.events import Broker, Durable, Relay
from kit.identity import Verifier
from korrigo.grading.v1 import grading_service_pb2_grpc as pb_grpc
from korrigo.grading.v1.grading_events_pb2 import FaultRaised

from grading import watch
from grading.consumers import consumer
from grading.rpc import SERVICE, GradingService
from grading.settings import GradingSettings
from grading.store import METADATA, STAMP

SCHEMA = "grading"
RELEASE = migrate.Release(SCHEMA, "grading.migrations", METADATA)


async def serve() -> None:
    """Answer RPCs and relay facts; ready without NATS and without the file store, and then says so."""
    settings = _start()
    async with AsyncExitStack() as stack:
        database, broker = await _open(stack, settings)
        blobs = Blobs.open(settings)
        health = _health(database)
        health.add("broker", broker.ping, needed=False)
        health.add("store", blobs.ping, needed=False)
        service = GradingService(database, blobs, lease_length=settings.lease_length, random=SystemRandom())
        add = pb_grpc.add_GradingServiceServicer_to_server
        verifier = Verifier(SCHEMA, settings.public_keys)
        servicers, shown = [(add, service, SERVICE)], rpc.Certificates.of(settings)
        server = rpc.Server(settings, verifier, servicers, health, certificates=shown)
        relay = Relay(settings.dsn, SCHEMA, broker)
        await runtime.run(server.loop, relay.loop, runtime.ops(settings, health))


async def consume() -> None:
    """Hear facts, chain the audit trail and count copies."""
    settings = _start()
    async with AsyncExitStack() as stack:
        database, broker = await _open(stack, settings)
        health = _health(database)
        health.add("broker", broker.ping)
        loops = (
            consumer(database, broker, SystemRandom()).loop,
            Sealer(database).loop,
            watch.Census(database).loop,
            Watch(database).loop,
            runtime.ops(settings, health),
        )
        await runtime.run(*loops)


async def migrate_schema(arguments: argparse.Namespace) -> None:
    """Bring the schema up to date or back; declare what is heard and the work that is ordered."""
    settings = _start()
    dsn = settings.migrate_dsn or settings.dsn
    await migrate.run(arguments, migrate.Service(SCHEMA, partial(_declare, settings), RELEASE, dsn))


async def _declare(settings: GradingSettings) -> None:
    async with AsyncExitStack() as stack:
        database, broker = await _open(stack, settings)
        hearing = consumer(database, broker, SystemRandom())
        await events.declare(
            broker, consumers=[hearing], workers=[Durable.work(STAMP)], replicas=settings.nats_replicas
        )


async def sweep(*, is_dry: bool) -> None:
    """Clean up once."""
    settings = _start()
    async with AsyncExitStack() as stack:
        database = _database(stack, settings)
        await watch.sweep(database, Blobs.open(settings), longer_than=settings.stamp_patience, is_dry=is_dry)


def _start() -> GradingSettings:
    settings = GradingSettings.load()
    telemetry.start(settings)
    return settings


def _database(stack: AsyncExitStack, settings: GradingSettings) -> Database:
    name = RELEASE.application_name
    database = Database(settings.dsn, schema=SCHEMA, pool_size=settings.pool_size, application_name=name)
    stack.push_async_callback(database.close)
    return database


async def _open(stack: AsyncExitStack, settings: GradingSettings) -> tuple[Database, Broker]:
    database = _database(stack, settings)
    return database, await stack.enter_async_context(Broker(settings.nats_url, fault=FaultRaised))


def _health(database: Database) -> runtime.Health:
    health = runtime.Health()
    health.add("database", database.ping)
    health.add("schema", partial(migrate.check, database, RELEASE))
    return health


def main() -> None:
    """Run the named command."""
    parser = argparse.ArgumentParser(prog="grading", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run in {"serve": serve, "consume": consume}.items():
        commands.add_parser(name, help=run.__doc__).set_defaults(run=run)
    migrate.add_arguments(commands.add_parser("migrate", help=migrate_schema.__doc__))
    sweeping = commands.add_parser("sweep", help=sweep.__doc__)
    sweeping.add_argument("--delete", action="store_true", help="remove files, not only tell of them")
    arguments = parser.parse_args()
    match arguments.command:
        case "migrate":
            runtime.main(partial(migrate_schema, arguments))
        case "sweep":
            runtime.main(partial(sweep, is_dry=not arguments.delete))
        case _:
            runtime.main(arguments.run)


if __name__ == "__main__":
    main()
