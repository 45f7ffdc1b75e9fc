"""`python -m ingest serve | consume | migrate [up|plan|back] | sweep [--delete] [--at-once KEY]`."""

from __future__ import annotations

import argparse
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial

from kit import events, migrate, rpc, runtime, telemetry
from kit.audit import Sealer
from kit.blobs import Blobs
from kit.db import Database, Watch
from kit.events import Broker, Durable, Relay
from kit.identity import Signer, Verifier
from kit.rpc import Certificates, Peer
from korrigo.ingest.v1 import ingest_service_pb2_grpc as pb_grpc
from korrigo.ingest.v1.ingest_events_pb2 import FaultRaised

from ingest import watch
from ingest.consumers import consumer, files_consumer
from ingest.domain.preparation import ExtractCopy
from ingest.domain.scan import InspectScan, RenderSides
from ingest.rpc import SERVICE, IngestService
from ingest.settings import IngestSettings
from ingest.store import Base
from ingest.wire.results import GradingPeer

SCHEMA = "ingest"
RELEASE = migrate.Release(SCHEMA, "ingest.migrations", Base.metadata)
WORK = (InspectScan, RenderSides, ExtractCopy)


async def serve() -> None:
    """Answer RPCs and relay facts; ready without NATS and without grading, and then says so."""
    settings = _start()
    async with AsyncExitStack() as stack:
        database, broker = await _open(stack, settings)
        grading = await _grading(stack, settings, within=settings.connect_seconds)
        health = _health(database)
        health.add("broker", broker.ping, needed=False)
        service = IngestService(database, grading, _now)
        add = pb_grpc.add_IngestServiceServicer_to_server
        verifier = Verifier(SCHEMA, settings.public_keys)
        servicers, shown = [(add, service, SERVICE)], Certificates.of(settings)
        server = rpc.Server(settings, verifier, servicers, health, certificates=shown)
        relay = Relay(settings.dsn, SCHEMA, broker)
        await runtime.run(server.loop, relay.loop, runtime.ops(settings, health))


async def consume() -> None:
    """Hear facts, join uploads, write exports, chain the audit trail and check the sums."""
    settings = _start()
    async with AsyncExitStack() as stack:
        database, broker = await _open(stack, settings)
        blobs = Blobs.open(settings)
        grading = await _grading(stack, settings, within=settings.connect_seconds)
        health = _health(database)
        health.add("broker", broker.ping)
        health.add("store", blobs.ping, needed=False)
        loops = (
            consumer(database, broker, _now).loop,
            files_consumer(database, broker, blobs, grading).loop,
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


async def _declare(settings: IngestSettings) -> None:
    async with AsyncExitStack() as stack:
        database, broker = await _open(stack, settings)
        hearing = [
            consumer(database, broker, _now),
            files_consumer(database, broker, Blobs.open(settings), await _grading(stack, settings)),
        ]
        workers = [Durable.work(verb.__name__) for verb in WORK]
        await events.declare(broker, consumers=hearing, workers=workers, replicas=settings.nats_replicas)


async def sweep_one(key: str, *, is_dry: bool) -> None:
    """Remove one file now, unless something names it."""
    settings = _start()
    async with AsyncExitStack() as stack:
        await watch.remove_now(_database(stack, settings), Blobs.open(settings), key, is_dry=is_dry)


async def sweep(*, is_dry: bool) -> None:
    """Order lost work again; remove files that nothing names, or only tell which."""
    settings = _start()
    async with AsyncExitStack() as stack:
        database, began = _database(stack, settings), _now()
        again = await watch.order_again(database, longer_than=settings.work_patience)
        orphans = await watch.remove_orphans(
            database,
            Blobs.open(settings),
            age=settings.orphan_age,
            upload_age=settings.upload_age,
            is_dry=is_dry,
        )
        removed = 0 if is_dry else len(orphans)
        await watch.tell(database, began, _now(), ordered_again=again, orphans=len(orphans), removed=removed)


def _start() -> IngestSettings:
    settings = IngestSettings.load()
    telemetry.start(settings)
    return settings


def _database(stack: AsyncExitStack, settings: IngestSettings) -> Database:
    name = RELEASE.application_name
    database = Database(settings.dsn, schema=SCHEMA, pool_size=settings.pool_size, application_name=name)
    stack.push_async_callback(database.close)
    return database


async def _open(stack: AsyncExitStack, settings: IngestSettings) -> tuple[Database, Broker]:
    database = _database(stack, settings)
    return database, await stack.enter_async_context(Broker(settings.nats_url, fault=FaultRaised))


async def _grading(stack: AsyncExitStack, settings: IngestSettings, *, within: float = 0) -> GradingPeer:
    """Open connections to grading, and wait for them as long as is said."""
    signer, shown = Signer(settings.signing_key), Certificates.of(settings)
    peer = Peer(settings.grading_address, "grading", signer, certificates=shown)
    grading = GradingPeer(await stack.enter_async_context(peer))
    await rpc.connected(peer, within=within)
    return grading


def _health(database: Database) -> runtime.Health:
    health = runtime.Health()
    health.add("database", database.ping)
    health.add("schema", partial(migrate.check, database, RELEASE))
    return health


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    """Run the named command."""
    parser = argparse.ArgumentParser(prog="ingest", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run in {"serve": serve, "consume": consume}.items():
        commands.add_parser(name, help=run.__doc__).set_defaults(run=run)
    migrate.add_arguments(commands.add_parser("migrate", help=migrate_schema.__doc__))
    sweeping = commands.add_parser("sweep", help=sweep.__doc__)
    sweeping.add_argument("--delete", action="store_true", help="remove files, not only tell of them")
    sweeping.add_argument("--at-once", metavar="KEY", help="only this file, however young it is")
    arguments = parser.parse_args()
    match arguments.command:
        case "migrate":
            runtime.main(partial(migrate_schema, arguments))
        case "sweep" if arguments.at_once:
            runtime.main(partial(sweep_one, arguments.at_once, is_dry=not arguments.delete))
        case "sweep":
            runtime.main(partial(sweep, is_dry=not arguments.delete))
        case _:
            runtime.main(arguments.run)


if __name__ == "__main__":
    main()
