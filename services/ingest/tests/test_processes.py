"""The commands, as real processes on real servers."""

import asyncio
import json
import os
import signal
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from kit.events import Broker
from kit.testing import Keys
from local.broker import Nats
from local.postgres import Postgres

SECONDS = 60


@pytest.fixture
def environment(
    postgres: Postgres, nats_server: Nats, broker: Broker, keys: Keys, tmp_path: Path
) -> dict[str, str]:
    """Tell a process where everything is."""
    postgres.create_database("processes")
    return {
        "KORRIGO_DSN": postgres.dsn("processes"),
        "KORRIGO_NATS_URL": nats_server.url(),
        "KORRIGO_BLOBS_URL": f"file://{tmp_path}",
        "KORRIGO_SIGNING_KEY": keys.private["ingest"],
        "KORRIGO_PUBLIC_KEYS": keys.public,
        "KORRIGO_GRPC_PORT": "0",
        "KORRIGO_GRADING_ADDRESS": "127.0.0.1:1",
    }


@asynccontextmanager
async def ingest(command: str, environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a command; it is gone when the test leaves."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ingest", command),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ | environment,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def finish(command: str, environment: dict[str, str]) -> int:
    """Run a command to its end."""
    async with asyncio.timeout(SECONDS), ingest(command, environment) as process:
        await process.communicate()
    assert process.returncode is not None
    return process.returncode


async def ops_port(process: asyncio.subprocess.Process) -> int:
    """Wait for the port where a process answers its operators."""
    assert process.stdout
    async with asyncio.timeout(SECONDS):
        async for line in process.stdout:
            if b'"ops_listening"' in line:
                return int(json.loads(line)["port"])
    raise AssertionError("the process ended before it listened")


async def test_every_command_runs_and_ends(environment: dict[str, str]) -> None:
    assert await finish("migrate", environment) == 0
    assert await finish("migrate", environment) == 0
    assert await finish("sweep", environment) == 0

    for command in ("serve", "consume"):
        async with ingest(command, environment) as process:
            port = await ops_port(process)
            await asyncio.to_thread(urllib.request.urlopen, f"http://127.0.0.1:{port}/readyz", timeout=10)
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(SECONDS):
                await process.communicate()
        assert process.returncode == 0, command


async def test_a_missing_setting_stops_the_process_with_a_sentence(environment: dict[str, str]) -> None:
    del environment["KORRIGO_DSN"]

    assert await finish("serve", environment) == 78
