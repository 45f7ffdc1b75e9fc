"""`python -m rasterizer consume`: work from JetStream, one piece in hand per slot."""

from __future__ import annotations

import tempfile
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from kit import runtime, telemetry
from kit.blobs import Blobs
from kit.events import Broker, Worker
from korrigo.rasterizer.v1 import rasterizer_events_pb2 as events
from korrigo.rasterizer.v1 import rasterizer_work_pb2 as work

from rasterizer import metrics
from rasterizer.child import Limits
from rasterizer.sandbox import Sandbox
from rasterizer.scans import Scans
from rasterizer.settings import RasterizerSettings
from rasterizer.work import Rasterizer

#: Copies are extracted and stamped beside imports, and never wait behind them.
SIDE_SLOTS = 1
VERBS = ("InspectScan", "RenderSides", "ExtractCopy", "StampCopy")


async def consume() -> None:
    """Do work until told to stop."""
    settings = RasterizerSettings.load()
    async with AsyncExitStack() as stack:
        # The sandbox comes before every connection: it must inherit none.
        sandbox = await stack.enter_async_context(Sandbox(Limits()))
        telemetry.start(settings)
        broker = await stack.enter_async_context(Broker(settings.nats_url, fault=events.FaultRaised))
        blobs = Blobs.open(settings)
        settings.scratch.mkdir(parents=True, exist_ok=True)
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=settings.scratch)))
        report = partial(_report, broker)
        scans = Scans(blobs, scratch / "scans", settings.scratch_bytes, report)
        rasterizer = Rasterizer(sandbox, blobs, scans, scratch, max_sides=settings.max_sides)
        health = runtime.Health()
        health.add("broker", broker.ping)
        health.add("store", blobs.ping)
        loops = [worker.loop for worker in workers(rasterizer, broker, blobs, slots=settings.slots)]
        await runtime.run(*loops, runtime.ops(settings, health))


async def _report(broker: Broker, key: str, is_well: bool) -> None:
    """Tell operators that a file of the store is not what was sealed, or is again."""
    damaged = f"{key} is not what was sealed under this hash; bring it back from a backup."
    detail = f"{key} is again what was sealed." if is_well else damaged
    await broker.raise_fault("FileDamaged", about=key, detail=detail, is_over=is_well)


def workers(rasterizer: Rasterizer, broker: Broker, blobs: Blobs, *, slots: int) -> tuple[Worker, ...]:  # type: ignore[type-arg] # of different work
    """One worker a verb."""
    needs = (blobs.ping,)
    for verb in VERBS:
        metrics.SLOTS.labels(verb).set(slots if verb == "RenderSides" else SIDE_SLOTS)
    return (
        Worker("InspectScan", work.InspectScan, broker, rasterizer.inspect, slots=SIDE_SLOTS, needs=needs),
        Worker("RenderSides", work.RenderSides, broker, rasterizer.render, slots=slots, needs=needs),
        Worker("ExtractCopy", work.ExtractCopy, broker, rasterizer.extract, slots=SIDE_SLOTS, needs=needs),
        Worker("StampCopy", work.StampCopy, broker, rasterizer.stamp, slots=SIDE_SLOTS, needs=needs),
    )


def main(_arguments: list[str]) -> int:
    """Run the command."""
    runtime.main(consume)
    return 0
