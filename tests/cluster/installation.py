"""
One installation of Korrigo in a namespace of its own: its neighbours, its secrets, its Helm release.

`python -m tests.cluster.installation up|down [NAMESPACE]` keeps one for quick turns.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any, Self

from tests.cluster import kube

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts" / "korrigo"
VALUES = CHART / "ci" / "cluster-values.yaml"
RELEASE = "korrigo"
READY_IN = "korrigo.test/ready-in-seconds"
#: The images' tag, as `make images TAG=…` was told.
TAG = os.environ.get("KORRIGO_TAG", "dev")

#: Reads what the index names, and not what is being written.
_MAILS = """
import json, pathlib
data = pathlib.Path("/data")
index = data / "index.json"
names = [entry["file"] for entry in json.loads(index.read_bytes())] if index.exists() else []
print(json.dumps([(data / name).read_bytes().decode("latin-1") for name in names]))
"""


@dataclass(frozen=True)
class Installation:
    """An installation that lives as long as the block; whatever is in its namespace goes with it."""

    namespace: str
    tag: str = TAG

    def __enter__(self) -> Self:
        self.bring_up()
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def bring_up(self) -> None:
        """Make everything, and note how long the release took to be ready."""
        self.prepare()
        begun = time.monotonic()
        self.install()
        took = round(time.monotonic() - begun)
        kube.kubectl("annotate", "namespace", self.namespace, f"{READY_IN}={took}")

    @property
    def host(self) -> str:
        """Give the name by which browsers come."""
        return f"{self.namespace}.test"

    @property
    def url(self) -> str:
        """Give the address for browsers."""
        return f"https://{self.host}"

    @property
    def tls_secret(self) -> str:
        """Name the Secret of the ingress' certificate."""
        return f"{self.host.replace('.', '-')}-tls"

    @property
    def ready_in(self) -> int:
        """Tell how many seconds passed from nothing but neighbours to everything ready."""
        annotations = kube.read("namespace", self.namespace)["metadata"]["annotations"]
        return int(annotations[READY_IN])

    def prepare(self) -> None:
        """Make the namespace, for restricted pods only, with secrets and neighbours, and wait for these."""
        kube.kubectl("create", "namespace", self.namespace)
        kube.kubectl("label", "namespace", self.namespace, "pod-security.kubernetes.io/enforce=restricted")
        for command in (["secrets"], ["certificates", "--host", self.host]):
            self.kubectl("create", "-f", "-", given=korrigoctl(*command, "--namespace", self.namespace))
        self.kubectl("apply", "-f", str(ROOT / "k8s" / "dev"))
        self.kubectl("wait", "pod", "--all", "--for=condition=Ready", "--timeout=180s", seconds=200)

    def install(self, *settings: str, chart: Path = CHART, seconds: int = 300) -> str:
        """Install or upgrade the release and wait until it is ready; settings are as for `helm --set`."""
        told = (
            f"image.tag={self.tag}",
            f"publicUrl={self.url}",
            f"ingress.tlsSecretName={self.tls_secret}",
            *settings,
        )
        chosen = [part for setting in told for part in ("--set", setting)]
        where = ("upgrade", "--install", RELEASE, str(chart), "--values", str(VALUES))
        return self.helm(*where, *chosen, "--wait", "--timeout", f"{seconds}s", seconds=seconds + 60)

    def remove(self) -> None:
        """Have the namespace deleted with all that is in it, which takes a minute more."""
        kube.kubectl("delete", "namespace", self.namespace, "--ignore-not-found", "--wait=false")

    def kubectl(self, *arguments: str, given: str = "", seconds: float = 120) -> str:
        """Run kubectl in the namespace."""
        return kube.kubectl("--namespace", self.namespace, *arguments, given=given, seconds=seconds)

    def helm(self, *arguments: str, seconds: float = 600) -> str:
        """Run helm in the namespace."""
        return kube.helm("--namespace", self.namespace, *arguments, seconds=seconds)

    def pods(self, name: str) -> list[dict[str, Any]]:
        """List the pods of a workload as they are now, without those that are leaving."""
        selector = f"app.kubernetes.io/component={name}"
        found: list[dict[str, Any]] = kube.read("pods", "-n", self.namespace, "-l", selector)["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def log(self, name: str) -> str:
        """Read the logs of a workload's pods."""
        return self.kubectl(
            "logs", "-l", f"app.kubernetes.io/component={name}", "--all-containers", "--tail=-1"
        )

    def secret(self, name: str, key: str) -> str:
        """Read a value of a Secret."""
        return self.kubectl(
            "get", "secret", name, "-o", f'go-template={{{{index .data "{key}" | base64decode}}}}'
        )

    def command(self, service: str, *arguments: str) -> str:
        """Run a command of a service in its pod, as an operator would, and give what it prints."""
        return self.kubectl("exec", f"deploy/{service}", "--", "python", "-m", service, *arguments)

    def query(self, sql: str) -> list[list[str]]:
        """Ask the database as its superuser; rows of texts."""
        psql = ("psql", "-h", "/tmp", "-U", "postgres", "-AtF", "\t", "-c", sql, "korrigo")
        answer = self.kubectl("exec", "postgres-0", "-c", "postgres", "--", *psql)
        return [line.split("\t") for line in answer.splitlines()]

    def mails(self) -> list[EmailMessage]:
        """Read every mail that was sent, oldest first."""
        packed = self.kubectl("exec", "mail-0", "--", "python3", "-c", _MAILS)
        parser = BytesParser(EmailMessage, policy=policy.default)
        return [parser.parsebytes(mail.encode("latin-1")) for mail in json.loads(packed)]


def korrigoctl(*arguments: str) -> str:
    """Run an operator's command here."""
    command = [sys.executable, "-m", "ctl", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=120, check=True).stdout


def main(action: str, namespace: str = "korrigo") -> None:
    """Bring an installation up or take it away."""
    installation = Installation(namespace)
    if action == "down":
        installation.remove()
        return
    installation.bring_up()


if __name__ == "__main__":
    main(*sys.argv[1:])
