"""What processes say of themselves on `/readyz` and `/metrics`, in a cluster or on one machine."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import orjson
from prometheus_client.parser import text_string_to_metric_families

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Sample:
    """One figure of one process."""

    name: str
    labels: Labels
    value: float


@dataclass(frozen=True)
class Process:
    """One process as it was when it was asked."""

    name: str
    workload: str
    version: str
    #: Why each part that is not well is not; empty when it is ready.
    unready: Mapping[str, str]
    restarts: int
    age_seconds: float
    #: What Kubernetes says when the process itself cannot answer, as in CrashLoopBackOff.
    trouble: str = ""
    samples: tuple[Sample, ...] = field(default=(), repr=False)

    @property
    def is_ready(self) -> bool:
        """Tell whether it does what it is for."""
        return not self.trouble and not any(self.unready.values())


def unready(answer: str) -> dict[str, str]:
    """Read `/readyz`: the parts that are not well, and why."""
    if not answer:
        return {"process": "does not answer"}
    try:
        return {part: reason for part, reason in orjson.loads(answer).items() if reason}
    except (orjson.JSONDecodeError, AttributeError):
        return {"process": answer[:200]}


def samples(answer: str) -> tuple[Sample, ...]:
    """Read `/metrics`."""
    families = text_string_to_metric_families(answer)
    return tuple(
        Sample(sample.name, sample.labels, sample.value)
        for family in families
        for sample in family.samples
        if sample.name.startswith("korrigo_")
    )


def named(processes: Iterable[Process], name: str) -> Iterator[Sample]:
    """Go through a metric of all processes."""
    for process in processes:
        yield from (sample for sample in process.samples if sample.name == name)


def largest(processes: Iterable[Process], name: str, label: str) -> dict[str, float]:
    """Give by *label* the largest value that any process tells."""
    found: dict[str, float] = {}
    for sample in named(processes, name):
        key = sample.labels.get(label, "")
        found[key] = max(found.get(key, sample.value), sample.value)
    return found
