"""`korrigoctl sweep`: clean up now instead of tonight."""

import sys
from typing import Annotated

from cyclopts import Parameter

from ctl.cluster import Cluster
from ctl.forward import run_job
from ctl.output import console

#: The services that leave something to clean up; each has a cron job of that name.
SWEPT = ("ingest", "grading")
#: The others, and what becomes of what they leave.
CLEAN = {
    "gateway": "its pods forget uploads that were left, every hour",
    "notification": "its pods forget what is older than 90 days",
    "rasterizer": "files that it made and nothing names are swept by ingest and grading",
}


def sweep(*services: str, dry_run: Annotated[bool, Parameter(negative="")] = False) -> None:
    """
    Run the sweeps: orphan files, work that was lost, leases that have ended.

    Parameters
    ----------
    services
        Which: ingest, grading; both by default.
    dry_run
        Only tell which files would go.
    """
    for name in services:
        if name in CLEAN:
            console.print(f"{name} has nothing to sweep: {CLEAN[name]}", markup=False, soft_wrap=True)
    chosen = [name for name in services or SWEPT if name not in CLEAN]
    if chosen:
        _sweep(chosen, ["sweep"] if dry_run else ["sweep", "--delete"])


def _sweep(chosen: list[str], arguments: list[str]) -> None:
    cluster = Cluster.open()
    sys.exit(max(run_job(cluster, f"sweep-{name}", f"sweep-{name}", arguments) for name in chosen))
