"""Problems, operations, and what is said of them. No I/O."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from kit.errors import InvalidArgument

from notification.domain import State

#: How long news wait for company, and how long once there was much of it within the hour.
GATHER = timedelta(seconds=3)
GATHER_IN_A_STORM = timedelta(minutes=5)
STORM = 10
#: How soon a problem that lasts is told again.
REPEAT = timedelta(hours=4)
#: How long a message is tried, and the pauses in between.
PATIENCE = timedelta(hours=24)
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=10)
LONGEST_TEXT = 2000

RUNBOOKS = "docs/runbooks"
KINDS = frozenset(
    {"migrate", "migrate-back", "backup", "restore", "drill"}
    | {f"sweep-{service}" for service in ("gateway", "ingest", "grading", "notification")}
)
MOST_FIGURES = 12
_FIGURE = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Outcome(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    BUSY = "busy"


class OperationInvalid(InvalidArgument):
    """An operation needs a known kind, an outcome, its times and at most a dozen plainly named figures."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One report about a problem."""

    #: What makes two reports be about one problem.
    fingerprint: str
    name: str
    severity: str
    service: str
    summary: str
    description: str = ""
    runbook_url: str = ""
    is_firing: bool = True
    since: datetime | None = None
    count: int = 1

    def linked(self, runbooks: str) -> Alert:
        """Make its page, which we know by its path, an address to click."""
        if not self.runbook_url.startswith(f"{RUNBOOKS}/"):
            return self
        return replace(self, runbook_url=runbooks.rstrip("/") + self.runbook_url.removeprefix(RUNBOOKS))

    @property
    def line(self) -> str:
        """Say it in one line."""
        state = "" if self.is_firing else "RESOLVED "
        times = f" ({self.count} times)" if self.count > 1 else ""
        return _one_line(f"{state}[{self.severity}] {self.name}: {self.summary}{times}")


@dataclass(frozen=True, slots=True)
class Operation:
    """How a job of operators went."""

    kind: str
    outcome: Outcome
    started_at: datetime
    ended_at: datetime
    summary: str
    figures: Mapping[str, float]

    def check(self) -> None:
        """Refuse what would make metrics grow without bound."""
        names_are_plain = all(_FIGURE.fullmatch(name) for name in self.figures)
        if self.kind not in KINDS or not names_are_plain or len(self.figures) > MOST_FIGURES:
            raise OperationInvalid(kind=self.kind[:50])

    @property
    def alert(self) -> Alert:
        """Make the problem that its failure is, or its success the end of."""
        return Alert(
            fingerprint=fingerprint("operation", self.kind),
            name="OperationFailed",
            severity="critical" if self.kind in ("migrate", "backup", "restore") else "warning",
            service="operations",
            summary=f"{self.kind} {self.outcome}",
            description=self.summary[:LONGEST_TEXT],
            runbook_url=f"{RUNBOOKS}/OperationFailed.md",
            is_firing=self.outcome in (Outcome.FAILED, Outcome.REFUSED),
        )


@dataclass(slots=True)
class Dispatch:
    """One message to one target."""

    id: UUID
    target: str
    alerts: Sequence[Alert]
    created_at: datetime
    state: State = State.WAITING
    attempts: int = 0
    reason: str = ""
    pause: timedelta = timedelta()

    def arrived(self) -> None:
        """Note that the target took it."""
        self.state = State.SENT

    def failed(self, reason: str, now: datetime) -> None:
        """Note that it did not: try again later, or give it up."""
        self.attempts += 1
        self.reason = reason[:LONGEST_TEXT]
        self.pause = min(FIRST_PAUSE * 2 ** min(self.attempts - 1, 10), LONGEST_PAUSE)
        if now - self.created_at > PATIENCE:
            self.state = State.FAILED

    @property
    def subject(self) -> str:
        """Say the worst of it in a mail's subject."""
        first = min(self.alerts, key=_weight)
        more = f" and {len(self.alerts) - 1} more" if len(self.alerts) > 1 else ""
        return f"Korrigo: {first.line[:150]}{more}"

    @property
    def text(self) -> str:
        """Say all of it."""
        return "\n\n".join(_paragraph(alert) for alert in sorted(self.alerts, key=_weight)) + "\n"

    @property
    def payload(self) -> dict[str, Any]:
        """Say all of it to a machine."""
        alerts = [
            {
                "name": alert.name,
                "state": "firing" if alert.is_firing else "resolved",
                "severity": alert.severity,
                "service": alert.service,
                "summary": alert.summary,
                "description": alert.description,
                "runbook_url": alert.runbook_url,
                "count": alert.count,
            }
            for alert in self.alerts
        ]
        return {
            "type": "alerts.changed",
            "timestamp": self.created_at.isoformat(),
            "data": {"alerts": alerts},
        }


def fault(service: str, name: str, about: str, detail: str) -> Alert:
    """Make the problem that a service noticed itself."""
    return Alert(
        fingerprint=fingerprint("fault", service, name, about),
        name=name,
        severity="critical",
        service=service,
        summary=f"{service}: {about}",
        description=detail[:LONGEST_TEXT],
        runbook_url=f"{RUNBOOKS}/{name}.md",
    )


def fingerprint(*parts: str) -> str:
    """Name a problem by what it is about."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _weight(alert: Alert) -> tuple[bool, int]:
    order = {"critical": 0, "warning": 1}
    return not alert.is_firing, order.get(alert.severity, 2)


def _paragraph(alert: Alert) -> str:
    since = f"Since {alert.since:%Y-%m-%d %H:%M:%S} UTC." if alert.since else ""
    runbook = f"Runbook: {alert.runbook_url}" if alert.runbook_url else ""
    return "\n".join(part for part in (alert.line, alert.description, since, runbook) if part)


def _one_line(text: str) -> str:
    return " ".join(text.split())
