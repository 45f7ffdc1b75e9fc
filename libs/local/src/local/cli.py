"""The command `korrigo-local`: Korrigo on one machine."""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter, validators
from rich.console import Console
from rich.table import Table

from local import installation
from local.child import StartError
from local.demo import DemoFailedError
from local.detached import start_detached
from local.home import Home
from local.logs import Follower, is_chatter, merged, render
from local.plan import Options
from local.ports import PortError
from local.run import Screen, run
from local.status import Row, rows
from local.supervisor import StartFailedError
from local.system import System

app = App(name="korrigo-local", help="Korrigo on one machine.", version_flags=[])
console = Console(highlight=False, soft_wrap=True)
_SETTING = re.compile(r"[^:=]+:[^:=]+=.*", re.DOTALL)


def _are_settings(_: object, given: Sequence[str]) -> None:
    for setting in given:
        if not _SETTING.fullmatch(setting):
            raise ValueError(f"{setting} is not NAME:KEY=VALUE")


Env = Annotated[tuple[str, ...], Parameter(validator=_are_settings)]
HttpPort = Annotated[int, Parameter(validator=validators.Number(gte=0, lte=65535))]
Data = Annotated[Path, Parameter(help="Directory of everything that is kept.")]
Json = Annotated[bool, Parameter(name="--json")]
Follow = Annotated[bool, Parameter(alias="-f")]
DATA = Path(".korrigo")
_LAST = 500


@app.command
def up(
    *,
    data: Data = DATA,
    http: HttpPort | None = None,
    detach: bool = False,
    demo: bool = True,
    s3: bool = False,
    durable: bool = True,
    observe: bool = False,
    quiet: bool = False,
    env: Env = (),
) -> int:
    """
    Start everything and stay until Ctrl-C.

    Parameters
    ----------
    http
        Port for browsers; without it a free one, kept from then on.
    detach
        Return once it is ready and leave it running.
    demo
        Make the demo exam and its logins.
    s3
        Keep files in an S3 server instead of a directory.
    durable
        Survive a power cut; without it tests are faster.
    observe
        Run Prometheus and Alertmanager too, with the chart's rules.
    quiet
        Do not show what the processes log.
    env
        More settings of a process, as NAME:KEY=VALUE; NAME "*" is every service.
    """
    home = Home(data.absolute())
    options = Options(http, s3=s3, durable=durable, observe=observe, environment=_environment(env))
    try:
        _come_up(home, options, detach=detach, demo=demo, quiet=quiet)
    except installation.AlreadyRunningError as error:
        console.print(str(error))
        _show_address(installation.address(home))
    except (StartFailedError, StartError, PortError, DemoFailedError) as error:
        console.print(f"korrigo-local: {error}", style="red", markup=False)
        return 1
    return 0


@app.command
def down(*, data: Data = DATA) -> int:
    """End every process; all data stays."""
    installation.stop(Home(data.absolute()))
    return 0


@app.command
def status(*, data: Data = DATA, as_json: Json = False) -> int:
    """Show what runs; succeed only when everything is ready."""
    found = rows(Home(data.absolute()))
    if as_json:
        print(json.dumps([asdict(row) for row in found], indent=2))
    else:
        console.print(_table(found))
    return 0 if found and all(row.state in ("ready", "running") for row in found) else 1


@app.command
def logs(name: str | None = None, *, data: Data = DATA, follow: Follow = False) -> int:
    """Show the latest log lines of one process or of all, in the order of their times."""
    home = Home(data.absolute())
    names = [name] if name else home.logged()
    if name and name not in home.logged():
        console.print(f"no process {name} has a log", style="red")
        return 1
    files = {each: home.log(each) for each in names}
    follower = Follower(files)
    for process, line in merged(files, last=_LAST):
        _show(process, line)
    while follow:
        time.sleep(0.2)
        for process, line in follower.new_lines():
            _show(process, line)
    return 0


@app.command
def kill(name: str, *, data: Data = DATA) -> int:
    """Kill one process with SIGKILL, as a crash would; it is started again."""
    return _with_running(name, data, System.kill)


@app.command
def pause(name: str, *, data: Data = DATA) -> int:
    """Stop one process and keep it stopped until `resume`."""
    return _with_running(name, data, System.pause)


@app.command
def resume(name: str, *, data: Data = DATA) -> int:
    """Start a paused process again."""
    if not Home(data.absolute()).held(name).exists():
        console.print(f"{name} is not paused", style="red")
        return 1
    System(data).resume(name)
    return 0


@app.command
def command(service: str, *arguments: str, data: Data = DATA) -> int:
    """Run a command of a service with the settings of its process: `command ingest -- sweep --delete`."""

    def run(system: System, name: str) -> int:
        words = [sys.executable, "-m", name, *arguments]
        return subprocess.run(words, env=system.environment(name), check=False).returncode

    return _with_running(service, data, run)


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        sys.exit(app())
    except KeyboardInterrupt:
        sys.exit(130)


def _with_running(name: str, data: Path, act: Callable[[System, str], int | None]) -> int:
    if installation.identity(Home(data.absolute()), name) is None:
        console.print(f"no process {name} runs", style="red")
        return 1
    return act(System(data), name) or 0


def _come_up(home: Home, options: Options, *, detach: bool, demo: bool, quiet: bool) -> None:
    if installation.supervisor(home):
        raise installation.AlreadyRunningError(f"Korrigo already runs on {home.directory}")
    if detach:
        start_detached(home, sys.argv[1:])
        _show_address(installation.address(home))
        return
    screen = Screen(_ignore if quiet else _show_lively, _show_address)
    asyncio.run(run(home, options, screen, demo=demo))


def _environment(settings: Sequence[str]) -> dict[str, dict[str, str]]:
    """Read NAME:KEY=VALUE settings, grouped by process name."""
    grouped: dict[str, dict[str, str]] = defaultdict(dict)
    for setting in settings:
        name, _, pair = setting.partition(":")
        key, _, value = pair.partition("=")
        grouped[name][key] = value
    return grouped


def _show(process: str, line: str) -> None:
    console.print(render(process, line))


def _show_lively(process: str, line: str) -> None:
    if not is_chatter(process, line):
        _show(process, line)


def _ignore(process: str, line: str) -> None:
    """Leave the line to its file."""


def _show_address(address: dict[str, Any]) -> None:
    if not address:
        return
    console.print(f"\nKorrigo is ready at [bold]{address['url']}[/bold]")
    console.print(f"Mails are caught in {address['mail_dir']}\n")
    for observer in ("prometheus", "alertmanager"):
        if observer in address:
            console.print(f"{observer.title()} is at {address[observer]}")
    table = Table("Role", "E-mail", "Password", box=None)
    for login in address["logins"]:
        table.add_row(login["role"], login["email"], login["password"])
    if address["logins"]:
        console.print(table)


def _table(found: list[Row]) -> Table:
    table = Table("Process", "State", "Pid", "Ops port", "Restarts", "Memory", box=None)
    for row in found:
        cells = (row.pid, row.ops_port or "", row.restarts, f"{row.memory_mib} MiB")
        table.add_row(row.name, row.state, *(str(cell) for cell in cells))
    return table
