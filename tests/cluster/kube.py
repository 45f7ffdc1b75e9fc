"""kubectl and helm, for the cluster that they reach by themselves."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

KUBECTL = os.environ.get("KORRIGO_KUBECTL", "kubectl")
HELM = os.environ.get("KORRIGO_HELM", "helm")


class CommandFailedError(AssertionError):
    """A command ended with an error; the message is what it said."""


def run(*command: str, given: str = "", seconds: float = 120) -> bytes:
    """Run a command and give what it prints."""
    done = subprocess.run(command, input=given.encode(), capture_output=True, timeout=seconds, check=False)
    if done.returncode:
        said = (done.stderr + done.stdout[-4000:]).decode(errors="replace")
        raise CommandFailedError(f"{' '.join(command)}: {done.returncode}\n{said}")
    return done.stdout


def kubectl(*arguments: str, given: str = "", seconds: float = 120) -> str:
    """Run kubectl."""
    return run(KUBECTL, *arguments, given=given, seconds=seconds).decode()


def helm(*arguments: str, seconds: float = 600) -> str:
    """Run helm."""
    return run(HELM, *arguments, seconds=seconds).decode()


def read(*arguments: str) -> Any:
    """Get objects as they are now."""
    return json.loads(kubectl("get", *arguments, "-o", "json"))


def ingress_address() -> str:
    """Give the address on which the cluster takes browsers: what is set, else the first node's own."""
    if chosen := os.environ.get("KORRIGO_INGRESS"):
        return chosen
    addresses = read("nodes")["items"][0]["status"]["addresses"]
    return str(next(each["address"] for each in addresses if each["type"] == "InternalIP"))
