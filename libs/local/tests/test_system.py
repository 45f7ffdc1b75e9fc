"""The whole system on one machine: it comes up, mends itself, keeps its data and leaves nothing behind."""

import json
import signal
import urllib.request
from collections.abc import Iterator

import psutil
import pytest
from local import installation
from local.system import System

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with System(tmp_path_factory.mktemp("korrigo"), demo=True) as started:
        yield started


def ours(system: System) -> list[str]:
    """List what runs with this system's directory in its environment or command line."""
    return [name for process in psutil.process_iter() if (name := _name(process, str(system.home.directory)))]


def _name(process: psutil.Process, directory: str) -> str:
    try:
        said = [*process.cmdline(), *process.environ().values()]
        return process.name() if any(directory in text for text in said) else ""
    except psutil.Error:
        return ""


def sign_in(system: System, login: dict[str, str]) -> int:
    body = json.dumps({"email": login["email"], "password": login["password"]}).encode()
    request = urllib.request.Request(
        f"{system.url}/api/v1/session", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return int(answer.status)


def test_everything_is_ready(system: System) -> None:
    assert {row.name: row.state for row in system.processes() if row.state not in ("ready", "running")} == {}


def test_every_demo_login_opens_a_session(system: System) -> None:
    logins = system.address["logins"]

    assert [login["role"] for login in logins] == ["admin", "office", "marker", "marker", "student"]
    assert [sign_in(system, login) for login in logins] == [200] * 5


@pytest.mark.parametrize("process", ["rasterizer", "grading", "postgres", "nats"])
def test_a_killed_process_comes_back_and_all_are_ready(system: System, process: str) -> None:
    before = system.pid(process)

    system.kill(process)
    system.wait_for_restart(process, before)
    system.wait_until_ready()

    assert system.pid(process) != before


def test_a_second_start_keeps_all_and_migrates_nothing(system: System) -> None:
    address, migrated = system.address, system.log("ingest-migrate")
    system.stop()
    assert ours(system) == []

    system.start()

    assert system.log("ingest-migrate") == migrated
    assert (system.url, system.address["logins"]) == (address["url"], address["logins"])
    assert sign_in(system, address["logins"][0]) == 200


def test_down_finds_what_a_killed_supervisor_left(system: System) -> None:
    leader = installation.supervisor(system.home)
    assert leader
    leader.signal(signal.SIGKILL)

    system.stop()

    assert ours(system) == []
