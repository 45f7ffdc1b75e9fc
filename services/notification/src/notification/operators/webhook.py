"""What Alertmanager posts, version 4 of its webhook, from whoever knows the token."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from kit import telemetry
from kit.db import Database
from pydantic import BaseModel, SecretStr, ValidationError

from notification.operators.alerts import LONGEST_TEXT, Alert, fingerprint
from notification.operators.store import Operators

PATH = "/webhooks/alertmanager"

log = telemetry.get_logger()


class _Alert(BaseModel):
    status: str
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    fingerprint: str = ""


class _Group(BaseModel):
    """One notification; fields that we do not use are left alone."""

    version: str
    alerts: list[_Alert]


class AlertmanagerHook:
    """Answers POST /webhooks/alertmanager with a status."""

    def __init__(self, database: Database, token: SecretStr) -> None:
        self._database = database
        self._token = token.get_secret_value()

    async def __call__(self, headers: Mapping[str, str], body: bytes) -> int:
        """Note the alerts of a notification: 200, 401 without the token, 422 for anything else."""
        if not hmac.compare_digest(
            headers.get("authorization", "").encode(), f"Bearer {self._token}".encode()
        ):
            return 401
        try:
            group = _Group.model_validate_json(body)
        except ValidationError as error:
            log.warning("alerts_refused", problems=error.error_count())
            return 422
        if group.version != "4":
            return 422
        async with self._database.transaction() as session:
            await Operators(session).report(*(_alert(alert) for alert in group.alerts))
        log.info("alerts_received", alerts=len(group.alerts))
        return 200


def _alert(received: _Alert) -> Alert:
    labels, notes = received.labels, received.annotations
    about = received.fingerprint or repr(sorted(labels.items()))
    return Alert(
        fingerprint=fingerprint("alertmanager", about),
        name=labels.get("alertname", "unnamed"),
        severity=labels.get("severity", "warning"),
        service=labels.get("service", labels.get("owner", "")),
        summary=notes.get("summary", "")[:LONGEST_TEXT],
        description=(notes.get("impact") or notes.get("description", ""))[:LONGEST_TEXT],
        runbook_url=notes.get("runbook_url", ""),
        is_firing=received.status == "firing",
    )
