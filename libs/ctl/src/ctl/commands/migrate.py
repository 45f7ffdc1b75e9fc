"""`korrigoctl migrate`: bring the schemas to what the installed images need, outside an upgrade."""

import sys
from typing import Annotated

from cyclopts import Parameter

from ctl.cluster import Cluster
from ctl.forward import run_job
from ctl.output import console

#: The suspended cron job with the same pod as the hook of an upgrade.
TEMPLATE = "migrate"


def migrate(*, wait: Annotated[bool, Parameter(negative="")] = False) -> None:
    """
    Start the migrations as a job of their own.

    Parameters
    ----------
    wait
        Show its log and end with its exit code: 1 failed, 2 refused, 3 busy.
    """
    cluster = Cluster.open()
    if wait:
        sys.exit(run_job(cluster, TEMPLATE, "migrate"))
    job = cluster.start_job(TEMPLATE, "migrate")
    console.print(f"started; follow it: kubectl logs -n {cluster.namespace} -f job/{job}", markup=False)
