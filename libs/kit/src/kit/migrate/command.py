"""`python -m <service> migrate [up|plan|back] [--report FILE]`: run it and tell how it went."""

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import SecretStr

from kit.errors import Unavailable
from kit.migrate.migration import Migration
from kit.migrate.release import Release
from kit.migrate.session import Busy, MigrationFailed, Refused
from kit.migrate.settings import MigrationSettings
from kit.telemetry import get_logger

#: Where Kubernetes reads why a container ended.
TERMINATION_LOG = Path("/dev/termination-log")
_TERMINATION_BYTES = 4096

_EXIT = {failure.state: failure.exit_code for failure in (MigrationFailed, Refused, Busy)}

log = get_logger()


@dataclass(frozen=True)
class Outcome:
    """How a run ended: `done`, `refused`, `failed`, `busy`, or `skipped` because another one failed."""

    service: str
    action: str
    state: str
    reason: str
    before: str | None = None
    after: str | None = None
    plan: str = ""

    def __str__(self) -> str:
        """Say it in a line."""
        way = f"{self.before or 'nothing'} -> {self.after or 'nothing'}"
        return f"{self.service} migrate {self.action} ({way}): {self.state}: {self.reason}"

    @property
    def json(self) -> str:
        """Write it for the job that concludes."""
        found = asdict(self)
        return json.dumps({"from": found.pop("before"), "to": found.pop("after"), **found}, indent=1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `migrate` may be told on its command line."""
    parser.add_argument("action", nargs="?", choices=("up", "plan", "back"), default="up")
    parser.add_argument("--report", type=Path, help="write the outcome here and end with 0 whatever it is")


@dataclass(frozen=True)
class Service:
    """What one service brings to the command: its schema, if it has one, and what it needs at the broker."""

    name: str
    declare: Callable[[], Awaitable[None]]
    release: Release | None = None
    dsn: SecretStr | None = None


async def run(arguments: argparse.Namespace, service: Service) -> None:
    """Run the command; SystemExit says how it ended when that is not well and nobody reads a report."""
    settings = MigrationSettings.load()
    # Rendering a plan tells of upgrades and downgrades that nobody runs.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    report: Path | None = arguments.report
    outcome = _skipped(service.name, arguments.action, report) if report else None
    outcome = outcome or await _outcome(service, arguments.action, settings)
    if arguments.action == "plan" or (outcome.state == "refused" and outcome.plan):
        sys.stdout.write(f"-- {outcome}\n{outcome.plan}\n")
    _tell(outcome)
    if report:
        report.write_text(outcome.json)
    elif outcome.state in _EXIT:
        sys.exit(_EXIT[outcome.state])


def _skipped(service: str, action: str, report: Path) -> Outcome | None:
    """Stand aside when a service before this one was not migrated."""
    for path in sorted(report.parent.glob("*.json")):
        found = json.loads(path.read_text())
        if path != report and found.get("service") and found.get("state") in _EXIT:
            return Outcome(service, action, "skipped", f"{found['service']} {found['state']}")
    return None


async def _outcome(service: Service, action: str, settings: MigrationSettings) -> Outcome:
    """Run it; what nobody expected is logged whole, and fails like what somebody did."""
    migration = Migration(service.release, service.dsn, settings) if service.release and service.dsn else None
    try:
        reason = await asyncio.to_thread(getattr(migration, action)) if migration else "there is no schema"
        if action != "plan":
            reason += await _declared(service, action)
        state = "done"
    except MigrationFailed as failure:
        state, reason = failure.state, str(failure)
    except Exception as error:
        log.exception("migration_failed")
        state, reason = "failed", f"{type(error).__name__}: {error}"
    if not migration:
        return Outcome(service.name, action, state, reason)
    return Outcome(service.name, action, state, reason, migration.before, migration.after, migration.script)


async def _declared(service: Service, action: str) -> str:
    """Declare streams and queues; the way back does not depend on the broker, which has them since `up`."""
    try:
        await service.declare()
    except Unavailable as error:
        if action == "back":
            return f"; queues left as they are: {error}"
        raise MigrationFailed(f"the schema is done, but not the broker: {error}; run it again") from error
    return ""


def _tell(outcome: Outcome) -> None:
    """Tell how a migration ended, in the log and where Kubernetes looks."""
    log.info(
        "migration_ended",
        action=outcome.action,
        state=outcome.state,
        reason=outcome.reason,
        before=outcome.before,
        after=outcome.after,
    )
    if TERMINATION_LOG.exists():
        TERMINATION_LOG.write_bytes(f"{outcome}\n".encode()[:_TERMINATION_BYTES])
