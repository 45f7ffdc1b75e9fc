"""The command `korrigoctl`: every command is named here and loaded when it is asked for."""

from cyclopts import App

#: Where each command is, as `module:function` or, for a group of commands, `module:app`.
COMMANDS = {
    "secrets": "ctl.commands.secrets:secrets",
}


def app() -> App:
    """Name the commands without loading them: the Kubernetes client alone takes half a second."""
    made = App(name="korrigoctl", help="Operate an installation of Korrigo.", version_flags=[])
    for name, place in COMMANDS.items():
        made.command(place, name=name)
    return made


def main() -> None:
    """Run the named command."""
    app()()
