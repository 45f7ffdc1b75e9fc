"""`python -m rasterizer migrate`: declare the queues of work; there is no schema."""

from __future__ import annotations

import argparse
from functools import partial

from kit import migrate, runtime, telemetry
from kit.events import Broker, Durable, declare

from rasterizer.consumers import VERBS
from rasterizer.settings import RasterizerSettings


async def migrate_queues(arguments: argparse.Namespace) -> None:
    """Declare the queues and tell how it went."""
    settings = RasterizerSettings.load()
    telemetry.start(settings)
    await migrate.run(arguments, migrate.Service("rasterizer", partial(_declare, settings)))


async def _declare(settings: RasterizerSettings) -> None:
    async with Broker(settings.nats_url.get_secret_value()) as broker:
        await declare(broker, workers=[Durable.work(verb) for verb in VERBS], replicas=settings.nats_replicas)


def main(arguments: list[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="rasterizer migrate", description=__doc__)
    migrate.add_arguments(parser)
    runtime.main(partial(migrate_queues, parser.parse_args(arguments[1:])))
    return 0
