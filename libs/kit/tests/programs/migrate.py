"""`migrate` of a service whose revisions are in a package: `migrate.py SCHEMA PACKAGE [up|plan|back] …`."""

import argparse

from kit import migrate, runtime, telemetry
from kit.events import Broker, declare
from kit.migrate.release import Release
from kit.settings import BrokerSettings, DatabaseSettings, Settings


class ShopSettings(DatabaseSettings, BrokerSettings, Settings):
    """Settings of the shop."""

    service: str = "shop"


async def main() -> None:
    """Migrate as the arguments and the environment say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("schema")
    parser.add_argument("package")
    migrate.add_arguments(parser)
    arguments = parser.parse_args()
    settings = ShopSettings.load()
    telemetry.start(settings)

    async def declare_streams() -> None:
        async with Broker(settings.nats_url) as broker:
            await declare(broker, within=2)

    release = Release(arguments.schema, arguments.package)
    await migrate.run(arguments, migrate.Service("shop", declare_streams, release, settings.dsn))


runtime.main(main)
