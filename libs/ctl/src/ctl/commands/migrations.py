"""`korrigoctl migrations conclude`: the last word of the job that migrates every service."""

import asyncio
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
from cyclopts import App
from korrigo.notification.v1 import notification_pb2 as pb

from ctl import event
from ctl.failure import Failure
from ctl.operations import Operation, tell
from ctl.output import console
from ctl.settings import TellingSettings

app = App(name="migrations", help="What the job that migrates needs; people use `korrigoctl migrate`.")

#: By how a service ended, how the job ends; the worst counts.
_EXIT = {"done": 0, "skipped": 0, "failed": 1, "refused": 2, "busy": 3}
_OUTCOMES = {
    "done": pb.Operation.OUTCOME_SUCCEEDED,
    "skipped": pb.Operation.OUTCOME_SUCCEEDED,
    "refused": pb.Operation.OUTCOME_REFUSED,
    "busy": pb.Operation.OUTCOME_BUSY,
}
_NEXT = {
    "failed": "The old pods serve on. Mend the cause and upgrade again: it goes on from there.",
    "refused": "Nothing was changed by it. Allow it by name in migrations.allowDestructive or "
    "migrations.approved, or mend it.",
    "busy": "Nothing was changed. Wait for the other run, or end its session, and upgrade again.",
}


@dataclass(frozen=True)
class Report:
    """How the migration of one service ended."""

    service: str
    action: str
    state: str
    reason: str
    before: str | None
    after: str | None

    @property
    def sentence(self) -> str:
        """Say it in a line."""
        way = (
            f"{self.before or 'nothing'} → {self.after or 'nothing'}"
            if self.before or self.after
            else "no schema"
        )
        return f"{self.service}: {self.state} ({way}): {self.reason}"


@app.command
def conclude(folder: Path) -> None:
    """
    Sum up the reports of all services; make an Event of it, and end with what Helm is to see.

    Parameters
    ----------
    folder
        Where each service's migration left its report.
    """
    reports = [
        _read(path) for path in sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    ]
    found = [report for report in reports if report is not None]
    if not found:
        raise Failure(f"{folder} has no report: no service was migrated")
    for report in found:
        console.print(report.sentence, markup=False, highlight=False, soft_wrap=True)
    worst = max(found, key=lambda report: _EXIT.get(report.state, 1))
    if worst.state in _NEXT:
        console.print(_NEXT[worst.state], markup=False, soft_wrap=True)
    _make_event(worst)
    asyncio.run(_tell(worst))
    sys.exit(_EXIT.get(worst.state, 1))


def _read(path: Path) -> Report | None:
    told = orjson.loads(path.read_bytes())
    if "service" not in told:
        return None  # the backup that the migration relies on
    return Report(told["service"], told["action"], told["state"], told["reason"], told["from"], told["to"])


async def _tell(report: Report) -> None:
    kind = "migrate" if report.action == "up" else "migrate-back"
    told = Operation(report.sentence, outcome=_OUTCOMES.get(report.state, pb.Operation.OUTCOME_FAILED))
    await tell(TellingSettings.start(), kind, told, datetime.now(UTC))


def _make_event(report: Report) -> None:
    """Make an Event, so that `kubectl describe` and `kubectl get events` show the reason."""
    is_well = _EXIT.get(report.state) == 0
    reason = "Migrated" if is_well else f"Migration{report.state.capitalize()}"
    message = "every schema is where the new code wants it" if is_well else report.sentence
    event.tell(reason, message, is_warning=not is_well)
