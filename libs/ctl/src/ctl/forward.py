"""Carry out a command where its settings are: in a pod of the cluster, made for it."""

import sys
from typing import Any

import orjson

from ctl.cluster import Cluster
from ctl.failure import Failure

#: The suspended cron job whose template has the tools' image and the operations' secrets.
TEMPLATE = "operations"
#: A restore of a big installation takes its time.
_SECONDS = 6 * 3600.0
_START_SECONDS = 120.0


def forward(cluster: Cluster, arguments: list[str]) -> int:
    """Run a command as a job, write what it writes, and give its exit code."""
    return run_job(cluster, TEMPLATE, f"ctl-{arguments[0]}", arguments)


def ask(cluster: Cluster, arguments: list[str]) -> Any:
    """Run a command that answers with a JSON list, and give the list; its log is beside it."""
    job = cluster.start_job(TEMPLATE, f"ctl-{arguments[0]}", arguments)
    lines = list(cluster.follow(job, within=_START_SECONDS))
    if "[" not in lines:
        raise Failure(f"job/{job} gave no answer:\n" + "\n".join(lines))
    return orjson.loads("\n".join(lines[lines.index("[") : lines.index("]") + 1]))


def run_job(cluster: Cluster, template: str, name: str, arguments: list[str] | None = None) -> int:
    """Make a job from a cron job's template, write its log as it comes, and give its exit code."""
    job = cluster.start_job(template, name, arguments)
    sys.stderr.write(f"job/{job} in {cluster.namespace}\n")
    for line in cluster.follow(job, within=_START_SECONDS):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    return cluster.outcome(job, within=_SECONDS).exit_code
