"""What can be seen through the Kubernetes API: secrets, certificates, clocks."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509

from ctl.checks.verdict import Check, Verdict
from ctl.cluster import Cluster
from ctl.output import span

_CLOCK_SECONDS = 5.0
#: Renewing takes somebody a while.
_SOON = timedelta(days=21)


def outside(cluster: Cluster) -> list[Check]:
    """Look at the secrets that workloads name, at certificates, and at this machine's clock."""
    secrets = {each.metadata.name: each for each in cluster.secrets()}
    return [*_mounted(cluster, secrets), *_certificates(secrets.values()), _clock(cluster)]


def _mounted(cluster: Cluster, secrets: dict[str, Any]) -> Iterator[Check]:
    """Find what pods wait for in vain: a Secret, or a key in it."""
    for name, keys in sorted(cluster.named_secrets().items()):
        if name not in secrets:
            yield Check(f"secret {name}", Verdict.FAILED, "is named by a workload and not there")
        elif missing := sorted(keys - set(secrets[name].data or {})):
            yield Check(f"secret {name}", Verdict.FAILED, f"lacks {', '.join(missing)}")
        else:
            yield Check(f"secret {name}", Verdict.OK, f"{len(secrets[name].data or {})} keys")


def _certificates(secrets: Any) -> Iterator[Check]:
    for secret in secrets:
        if secret.type != "kubernetes.io/tls":
            continue
        try:
            found = x509.load_pem_x509_certificate(base64.b64decode((secret.data or {})["tls.crt"]))
        except (KeyError, ValueError):
            yield Check(f"certificate {secret.metadata.name}", Verdict.FAILED, "tls.crt holds no certificate")
            continue
        yield _certificate(secret.metadata.name, found.not_valid_after_utc - datetime.now(UTC))


def _certificate(name: str, left: timedelta) -> Check:
    if left <= timedelta():
        return Check(f"certificate {name}", Verdict.FAILED, f"ended {span(-left.total_seconds())} ago")
    verdict = Verdict.WARNING if left < _SOON else Verdict.OK
    return Check(f"certificate {name}", verdict, f"ends in {span(left.total_seconds())}")


def _clock(cluster: Cluster) -> Check:
    apart = cluster.clock_difference()
    verdict = Verdict.WARNING if apart > _CLOCK_SECONDS else Verdict.OK
    return Check("clock of this machine", verdict, f"{apart:.0f} s from the cluster's")
