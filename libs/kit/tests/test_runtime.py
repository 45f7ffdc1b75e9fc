"""Processes that run loops: they drain on SIGTERM and end when one fails."""

import asyncio
import json
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from kit import runtime
from kit.errors import Unavailable
from kit.runtime import Health
from kit.settings import BrokerSettings, Settings
from prometheus_client import Histogram
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from structlog.testing import capture_logs

from libs.kit.tests.processes import program, rest, says

SCANS = Histogram("korrigo_test_scans_seconds", "Only here")


class OpsSettings(Settings):
    """What the process is told."""

    service: str = "ops"


class SecretiveSettings(OpsSettings, BrokerSettings):
    """The same with a secret."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_every_loop_finish_what_it_holds(number: int) -> None:
    async with program("loops", "drains", "waits") as process:
        await says(process, "running")
        process.send_signal(number)
        code, out, err = await rest(process)

    assert (code, out.splitlines()) == (0, ["finishing what it holds", "finished"])
    assert [json.loads(line)["event"] for line in err.splitlines()] == ["process_stopping", "process_stopped"]


async def test_a_loop_that_fails_ends_the_process_and_is_logged_once() -> None:
    async with program("loops", "waits", "fails") as process:
        code, out, err = await rest(process)

    lines = [json.loads(line) for line in err.splitlines()]
    assert (code, out) == (1, "cancelled\n")
    assert [line["event"] for line in lines] == ["process_failed"]
    assert "RuntimeError: the relay broke" in lines[0]["exception"]


async def test_a_loop_that_ends_by_itself_has_failed() -> None:
    async with program("loops", "waits", "returns") as process:
        code, _, err = await rest(process)

    assert code == 1
    assert "returns ended by itself" in json.loads(err)["exception"]


async def test_a_second_signal_stops_the_waiting() -> None:
    async with program("loops", "sticks") as process:
        await says(process, "running")
        process.terminate()
        await says(process, "sticking")
        process.terminate()
        code, _, _ = await rest(process)

    assert code != 0


async def test_who_quits_ends_the_process_with_its_status() -> None:
    async with program("loops", "waits", "quits") as process:
        code, _, _ = await rest(process)

    assert code == 7


async def test_what_is_left_behind_is_not_taken_down_once_everybody_said_farewell() -> None:
    async with program("loops", "farewells") as process:
        await says(process, "running")
        process.terminate()
        code, out, _ = await rest(process)

    assert (code, out) == (0, "said farewell\n")


async def well() -> None:
    """Find nothing wrong."""


async def ill() -> None:
    raise ConnectionError("no route to the database")


async def silent() -> None:
    await asyncio.Event().wait()


async def test_health_tells_why_a_needed_part_is_not_well() -> None:
    health = Health(patience=timedelta(seconds=0.05))
    health.add("schema", well)
    health.add("database", ill)
    health.add("broker", silent)
    health.add("store", ill, needed=False)

    assert await health.ready() == {
        "schema": "",
        "database": "no route to the database",
        "broker": "no answer within 0.05 s",
    }


Get = Callable[..., Awaitable[tuple[int, str]]]


@asynccontextmanager
async def ops(health: Health, hooks: Mapping[str, runtime.Hook] = runtime.NO_HOOKS) -> AsyncIterator[Get]:
    """Run the operators' port; give what asks it for a path."""
    stopping = asyncio.Event()
    with capture_logs() as logs:
        task = asyncio.ensure_future(runtime.ops(OpsSettings(), health, hooks)(stopping))
        async with asyncio.timeout(5):
            while not logs:  # noqa: ASYNC110 -- the log line is the only signal there is
                await asyncio.sleep(0)
    port = logs[0]["port"]

    async def get(path: str, method: str = "GET", *, body: str = "", **headers: str) -> tuple[int, str]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        if body:
            headers["content-length"] = str(len(body))
        lines = [
            f"{method} {path} HTTP/1.1",
            "host: x",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        writer.write(("\r\n".join([*lines, "", ""]) + body).encode())
        head, _, answer = (await reader.read()).decode().partition("\r\n\r\n")
        writer.close()
        return int(head.split()[1]), answer

    yield get
    stopping.set()
    await task


async def test_a_process_says_once_what_it_runs_with_and_no_secret() -> None:
    settings = SecretiveSettings(nats_url=SecretStr("nats://ops:correct-horse-battery@nats:4222"))
    stopping = asyncio.Event()
    stopping.set()

    with capture_logs() as logs:
        await runtime.ops(settings, Health())(stopping)

    [said] = logs
    assert (said["settings"]["service"], said["settings"]["log_level"]) == ("ops", "INFO")
    assert "correct-horse" not in str(said)


async def test_a_process_is_alive_while_it_is_not_ready() -> None:
    health = Health()
    health.add("database", ill)

    async with ops(health) as get:
        assert await get("/livez") == (200, "{}")
        assert await get("/readyz") == (503, '{"database":"no route to the database"}')


async def test_a_part_that_is_not_needed_is_reported_only() -> None:
    health = Health()
    health.add("database", well)
    health.add("store", ill, needed=False)

    async with ops(health) as get:
        assert await get("/readyz") == (200, '{"database":"","store":"no route to the database"}')


async def test_a_part_that_is_not_needed_makes_no_probe_late() -> None:
    health = Health(patience=timedelta(minutes=1))
    health.add("store", silent, needed=False)

    async with ops(health) as get:
        assert await get("/readyz") == (200, '{"store":"no answer within 0.5 s"}')


async def test_metrics_can_be_scraped() -> None:
    async with ops(Health()) as get:
        code, body = await get("/metrics")

    assert code == 200
    assert "korrigo_test_scans_seconds" in {family.name for family in text_string_to_metric_families(body)}


async def test_exemplars_are_shown_when_asked_for() -> None:
    SCANS.observe(0.1, {"trace_id": "abc"})

    async with ops(Health()) as get:
        _, body = await get("/metrics", accept="application/openmetrics-text; version=1.0.0")

    assert '# {trace_id="abc"} 0.1' in body


async def test_other_paths_and_nonsense_are_turned_away() -> None:
    async with ops(Health()) as get:
        assert (await get("/secrets"))[0] == 404
        assert (await get(""))[0] == 404


async def test_a_part_that_is_not_well_shows_among_the_metrics() -> None:
    health = Health()
    health.add("database", well)
    health.add("store", ill, needed=False)

    async with ops(health) as get:
        _, body = await get("/metrics")

    assert 'korrigo_dependency_up{part="database"} 1.0' in body
    assert 'korrigo_dependency_up{part="store"} 0.0' in body


async def test_the_level_of_logs_changes_without_a_restart() -> None:
    root = logging.getLogger()
    before = root.level

    async with ops(Health()) as get:
        assert (await get("/loglevel?level=ERROR", "POST"))[0] == 200
        assert root.level == logging.ERROR
        assert (await get("/loglevel?level=LOUD", "POST"))[0] == 422
        assert (await get("/loglevel?level=DEBUG"))[0] == 404
        assert root.level == logging.ERROR
    root.setLevel(before)


async def test_a_hook_is_given_what_is_posted_and_an_outage_asks_for_another_try() -> None:
    heard: list[tuple[str, bytes]] = []

    async def hook(headers: Mapping[str, str], body: bytes) -> int:
        if heard:
            raise Unavailable
        heard.append((headers["authorization"], body))
        return 200

    async with ops(Health(), {"/hook": hook}) as get:
        answers = [await get("/hook", "POST", authorization="Bearer x", body="told") for _ in range(2)]
        too_long = await get("/hook", "POST", **{"content-length": "9999999"})

    assert heard == [("Bearer x", b"told")]
    assert [status for status, _ in (*answers, too_long)] == [200, 503, 413]
