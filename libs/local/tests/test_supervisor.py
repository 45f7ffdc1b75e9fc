"""The supervisor keeps processes running, starts them in order and leaves none behind."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest
from local import installation
from local.home import Home
from local.plan import Process, Stage
from local.reaper import Identity
from local.supervisor import StartFailedError, Supervisor

SLEEPER = "import sys, signal; print('up', flush=True); signal.pause()"
DEAF = "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True)\nwhile True: signal.pause()"
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]); " + SLEEPER


class Lines(list[tuple[str, str]]):
    """What the processes said."""

    def hear(self, process: str, line: str) -> None:
        self.append((process, line))

    def of(self, process: str) -> list[str]:
        return [line for name, line in self if name == process]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
async def supervisor(home: Home, lines: Lines) -> AsyncIterator[Supervisor]:
    made = Supervisor(home, lines.hear)
    yield made
    await made.stop()


def process(name: str, script: str, lines: Lines | None = None) -> Process:
    is_ready = (lambda: "up" in lines.of(name)) if lines is not None else None
    return Process(name, (sys.executable, "-c", script), dict(os.environ), is_ready=is_ready)


async def until(condition: Callable[[], object], within: float = 10) -> None:
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 other processes set no event
            await asyncio.sleep(0.02)


async def test_a_killed_process_is_started_again(supervisor: Supervisor, home: Home, lines: Lines) -> None:
    await supervisor.start([Stage((process("marker", SLEEPER, lines),))])
    first = installation.identity(home, "marker")
    assert first

    first.signal(signal.SIGKILL)

    await until(lambda: installation.identity(home, "marker") not in (first, None))
    assert installation.running(home)["marker"]["restarts"] == 1


async def test_a_stage_starts_after_the_one_before(supervisor: Supervisor, lines: Lines) -> None:
    step = process("migrate", "print('migrated', flush=True)")

    await supervisor.start([Stage((step,)), Stage((process("serve", SLEEPER, lines),))])

    said = [entry for entry in lines if entry[0] != "supervisor"]
    assert said == [("migrate", "migrated"), ("serve", "up")]


async def test_an_unawaited_stage_starts_beside_the_next(
    supervisor: Supervisor, home: Home, lines: Lines
) -> None:
    sign = home.directory / "serving"
    waits = f"import pathlib, time\nwhile not pathlib.Path({str(sign)!r}).exists(): time.sleep(0.01)\n"
    signs = f"import pathlib; pathlib.Path({str(sign)!r}).touch(); "
    servers = Stage((process("nats", waits + SLEEPER, lines),), is_awaited=False)

    await supervisor.start([servers, Stage((process("serve", signs + SLEEPER, lines),))])

    assert lines.of("nats") == ["up"]


async def test_a_failed_step_tells_its_last_lines(supervisor: Supervisor) -> None:
    step = process("migrate", "import sys; sys.exit('no such schema')")

    with pytest.raises(StartFailedError, match="migrate failed:\nno such schema"):
        await supervisor.start([Stage((step,))])


async def test_a_refused_configuration_is_not_tried_again(supervisor: Supervisor, lines: Lines) -> None:
    bad = process("gateway", "import sys; print('KORRIGO_DSN: is missing'); sys.exit(78)", lines)

    with pytest.raises(StartFailedError, match="KORRIGO_DSN: is missing"):
        await supervisor.start([Stage((bad,))])


async def test_stopping_ends_what_a_process_started(home: Home, lines: Lines) -> None:
    supervisor = Supervisor(home, lines.hear)
    await supervisor.start([Stage((process("parent", PARENT, lines),))])
    await until(lambda: lines.of("parent").count("up") == 2)
    found = installation.identity(home, "parent")
    assert found
    family = [psutil.Process(found.pid), *psutil.Process(found.pid).children()]

    await supervisor.stop()

    assert len(family) == 2
    assert not any(member.is_running() for member in family)


async def test_a_held_process_stays_stopped_until_released(
    supervisor: Supervisor, home: Home, lines: Lines
) -> None:
    await supervisor.start([Stage((process("nats", SLEEPER, lines),))])
    first = installation.identity(home, "nats")
    assert first
    home.held("nats").parent.mkdir()
    home.held("nats").touch()

    first.signal(signal.SIGTERM)
    await until(lambda: any("process_held" in line for _, line in lines))
    home.held("nats").unlink()

    await until(lambda: installation.identity(home, "nats") not in (first, None))
    assert installation.running(home)["nats"]["restarts"] == 0


async def test_what_a_killed_supervisor_left_is_ended(home: Home, lines: Lines) -> None:
    supervisor = Supervisor(home, lines.hear)
    await supervisor.start([Stage((process("orphan", DEAF, lines),))])
    orphan = installation.identity(home, "orphan")
    assert orphan

    home.held("orphan").parent.mkdir()
    home.held("orphan").touch()
    await asyncio.to_thread(installation.reap, home, grace=0.2)

    assert not orphan.is_alive()
    assert installation.running(home) == {}
    await supervisor.stop()


def test_one_data_directory_has_one_supervisor(home: Home) -> None:
    with (
        installation.locked(home),
        pytest.raises(installation.AlreadyRunningError),
        installation.locked(home),
    ):
        pass


def test_a_reused_process_id_is_somebody_else() -> None:
    assert Identity.own().is_alive()
    assert not Identity(os.getpid(), 1.0).is_alive()
