"""An installation in a cluster, as an operator with a kube context sees it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ctl.cluster import Cluster
from ctl.failure import Failure
from ctl.forward import ask
from ctl.gate.place import Line, Seen, parts, read_line

_START_SECONDS = 120.0
_END_SECONDS = 600.0
#: Where no broker listens: port 9 is "discard".
_NOWHERE = "nats://gate@127.0.0.1:9"
_COMPONENT = "app.kubernetes.io/component"


class Remote:
    """The pods of one namespace."""

    prometheus = ""

    def __init__(self, cluster: Cluster, url: str = "") -> None:
        self._cluster = cluster
        self._url = url
        self.namespace = cluster.namespace

    @property
    def url(self) -> str:
        """Give the address for browsers, by default the one that the gateway was told."""
        return self._url or self._cluster.setting("gateway", "KORRIGO_PUBLIC_URL")

    def look(self) -> list[Seen]:
        """Ask every pod of a deployment."""
        return [self._seen(pod) for pod in self._cluster.pods() if _is_counted(pod)]

    def lines(self, needle: str, seconds: float) -> Iterator[Line]:
        """Read the logs of all pods that are still there."""
        for pod in self._cluster.pods():
            process = pod.metadata.labels.get(_COMPONENT, pod.metadata.name)
            for text in self._cluster.log(pod, int(seconds)):
                if needle in text and (line := read_line(process, text)):
                    yield line

    def ask(self, arguments: Sequence[str]) -> list[dict[str, Any]]:
        """Run a command as a job with the operations' secrets."""
        answer: list[dict[str, Any]] = ask(self._cluster, list(arguments))
        return answer

    def kill(self, name: str) -> str:
        """Delete a pod without the time that it has to finish."""
        self._cluster.delete_pod(name)
        return f"pod {name} deleted with no grace"

    def sweep(self, key: str) -> list[Line]:
        """Run the nightly sweep of ingest as a job, for one file."""
        arguments = ["sweep", "--delete", "--at-once", key]
        job = self._cluster.start_job("sweep-ingest", "gate-sweep", arguments)
        said = [read_line(job, text) for text in self._cluster.follow(job, within=_START_SECONDS)]
        if not self._cluster.outcome(job, within=_END_SECONDS).is_success:
            raise Failure(f"job {job} failed: kubectl logs job/{job}")
        return [line for line in said if line]

    @contextmanager
    def without_broker(self) -> Iterator[Callable[[], list[Seen]]]:
        """
        Start one more rasterizer that is told of a broker where there is none, and take it away afterwards.

        Nothing of those that work is touched: policies only add up, so that none could cut off one pod, and
        scaling the broker down would stop everybody's work.
        """
        name = self._cluster.twin("rasterizer", "gate", {"KORRIGO_NATS_URL": _NOWHERE})
        try:
            yield lambda: [self._seen(self._cluster.pod(name))]
        finally:
            self._cluster.delete_pod(name)

    def mails(self, about: str) -> list[float] | None:
        """Know of no catcher: in a cluster notification's own record of what was delivered has to do."""
        return None

    def _seen(self, pod: Any) -> Seen:
        name = pod.metadata.name
        alive, ready, metrics = (
            self._cluster.probe_pod(name, path) for path in ("livez", "readyz", "metrics")
        )
        conditions = {each.type: each.status == "True" for each in pod.status.conditions or []}
        return Seen(
            name=name,
            workload=pod.metadata.labels.get(_COMPONENT, ""),
            is_alive=alive[0] == 200,
            is_ready=ready[0] == 200,
            parts=parts(ready[1]),
            metrics=metrics[1] if metrics[0] == 200 else "",
            restarts=sum(each.restart_count for each in pod.status.container_statuses or []),
            is_in_service=conditions.get("Ready", False),
        )


def _is_counted(pod: Any) -> bool:
    """Tell whether a deployment counts it and it is to stay: no job, no twin, none that is on its way out."""
    owners = pod.metadata.owner_references or []
    return any(owner.kind == "ReplicaSet" for owner in owners) and pod.metadata.deletion_timestamp is None
