"""`korrigoctl certificates`: an authority and what it signs, for clusters without cert-manager."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

from cyclopts import Parameter

from ctl.certificates import Authority, Issued
from ctl.manifests import Manifest, as_yaml, described

#: Whoever calls or answers a service: Deployments, Jobs, CronJobs.
WORKLOADS = (
    "gateway",
    "ingest",
    "ingest-consume",
    "grading",
    "notification",
    "migrate",
    "migrate-back",
    "sweep-ingest",
    "sweep-grading",
    "backup",
    "drill",
    "operations",
    "test",
)


def certificates(
    *,
    namespace: Annotated[str, Parameter(alias="-n", env_var="KORRIGO_NAMESPACE")] = "korrigo",
    host: str | None = None,
    days: int = 90,
) -> None:
    """
    Print fresh Secrets `<workload>-tls` for `mtls.enabled`: `korrigoctl certificates | kubectl apply -f -`.

    The authority's key is thrown away: run it again to exchange everything at once. With cert-manager, let
    the chart ask that instead.

    Parameters
    ----------
    namespace
        Where the installation is.
    host
        The name by which browsers come; adds the ingress' Secret `<host>-tls`, with dashes for dots.
    days
        How long the certificates last.
    """
    now, lifetime = datetime.now(UTC), timedelta(days=days)
    authority = Authority.make(now=now, lifetime=lifetime)
    issued = {
        name: authority.issue(*_names(name, namespace), now=now, lifetime=lifetime) for name in WORKLOADS
    }
    if host:
        issued[host.replace(".", "-")] = authority.issue(host, now=now, lifetime=lifetime)
    sys.stdout.write(as_yaml(_secrets(namespace, authority, issued)))


def _names(workload: str, namespace: str) -> tuple[str, ...]:
    """List the names by which it is called; the called know a caller by its first."""
    return (workload, f"{workload}.{namespace}", f"{workload}.{namespace}.svc")


def _secrets(namespace: str, authority: Authority, issued: dict[str, Issued]) -> Iterator[Manifest]:
    for name, each in issued.items():
        content = {"tls.crt": each.certificate, "tls.key": each.key, "ca.crt": authority.certificate}
        yield described("Secret", f"{name}-tls", namespace, type="kubernetes.io/tls", stringData=content)
