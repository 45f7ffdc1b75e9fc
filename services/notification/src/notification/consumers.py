"""What notification hears."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from kit.db import Database
from kit.events import Broker, Consumer
from korrigo.grading.v1 import grading_events_pb2 as grading
from korrigo.ingest.v1 import ingest_events_pb2 as ingest
from korrigo.ingest.v1.ingest_events_pb2 import ResultsAnnounced
from korrigo.notification.v1 import notification_events_pb2 as notification
from korrigo.rasterizer.v1 import rasterizer_events_pb2 as rasterizer
from sqlalchemy.ext.asyncio import AsyncSession

from notification import app, wire
from notification.operators.alerts import fault
from notification.operators.store import Operators
from notification.store import Store

NAME = "notification"

Fault = ingest.FaultRaised | grading.FaultRaised | notification.FaultRaised | rasterizer.FaultRaised
Sweep = ingest.SweepEnded | grading.SweepEnded
SWEEPS: tuple[type[Sweep], ...] = (ingest.SweepEnded, grading.SweepEnded)
#: What services notice themselves.
FAULTS: tuple[type[Fault], ...] = (
    ingest.FaultRaised,
    grading.FaultRaised,
    notification.FaultRaised,
    rasterizer.FaultRaised,
)


def consumer(database: Database, broker: Broker) -> Consumer:
    """The reader of facts that somebody must be told."""
    hearing = Consumer(NAME, database, broker)

    @hearing.on(ResultsAnnounced)
    async def announce(fact: ResultsAnnounced, session: AsyncSession) -> None:
        accounts = [UUID(one) for one in fact.account_ids]
        await app.announce_results(Store(session), fact.exam_id, fact.exam_name, fact.release, accounts)

    for kind in FAULTS:
        _hear_faults(hearing, kind)
    for sweep in SWEEPS:
        _hear_sweeps(hearing, sweep)
    return hearing


def _hear_faults(hearing: Consumer, kind: type[Fault]) -> None:
    service = kind.DESCRIPTOR.full_name.split(".")[1]

    @hearing.on(kind)
    async def report(fact: Fault, session: AsyncSession) -> None:
        reported = fault(service, fact.name, fact.about, fact.detail)
        await Operators(session).report(replace(reported, is_firing=not fact.is_over))


def _hear_sweeps(hearing: Consumer, kind: type[Sweep]) -> None:
    operation = f"sweep-{kind.DESCRIPTOR.full_name.split('.')[1]}"

    @hearing.on(kind)
    async def record(fact: Sweep, session: AsyncSession) -> None:
        await Operators(session).record(wire.swept(operation, fact))
