"""The command `korrigoctl`: every command is named here and loaded when it is asked for."""

import os
import sys
from importlib import import_module

from cyclopts import App

from ctl.failure import Failure
from ctl.settings import are_here

#: Where each command is, as `module:function` or, for a group of commands, `module:app`.
COMMANDS = {
    "backup": "ctl.commands.backup:app",
    "certificates": "ctl.commands.certificates:certificates",
    "dead-letters": "ctl.commands.dead_letters:app",
    "doctor": "ctl.commands.doctor:doctor",
    "drain": "ctl.commands.drain:drain",
    "drill": "ctl.commands.backup:drill",
    "gate": "ctl.commands.gate:app",
    "migrate": "ctl.commands.migrate:migrate",
    "migrations": "ctl.commands.migrations:app",
    "restore": "ctl.commands.backup:restore",
    "secrets": "ctl.commands.secrets:secrets",
    "status": "ctl.commands.status:status",
    "sweep": "ctl.commands.sweep:sweep",
    "trace": "ctl.commands.trace:trace",
}

#: Those that need the database, the broker, the store or the mail server: they work in the cluster.
INSIDE = {"backup", "dead-letters", "drill", "restore"}

#: Options before the command, and the variables that say the same.
GLOBAL = {
    "--namespace": "KORRIGO_NAMESPACE",
    "-n": "KORRIGO_NAMESPACE",
    "--context": "KORRIGO_CONTEXT",
}

_HELP = """
Operate an installation of Korrigo.

`korrigoctl -n NAMESPACE --context CONTEXT COMMAND …` chooses the cluster as kubectl does. What needs the
database, the broker or the store is carried out by a job in the cluster, with its log shown here.
"""


def app() -> App:
    """Name the commands without loading them: the Kubernetes client alone takes half a second."""
    made = App(name="korrigoctl", help=_HELP, version_flags=[])
    for name, place in COMMANDS.items():
        made.command(place, name=name)
    return made


def main() -> None:
    """Run the named command."""
    code = _run(_without_globals(sys.argv[1:]))
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of the store's and gRPC's native code may outlive the interpreter, and then abort the process.
    os._exit(code)


def _run(arguments: list[str]) -> int:
    try:
        if arguments[:1] and arguments[0] in INSIDE and not are_here() and not _asks_for_help(arguments):
            return _forward(arguments)
        app()(arguments)
    except Failure as failure:
        sys.stderr.write(f"korrigoctl: {failure}\n")
        return failure.exit_code
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else _said(ended.code)
    return 0


def _said(reason: str | None) -> int:
    if reason is None:
        return 0
    sys.stderr.write(f"{reason}\n")
    return 1


def _without_globals(arguments: list[str]) -> list[str]:
    """Take the options before the command into the environment."""
    rest = list(arguments)
    while len(rest) > 1 and rest[0] in GLOBAL:
        os.environ[GLOBAL[rest[0]]] = rest[1]
        rest = rest[2:]
    return rest


def _asks_for_help(arguments: list[str]) -> bool:
    return bool({"--help", "-h"} & set(arguments)) or arguments in (["backup"], ["dead-letters"])


def _forward(arguments: list[str]) -> int:
    cluster = import_module("ctl.cluster").Cluster.open()
    return int(import_module("ctl.forward").forward(cluster, arguments))
