"""The whole system on one machine: it comes up, mends itself, keeps its data and leaves nothing behind."""

import json
import signal
import urllib.request
from collections.abc import Iterator

import psutil
import pytest
from local import cli, installation
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


def test_a_command_of_a_service_runs_with_its_settings(system: System) -> None:
    where = ("--data", str(system.home.directory), "ingest", "--", "sweep")

    assert cli.app(["command", *where], result_action="return_value") == 0


def test_a_paused_process_stays_away_until_it_is_resumed(system: System) -> None:
    where = ("mail", "--data", str(system.home.directory))

    paused = cli.app(["pause", *where], result_action="return_value")
    away = installation.identity(system.home, "mail")
    resumed = cli.app(["resume", *where], result_action="return_value")

    assert (paused, away, resumed) == (0, None, 0)
    assert installation.identity(system.home, "mail") is not None


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
