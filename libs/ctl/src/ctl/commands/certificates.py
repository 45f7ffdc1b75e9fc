"""`korrigoctl certificates`: an authority and what it signs, for clusters without cert-manager."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ctl.certificates import Authority, Issued
from ctl.manifests import Manifest, as_yaml, described

AUTHORITY_LIFETIME = timedelta(days=3650)
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
    authority: Path | None = None,
) -> None:
    """
    Print fresh Secrets `<workload>-tls` for `mtls.enabled`: `korrigoctl certificates | kubectl apply -f -`.

    Keep the authority to exchange certificates while everything runs; they are taken without a restart. With
    cert-manager, let the chart ask that instead.

    Parameters
    ----------
    namespace
        Where the installation is.
    host
        The name by which browsers come; adds the ingress' Secret `<host>-tls`, with dashes for dots.
    days
        How long the certificates last.
    authority
        The file that keeps the authority, made if there is none; without it nobody can sign for it again.
    """
    now, lifetime = datetime.now(UTC), timedelta(days=days)
    signer = _authority(authority, now)
    issued = {name: signer.issue(*_names(name, namespace), now=now, lifetime=lifetime) for name in WORKLOADS}
    if host:
        issued[host.replace(".", "-")] = signer.issue(host, now=now, lifetime=lifetime)
    sys.stdout.write(as_yaml(_secrets(namespace, signer, issued)))


def _authority(file: Path | None, now: datetime) -> Authority:
    if file and file.exists():
        return Authority.read(file.read_text())
    made = Authority.make(now=now, lifetime=AUTHORITY_LIFETIME)
    if file:
        file.touch(mode=0o600)
        file.write_text(made.kept())
    return made


def _names(workload: str, namespace: str) -> tuple[str, ...]:
    """List the names by which it is called; the called know a caller by its first."""
    return (workload, f"{workload}.{namespace}", f"{workload}.{namespace}.svc")


def _secrets(namespace: str, authority: Authority, issued: dict[str, Issued]) -> Iterator[Manifest]:
    for name, each in issued.items():
        content = {"tls.crt": each.certificate, "tls.key": each.key, "ca.crt": authority.certificate}
        yield described("Secret", f"{name}-tls", namespace, type="kubernetes.io/tls", stringData=content)
