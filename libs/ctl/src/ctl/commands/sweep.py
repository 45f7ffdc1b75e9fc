"""`korrigoctl sweep`: clean up now instead of tonight."""

import sys
from typing import Annotated

from cyclopts import Parameter

from ctl.cluster import Cluster
from ctl.forward import run_job

#: The services that leave something to clean up; each has a cron job of that name.
SWEPT = ("ingest", "grading", "gateway", "notification")


def sweep(*services: str, dry_run: Annotated[bool, Parameter(negative="")] = False) -> None:
    """
    Run the sweeps: orphan files, work that was lost, leases that have ended.

    Parameters
    ----------
    services
        Which; all by default.
    dry_run
        Only tell what would go.
    """
    cluster = Cluster.open()
    present = cluster.cron_jobs()
    chosen = [name for name in services or SWEPT if services or f"sweep-{name}" in present]
    arguments = ["sweep"] if dry_run else ["sweep", "--delete"]
    sys.exit(max(run_job(cluster, f"sweep-{name}", f"sweep-{name}", arguments) for name in chosen))
