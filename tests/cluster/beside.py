"""A pod of another release beside those of a Deployment: the first or the last of a rolling upgrade."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tests.cluster import kube
from tests.cluster.installation import Installation
from tests.cluster.kube import CommandFailedError
from tests.cluster.pods import is_ready
from tests.waiting import until

NAME = "grading-of-another-release"
_ASK = """
import urllib.error, urllib.request
try:
    print(urllib.request.urlopen("http://127.0.0.1:9000/readyz").read().decode())
except urllib.error.HTTPError as refused:
    print(refused.read().decode())
"""


@contextmanager
def beside(installation: Installation, tag: str) -> Iterator[dict[str, str]]:
    """Run grading of another image beside what runs; give why it is not ready, by part."""
    template = kube.read("deployment", "grading", "-n", installation.namespace)["spec"]["template"]
    image = template["spec"]["containers"][0]["image"]
    template["spec"]["containers"][0]["image"] = f"{image.rpartition(':')[0]}:{tag}"
    pod = {"apiVersion": "v1", "kind": "Pod", **template, "metadata": {**template["metadata"], "name": NAME}}
    installation.kubectl("create", "-f", "-", given=json.dumps(pod))
    try:
        yield until(lambda: _why_unready(installation), "the pod to say how it is")
    finally:
        installation.kubectl("delete", "pod", NAME)


def serves(installation: Installation) -> bool:
    """Tell whether the pod is among those that get requests."""
    return is_ready(kube.read("pod", NAME, "-n", installation.namespace))


def _why_unready(installation: Installation) -> dict[str, str] | None:
    try:
        said: dict[str, str] = json.loads(installation.kubectl("exec", NAME, "--", "python", "-c", _ASK))
    except CommandFailedError:
        return None  # it has not begun to listen
    return said
