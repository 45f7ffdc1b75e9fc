"""`korrigoctl doctor`: what is missing, about to end, or not allowed, before it is noticed by users."""

import asyncio
import sys
from importlib import import_module

from ctl.checks import Check, Verdict
from ctl.checks.inside import inside
from ctl.output import Format, Output, rows, write
from ctl.settings import OperationsSettings, are_here


def doctor(*, output: Output = Format.TEXT) -> None:
    """
    Check secrets, certificates, clocks, rights in the buckets, database, broker and mail server.

    In a pod it looks at what a pod can reach; from outside at both. Ends with 1 when something failed.
    """
    checks = asyncio.run(inside(OperationsSettings.start())) if are_here() else _from_outside()
    told = [(check.verdict, check.name, check.detail) for check in checks]
    write(checks, output, rows("", "CHECK", "FOUND", of=told))
    if any(check.verdict is Verdict.FAILED for check in checks):
        sys.exit(1)


def _from_outside() -> list[Check]:
    cluster = import_module("ctl.cluster").Cluster.open()
    seen: list[Check] = import_module("ctl.checks.outside").outside(cluster)
    answered = import_module("ctl.forward").ask(cluster, ["doctor", "-o", "json"])
    return seen + [Check(each["name"], Verdict(each["verdict"]), each["detail"]) for each in answered]
