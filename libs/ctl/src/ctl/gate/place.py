"""Where an installation runs, as the gate sees it: in a cluster, or on this machine."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import orjson

from ctl.readings import Sample, samples

#: A line of a log, with the name of its process beside what it says.
Line = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """A process as its probes show it at one moment."""

    #: Of the pod, or of the process.
    name: str
    workload: str
    is_alive: bool
    is_ready: bool
    #: What it says of each part that it uses: "" or why that is not well.
    parts: dict[str, str]
    #: What it answers at /metrics.
    metrics: str = field(repr=False)
    restarts: int = 0
    #: Whether whoever sends it work takes it for ready; None where nobody does.
    is_in_service: bool | None = None

    @cached_property
    def samples(self) -> tuple[Sample, ...]:
        """Read its figures."""
        return samples(self.metrics)

    def figure(self, name: str, **labels: str) -> float:
        """Add up a metric over the labels that are not named."""
        return sum(
            sample.value
            for sample in self.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


class Place(Protocol):
    """What the gate asks of an installation, and does to it when it may."""

    @property
    def url(self) -> str:
        """Give the address for browsers."""
        ...

    @property
    def prometheus(self) -> str:
        """Give the address of a Prometheus that is known to watch it; "" if none is."""
        ...

    @property
    def namespace(self) -> str:
        """Give the namespace by which that Prometheus knows it; "" if there is none."""
        ...

    def look(self) -> list[Seen]:
        """Ask every process."""
        ...

    def lines(self, needle: str, seconds: float) -> Iterator[Line]:
        """Read the lines of the last seconds in which a text occurs, of all processes."""
        ...

    def ask(self, arguments: Sequence[str]) -> list[dict[str, Any]]:
        """Run a command of korrigoctl where the servers can be reached, and read the list that it answers."""
        ...

    def kill(self, name: str) -> str:
        """Kill a process as a crash would; say what was done."""
        ...

    def sweep(self, key: str) -> list[Line]:
        """Have ingest sweep one file that nothing names, and give its log."""
        ...

    def without_broker(self) -> AbstractContextManager[Callable[[], list[Seen]]]:
        """Cut processes off from the broker while the block runs; the value looks at them."""
        ...

    def mails(self, about: str) -> list[float] | None:
        """Tell when mails with such a subject were caught, in seconds since 1970; None without a catcher."""
        ...


def read_line(process: str, text: str) -> Line | None:
    """Read a line of a log; None for what is no JSON object."""
    if not text.startswith("{"):
        return None
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return {**found, "process": process} if isinstance(found, dict) else None


def parts(answer: str) -> dict[str, str]:
    """Read /readyz: what a process says of each part, "" for what is well."""
    try:
        found = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return {}
    return {str(part): str(reason) for part, reason in found.items()} if isinstance(found, dict) else {}
