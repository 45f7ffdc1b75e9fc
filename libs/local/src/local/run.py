"""Bring an installation up, keep it until a signal, bring it down."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local import installation
from local.demo import Logins, ensure
from local.files import write_json
from local.home import Home
from local.plan import Options, Plan
from local.supervisor import Supervisor


@dataclass(frozen=True)
class Screen:
    """Where a running installation shows what happens."""

    line: Callable[[str, str], None]
    ready: Callable[[dict[str, Any]], None]


async def run(home: Home, options: Options, screen: Screen, *, demo: bool) -> None:
    """Run until a signal asks to end; raise `StartFailedError` when it does not come up."""
    with installation.locked(home):
        installation.reap(home)
        plan = Plan(home, options)
        supervisor = Supervisor(home, screen.line)
        running = asyncio.create_task(_until_signal(plan, supervisor, screen, demo=demo))
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, running.cancel)
        try:
            await running
        except asyncio.CancelledError:
            return
        finally:
            home.address.unlink(missing_ok=True)
            await supervisor.stop()


async def _until_signal(plan: Plan, supervisor: Supervisor, screen: Screen, *, demo: bool) -> None:
    await supervisor.start(plan.stages())
    address = _address(plan, await asyncio.to_thread(ensure, plan) if demo else [])
    write_json(plan.home.address, address)
    screen.ready(address)
    await asyncio.Event().wait()


def _address(plan: Plan, logins: Logins) -> dict[str, Any]:
    return {
        "url": plan.url,
        "smtp": plan.smtp,
        "mail_dir": str(plan.home.mail),
        "logins": logins,
        "postgres": plan.postgres.dsn(),
        "nats": plan.nats.url("migrate"),
        "operations": plan.operations(),
        "processes": installation.running(plan.home),
        **(
            {"prometheus": plan.prometheus, "alertmanager": plan.alertmanager} if plan.options.observe else {}
        ),
    }
