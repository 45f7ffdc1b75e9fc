"""`korrigoctl drain WORKLOAD`: let a workload finish what it holds and take nothing new."""

from typing import Annotated

from cyclopts import Parameter

from ctl.cluster import Cluster
from ctl.failure import Failure
from ctl.output import console

#: Where the number of pods before a drain is remembered.
_BEFORE = "korrigo/replicas-before-drain"
_SECONDS = 300.0


def drain(
    workload: str, *, undo: Annotated[bool, Parameter(negative="")] = False, within: float = _SECONDS
) -> None:
    """
    Scale a workload to nothing and wait until its pods have finished what they hold.

    What it would have done waits in its queue. `--undo` brings as many pods back as there were.

    Parameters
    ----------
    workload
        A deployment: rasterizer, ingest-consume, grading-consume, notification-consume …
    undo
        Start it again.
    within
        How many seconds to wait.
    """
    cluster = Cluster.open()
    if undo:
        _bring_back(cluster, workload)
        return
    replicas = cluster.replicas(workload)
    if replicas:
        cluster.scale(workload, 0, {_BEFORE: str(replicas)})
    cluster.until_gone(f"app.kubernetes.io/component={workload}", within=within)
    console.print(f"{workload} is drained; bring it back: korrigoctl drain {workload} --undo", markup=False)


def _bring_back(cluster: Cluster, workload: str) -> None:
    before = cluster.annotation(workload, _BEFORE)
    if before is None:
        raise Failure(f"{workload} was not drained by korrigoctl; nothing was changed")
    cluster.scale(workload, int(before), {_BEFORE: None})
    console.print(f"{workload} is back with {before} pods", markup=False)
