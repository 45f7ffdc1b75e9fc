"""The real process: ready without NATS, gone on SIGTERM with its streams closed, open to `invite`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import httpx2
import psycopg
import pytest
from gateway.store import METADATA
from kit import migrate
from kit.testing import Keys, Template
from local.ports import free_port
from local.postgres import Postgres

_numbers = count(1)


@pytest.fixture
def dsn(postgres: Postgres, template: Template) -> str:
    """Give a migrated database."""
    name = f"gateway_process_{next(_numbers)}"
    postgres.create_database(name, template=template("gateway.migrations", "gateway"))
    return postgres.dsn(name)


@pytest.fixture
def environment(dsn: str, keys: Keys, tmp_path: Path) -> Mapping[str, str]:
    """Give what a gateway is told; NATS and the peers are away."""
    port = free_port()
    away = f"127.0.0.1:{free_port()}"
    return {
        "KORRIGO_DSN": dsn,
        "KORRIGO_NATS_URL": f"nats://gateway@{away}",
        "KORRIGO_BLOBS_URL": f"file://{tmp_path}/blobs",
        "KORRIGO_SIGNING_KEY": keys.private["gateway"],
        "KORRIGO_PUBLIC_KEYS": keys.public,
        "KORRIGO_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "KORRIGO_HTTP_PORT": str(port),
        "KORRIGO_OPS_PORT": str(free_port()),
        "KORRIGO_CONNECT_SECONDS": "0.5",
        "KORRIGO_INGEST_ADDRESS": away,
        "KORRIGO_GRADING_ADDRESS": away,
        "KORRIGO_NOTIFICATION_ADDRESS": away,
    }


def test_the_migrations_make_what_the_models_say(dsn: str) -> None:
    assert migrate.differences(dsn, "gateway", METADATA) == []


async def test_an_administrator_is_let_in_by_command_and_a_stream_ends_with_the_process(
    dsn: str, environment: Mapping[str, str]
) -> None:
    url, ops = environment["KORRIGO_PUBLIC_URL"], f"http://127.0.0.1:{environment['KORRIGO_OPS_PORT']}"
    async with _gateway(environment, "serve") as process, httpx2.AsyncClient(timeout=10) as browser:
        await _until_ready(browser, ops, process)
        link = await _output(environment, "invite", "--email", "admin@school.example")
        token = link.strip().rpartition("/")[2]
        signed_in = await browser.post(f"{url}/api/v1/links/{token}", json={"password": "a-long-enough-word"})
        async with browser.stream("GET", f"{url}/api/v1/events") as stream:
            lines = stream.aiter_lines()
            first = await anext(lines)
            process.send_signal(signal.SIGTERM)
            rest = [line async for line in lines if line]
        code = await asyncio.wait_for(process.wait(), 20)

    assert link.startswith(f"{url}/link/")
    assert signed_in.json()["account"]["roles"] == ["admin"]
    assert (first, rest, code) == ("retry: 1000", [], 0)
    with psycopg.connect(dsn) as connection:
        acts = connection.execute("SELECT action FROM gateway.audit ORDER BY id").fetchall()
    assert acts == [("account_invited",), ("link_used",), ("signed_in",)]


async def test_a_public_address_without_https_stops_the_process(environment: Mapping[str, str]) -> None:
    unsafe = {**environment, "KORRIGO_PUBLIC_URL": "http://korrigo.example"}

    async with _gateway(unsafe, "serve") as process:
        _, errors = await asyncio.wait_for(process.communicate(), 30)

    assert process.returncode == 78
    assert "KORRIGO_PUBLIC_URL: must be an https address" in errors.decode()


@asynccontextmanager
async def _gateway(
    environment: Mapping[str, str], *arguments: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m gateway`; it is gone when the test leaves."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | environment,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _output(environment: Mapping[str, str], *arguments: str) -> str:
    async with _gateway(environment, *arguments) as process:
        out, _ = await asyncio.wait_for(process.communicate(), 60)
        return out.decode()


async def _until_ready(browser: httpx2.AsyncClient, ops: str, process: asyncio.subprocess.Process) -> None:
    """Wait until the process says that it is ready, though NATS is away."""
    async with asyncio.timeout(60):
        while process.returncode is None:
            try:
                answer = await browser.get(f"{ops}/readyz")
            except httpx2.TransportError:
                await asyncio.sleep(0.1)
                continue
            if answer.status_code == 200:
                assert answer.json()["broker"]
                return
    raise AssertionError("the process ended")
