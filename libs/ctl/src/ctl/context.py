"""Which cluster is meant: that of a kube context, or the one that this pod runs in."""

from typing import Any

from kubernetes import config

from ctl.failure import Failure


class ClusterUnreachable(Failure):
    """There is no cluster that this machine may ask."""


def load(name: str | None) -> str | None:
    """Take the kube context of that name, else the pod's own account; give its namespace."""
    try:
        return _from_outside(name)
    except config.ConfigException as problem:
        return _from_inside(problem)


def _from_outside(context: str | None) -> str | None:
    """Take a kube context; give the namespace that it names."""
    settings: Any = config
    settings.load_kube_config(context=context)
    contexts, active = settings.list_kube_config_contexts()
    chosen = next((each for each in contexts if each["name"] == context), active)
    namespace: str | None = chosen["context"].get("namespace")
    return namespace


def _from_inside(problem: Exception) -> str:
    try:
        config.load_incluster_config()  # type: ignore[no-untyped-call]  # untyped upstream
    except config.ConfigException as error:
        raise ClusterUnreachable(
            f"there is no kube context ({problem}), and this is no pod with an account; set KUBECONFIG"
        ) from error
    with open("/var/run/secrets/kubernetes.io/serviceaccount/namespace", encoding="utf-8") as file:
        return file.read().strip()
