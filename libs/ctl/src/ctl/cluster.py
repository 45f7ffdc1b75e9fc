"""The few questions and orders that the commands have for Kubernetes."""

import copy
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, Self

import urllib3.exceptions
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from ctl import context
from ctl.context import ClusterUnreachable
from ctl.failure import Failure

PART_OF = "app.kubernetes.io/part-of=korrigo"
#: Where a pod says how it is.
OPS_PORT = 9000
_SECONDS = 30
#: A job that writes nothing for so long is looked after by other means.
_LONGEST_LOG_SECONDS = 3600
_PAUSE_SECONDS = 0.5
#: How long an ended job can still be looked at.
_KEPT_SECONDS = 3600
_API_VERSIONS = {"Job": "batch/v1", "CronJob": "batch/v1", "Pod": "v1"}


class NotThere(Failure):
    """The cluster has no such thing, or this account may not see it."""


@dataclass(frozen=True)
class Outcome:
    """How a job ended."""

    name: str
    is_success: bool
    exit_code: int


class Cluster:
    """One namespace of a cluster, reached by a kube context or from inside by the pod's own account."""

    def __init__(self, api: client.ApiClient, namespace: str) -> None:
        self._api = api
        self.namespace = namespace

    @classmethod
    def open(cls) -> Self:
        """Take the kube context that was asked for, or the pod's own account where there is none."""
        found = context.load(os.environ.get("KORRIGO_CONTEXT"))
        return cls(client.ApiClient(), os.environ.get("KORRIGO_NAMESPACE") or found or "korrigo")

    @cached_property
    def core(self) -> Any:
        """Give the API of pods, secrets and events."""
        return client.CoreV1Api(self._api)

    @cached_property
    def batch(self) -> Any:
        """Give the API of jobs."""
        return client.BatchV1Api(self._api)

    @cached_property
    def apps(self) -> Any:
        """Give the API of deployments."""
        return client.AppsV1Api(self._api)

    def pods(self, selector: str = PART_OF) -> list[Any]:
        """List pods."""
        return list(self._ask(self.core.list_namespaced_pod, self.namespace, label_selector=selector).items)

    def probe_pod(self, pod: str, path: str) -> tuple[int, str]:
        """Probe a pod through the API server: status and answer, 0 and "" when it gives none."""
        try:
            answer = self.core.connect_get_namespaced_pod_proxy_with_path(
                f"{pod}:{OPS_PORT}",
                self.namespace,
                path.lstrip("/"),
                _preload_content=False,
                _request_timeout=_SECONDS,
            )
        except ApiException as error:
            return _of_the_pod(error)
        except urllib3.exceptions.HTTPError:
            return 0, ""
        return int(answer.status), bytes(answer.read()).decode(errors="replace")

    def start_job(self, cron_job: str, name: str, arguments: list[str] | None = None) -> str:
        """Make a job from a cron job's template, perhaps with other arguments; give its name."""
        template = self._ask(self.batch.read_namespaced_cron_job, cron_job, self.namespace)
        spec = copy.deepcopy(template.spec.job_template.spec)
        if arguments is not None:
            spec.template.spec.containers[0].args = arguments
        spec.ttl_seconds_after_finished = _KEPT_SECONDS
        labels = {"app.kubernetes.io/part-of": "korrigo", "korrigo/made-from": cron_job}
        metadata = client.V1ObjectMeta(generate_name=f"{name}-", labels=labels)
        body = client.V1Job(metadata=metadata, spec=spec)
        return str(self._ask(self.batch.create_namespaced_job, self.namespace, body).metadata.name)

    def follow(self, job: str, *, within: float) -> Iterator[str]:
        """Give the lines that a job's main container writes, until it ends."""
        pod = self._started_pod(job, within)
        stream = self._ask(
            self.core.read_namespaced_pod_log,
            pod.metadata.name,
            self.namespace,
            container=pod.spec.containers[0].name,
            follow=True,
            _preload_content=False,
            _request_timeout=(_SECONDS, _LONGEST_LOG_SECONDS),
        )
        rest = b""
        for chunk in stream.stream():
            *lines, rest = (rest + chunk).split(b"\n")
            yield from (line.decode(errors="replace") for line in lines)
        if rest:
            yield rest.decode(errors="replace")

    def outcome(self, job: str, *, within: float) -> Outcome:
        """Wait for the end of a job and tell how it went."""
        selector = f"metadata.name={job}"
        for found in self._poll(self.batch.list_namespaced_job, within, field_selector=selector):
            if any(each.status.succeeded or each.status.failed for each in found):
                return self._outcome(job, is_success=bool(found[0].status.succeeded))
        raise Failure(f"job {job} has not ended within {within:g} s; it goes on: kubectl logs -f job/{job}")

    def delete_pod(self, pod: str) -> None:
        """Take a pod away at once, as a node that fails would."""
        self._ask(self.core.delete_namespaced_pod, pod, self.namespace, grace_period_seconds=0)

    def twin(self, deployment: str, name: str, environment: dict[str, str]) -> str:
        """Start a pod of a deployment's template that the deployment does not count; give its name."""
        template = copy.deepcopy(self._deployment(deployment).spec.template)
        container = template.spec.containers[0]
        replaced = {*environment, *(f"{variable}_FILE" for variable in environment)}
        kept = [each for each in container.env or [] if each.name not in replaced]
        container.env = [*kept, *(client.V1EnvVar(name=key, value=environment[key]) for key in environment)]
        labels = {**template.metadata.labels, "korrigo/twin-of": deployment}
        body = client.V1Pod(
            metadata=client.V1ObjectMeta(generate_name=f"{name}-", labels=labels), spec=template.spec
        )
        return str(self._ask(self.core.create_namespaced_pod, self.namespace, body).metadata.name)

    def pod(self, name: str) -> Any:
        """Read a pod."""
        return self._ask(self.core.read_namespaced_pod, name, self.namespace)

    def setting(self, deployment: str, name: str) -> str:
        """Read a variable of a deployment's environment; "" when it is not set there."""
        variables = self._deployment(deployment).spec.template.spec.containers[0].env or []
        return next((str(each.value) for each in variables if each.name == name and each.value), "")

    def scale(self, deployment: str, replicas: int, note: dict[str, str | None] | None = None) -> None:
        """Set how many pods a deployment has, with annotations."""
        patch = {"metadata": {"annotations": note or {}}, "spec": {"replicas": replicas}}
        self._ask(self.apps.patch_namespaced_deployment, deployment, self.namespace, patch)

    def replicas(self, deployment: str) -> int:
        """Tell how many pods a deployment is to have."""
        return int(self._deployment(deployment).spec.replicas)

    def annotation(self, deployment: str, name: str) -> str | None:
        """Read an annotation of a deployment."""
        value: str | None = (self._deployment(deployment).metadata.annotations or {}).get(name)
        return value

    def until_gone(self, selector: str, *, within: float) -> None:
        """Wait until no pod matches."""
        for found in self._poll(self.core.list_namespaced_pod, within, label_selector=selector):
            if not found:
                return
        raise Failure(f"pods are still there after {within:g} s: kubectl get pods -l {selector}")

    def cron_jobs(self) -> list[str]:
        """Name the cron jobs."""
        found = self._ask(self.batch.list_namespaced_cron_job, self.namespace)
        return [each.metadata.name for each in found.items]

    def secrets(self) -> list[Any]:
        """List the secrets."""
        return list(self._ask(self.core.list_namespaced_secret, self.namespace).items)

    def named_secrets(self) -> dict[str, set[str]]:
        """Tell which secrets the deployments mount, and which keys of them."""
        named: dict[str, set[str]] = {}
        for deployment in self._ask(self.apps.list_namespaced_deployment, self.namespace).items:
            for volume in deployment.spec.template.spec.volumes or []:
                for name, keys in _secrets_of(volume):
                    named.setdefault(name, set()).update(keys)
        return named

    def clock_difference(self) -> float:
        """Tell how many seconds this machine's clock and the API server's are apart."""
        _, _, headers = client.VersionApi(self._api).get_code_with_http_info()
        told = parsedate_to_datetime(headers["Date"])
        return abs((datetime.now(UTC) - told).total_seconds())

    def warnings(self, most: int = 8) -> list[str]:
        """Give the last warnings of the namespace, newest last."""
        found = self._ask(
            self.core.list_namespaced_event, self.namespace, field_selector="type=Warning"
        ).items
        newest = sorted(found, key=lambda event: str(event.last_timestamp or event.event_time or ""))[-most:]
        return [f"{each.involved_object.kind} {each.involved_object.name}: {each.message}" for each in newest]

    def event(
        self, kind: str, name: str, *, uid: str | None, reason: str, message: str, is_warning: bool
    ) -> None:
        """Make an Event about an object of the namespace; `kubectl describe` finds it by the uid."""
        now = datetime.now(UTC)
        about = client.V1ObjectReference(
            api_version=_API_VERSIONS[kind], kind=kind, name=name, namespace=self.namespace, uid=uid
        )
        body = client.CoreV1Event(
            metadata=client.V1ObjectMeta(generate_name=f"{name}-"),
            involved_object=about,
            reason=reason,
            message=message[:1024],
            type="Warning" if is_warning else "Normal",
            source=client.V1EventSource(component="korrigoctl"),
            first_timestamp=now,
            last_timestamp=now,
            count=1,
        )
        self._ask(self.core.create_namespaced_event, self.namespace, body)

    def log(self, pod: Any, seconds: int) -> Iterator[str]:
        """Give what a pod's containers wrote in the last seconds; one that has not started wrote nothing."""
        for container in pod.spec.containers:
            try:
                text = self.core.read_namespaced_pod_log(
                    pod.metadata.name,
                    self.namespace,
                    container=container.name,
                    since_seconds=seconds,
                    _request_timeout=_SECONDS,
                )
            except ApiException:
                continue
            yield from text.splitlines()

    def _deployment(self, name: str) -> Any:
        return self._ask(self.apps.read_namespaced_deployment, name, self.namespace)

    def _started_pod(self, job: str, within: float) -> Any:
        """Wait until a job's pod has begun its main container, or ended before it could."""
        selector = f"batch.kubernetes.io/job-name={job}"
        for found in self._poll(self.core.list_namespaced_pod, within, label_selector=selector):
            for pod in found:
                main = (pod.status.container_statuses or [None])[0]
                if main is not None and (main.state.running or main.state.terminated):
                    return pod
        raise Failure(f"job {job} has not started within {within:g} s: kubectl describe job/{job}")

    def _outcome(self, job: str, *, is_success: bool) -> Outcome:
        pods = self.pods(f"batch.kubernetes.io/job-name={job}")
        statuses = [state for pod in pods for state in pod.status.container_statuses or []]
        codes = [state.state.terminated.exit_code for state in statuses if state.state.terminated]
        return Outcome(job, is_success, max(codes, default=0 if is_success else 1))

    def _poll(self, listing: Any, within: float, **selector: str) -> Iterator[list[Any]]:
        """List objects again and again until the time is over."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            yield list(self._ask(listing, self.namespace, **selector).items)
            time.sleep(_PAUSE_SECONDS)

    def _ask(self, call: Any, *arguments: Any, **options: Any) -> Any:
        """Ask the API; say in a sentence what is not there or not allowed."""
        try:
            return call(*arguments, **{"_request_timeout": _SECONDS, **options})
        except ApiException as error:
            what = " ".join(str(argument) for argument in arguments if isinstance(argument, str))
            raise NotThere(f"{what}: {error.reason} ({error.status})") from error
        except urllib3.exceptions.HTTPError as error:
            raise ClusterUnreachable(f"the cluster does not answer: {error}") from error


def _of_the_pod(error: ApiException) -> tuple[int, str]:
    """Tell what a pod refused from what the API server says when it reaches none."""
    body = error.body.decode(errors="replace") if isinstance(error.body, bytes) else str(error.body or "")
    return (0, "") if '"kind":"Status"' in body.replace(" ", "") else (int(error.status), body)


def _secrets_of(volume: Any) -> Iterator[tuple[str, set[str]]]:
    """Tell what a volume needs of secrets, those that may be missing left out."""
    projected = volume.projected.sources if volume.projected else []
    for source in (volume.secret, *(each.secret for each in projected)):
        if source is not None and not source.optional:
            name = getattr(source, "secret_name", None) or source.name
            yield name, {item.key for item in source.items or []}
