"""`korrigoctl status`: how the installation is, on one page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from ctl import readings
from ctl.cluster import Cluster
from ctl.output import Format, Output, rows, span, write
from ctl.readings import Process


@dataclass(frozen=True)
class Queue:
    """A durable reader of a stream."""

    consumer: str
    waiting: int
    #: Handed out and not acknowledged yet.
    out: int
    oldest_seconds: float


@dataclass(frozen=True)
class Schema:
    """A service's part of the database."""

    name: str
    revision: str
    #: What the running code was made for.
    head: str
    is_compatible: bool
    outbox_oldest_seconds: float


@dataclass(frozen=True)
class Status:
    """All of it."""

    processes: list[Process]
    schemas: list[Schema]
    queues: list[Queue]
    dead_letters: int
    #: What went wrong lately, as Kubernetes tells it.
    warnings: list[str]


def status(*, output: Output = Format.TEXT) -> None:
    """Show pods, schemas, queues, dead letters and what Kubernetes warns about."""
    cluster = Cluster.open()
    found = read(cluster)
    write(found, output, _page(found))


def read(cluster: Cluster) -> Status:
    """Ask every pod, and Kubernetes for its warnings."""
    processes = [_process(cluster, pod) for pod in cluster.pods() if _is_service(pod)]
    return Status(
        processes=sorted(processes, key=lambda process: process.name),
        schemas=sorted(_schemas(processes), key=lambda schema: schema.name),
        queues=sorted(_queues(processes), key=lambda queue: queue.consumer),
        dead_letters=int(max(readings.largest(processes, "korrigo_dead_letters", "").values(), default=0)),
        warnings=cluster.warnings(),
    )


def _is_service(pod: Any) -> bool:
    owners = pod.metadata.owner_references or []
    return any(owner.kind == "ReplicaSet" for owner in owners)


def _process(cluster: Cluster, pod: Any) -> Process:
    states = pod.status.container_statuses or []
    labels = pod.metadata.labels
    begun = pod.status.start_time
    return Process(
        name=pod.metadata.name,
        workload=labels.get("app.kubernetes.io/component", labels.get("app.kubernetes.io/name", "")),
        version=labels.get("app.kubernetes.io/version", ""),
        unready=readings.unready(cluster.probe_pod(pod.metadata.name, "readyz")[1]),
        restarts=sum(state.restart_count for state in states),
        age_seconds=(datetime.now(UTC) - begun).total_seconds() if begun else 0.0,
        trouble=next(filter(None, (_trouble(state) for state in states)), ""),
        samples=readings.samples(cluster.probe_pod(pod.metadata.name, "metrics")[1]),
    )


def _trouble(state: Any) -> str:
    waiting = state.state.waiting if state.state else None
    return f"{waiting.reason}: {waiting.message or ''}".strip(": ") if waiting else ""


def _schemas(processes: list[Process]) -> Iterator[Schema]:
    compatible = readings.largest(processes, "korrigo_schema_compatible", "schema")
    outboxes = readings.largest(processes, "korrigo_outbox_oldest_seconds", "schema")
    seen = set()
    for sample in readings.named(processes, "korrigo_schema_revision_info"):
        name, revision, head = (sample.labels.get(label, "") for label in ("schema", "revision", "head"))
        if sample.value and (name, head) not in seen:
            seen.add((name, head))
            yield Schema(name, revision, head, bool(compatible.get(name, 0)), outboxes.get(name, 0.0))


def _queues(processes: list[Process]) -> Iterator[Queue]:
    waiting = readings.largest(processes, "korrigo_queue_waiting", "consumer")
    out = readings.largest(processes, "korrigo_queue_out", "consumer")
    oldest = readings.largest(processes, "korrigo_queue_oldest_seconds", "consumer")
    for name, messages in waiting.items():
        yield Queue(name, int(messages), int(out.get(name, 0)), oldest.get(name, 0.0))


def _page(found: Status) -> Group:
    letters = f"{found.dead_letters} dead letters"
    hint = ": korrigoctl dead-letters ls" if found.dead_letters else ""
    warnings = [Text(f"! {warning}", style="yellow") for warning in found.warnings]
    return Group(
        _pods(found),
        Text(),
        _schema_table(found),
        Text(),
        _queue_table(found),
        Text(),
        Text(letters + hint),
        *warnings,
    )


def _pods(found: Status) -> Table:
    told = [
        (
            process.name,
            "ready" if process.is_ready else "NOT READY",
            process.version,
            process.restarts,
            span(process.age_seconds),
            process.trouble or "; ".join(f"{part}: {reason}" for part, reason in process.unready.items()),
        )
        for process in found.processes
    ]
    return rows("POD", "STATE", "VERSION", "RESTARTS", "AGE", "WHY", of=told)


def _schema_table(found: Status) -> Table:
    told = [
        (
            schema.name,
            schema.revision,
            schema.head,
            "yes" if schema.is_compatible else "NO",
            span(schema.outbox_oldest_seconds),
        )
        for schema in found.schemas
    ]
    return rows("SCHEMA", "AT", "CODE WANTS", "RUNS", "OUTBOX", of=told)


def _queue_table(found: Status) -> Table:
    told = [(queue.consumer, queue.waiting, queue.out, span(queue.oldest_seconds)) for queue in found.queues]
    return rows("CONSUMER", "WAITING", "HANDED OUT", "OLDEST", of=told)
