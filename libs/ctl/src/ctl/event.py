"""An Event about the Job in which this process runs, where `kubectl describe job` shows it."""

import os

from ctl.cluster import Cluster
from ctl.failure import Failure
from ctl.output import errors


def tell(reason: str, message: str, *, is_warning: bool) -> None:
    """Make the Event, if this is a Job; that it could not be made is said and stops nothing."""
    job = os.environ.get("KORRIGO_JOB")
    if not job:
        return
    uid = os.environ.get("KORRIGO_JOB_UID")
    try:
        Cluster.open().event("Job", job, uid=uid, reason=reason, message=message, is_warning=is_warning)
    except Failure as failure:
        errors.print(f"no Event was made: {failure}", markup=False)
