"""Run what CronJobs run, by hand and at once."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from tests.cluster import kube
from tests.cluster.installation import Installation
from tests.waiting import until


class JobFailedError(AssertionError):
    """A job ended with an error; the message is what it wrote."""


def run(installation: Installation, cron_job: str, *command: str) -> str:
    """Make a job of a CronJob, perhaps with a command of ours in its place; give what it writes."""
    name = f"{cron_job}-{uuid4().hex[:6]}"
    create = ("create", "job", name, f"--from=cronjob/{cron_job}", "--dry-run=client", "-o", "json")
    job = json.loads(installation.kubectl(*create))
    if command:
        job["spec"]["template"]["spec"]["containers"][0] |= {"command": command, "args": []}
    installation.kubectl("create", "-f", "-", given=json.dumps(job))
    has_succeeded = until(lambda: _ended(installation, name), f"{name} to end", seconds=180) == "Complete"
    said = installation.kubectl("logs", f"job/{name}")
    if not has_succeeded:
        raise JobFailedError(said)
    return said


def _ended(installation: Installation, name: str) -> str | None:
    """Tell how a job ended, once it has."""
    status: dict[str, Any] = kube.read("job", name, "-n", installation.namespace)["status"]
    ends = [each["type"] for each in status.get("conditions", []) if each["status"] == "True"]
    return next((end for end in ends if end in {"Complete", "Failed"}), None)
