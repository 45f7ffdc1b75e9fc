"""Render the chart as Helm does, and ask for its objects by kind and name."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parents[1]
TOOLS = CHART.parents[1] / ".tools"
HELMS = ("helm3", "helm4")
#: The combinations that must always render, later files on top.
CASES = {
    "minimal": ("ci/minimal-values.yaml",),
    "full": ("ci/full-values.yaml",),
    "cluster": ("ci/cluster-values.yaml",),
    "keda": ("ci/cluster-values.yaml", "ci/keda-values.yaml"),
    "prod": ("../../k8s/prod/values.example.yaml",),
}
SERVICES = ("gateway", "ingest", "grading", "notification", "rasterizer")

Values = dict[str, Any]
Manifest = dict[str, Any]


class Refused(Exception):  # noqa: N818  # what happened, as everywhere in Korrigo
    """Helm would not render; the message is what it said."""


@dataclass(frozen=True)
class Rendered:
    """What Helm made of the chart."""

    text: str

    @cached_property
    def objects(self) -> list[Manifest]:
        """Give every object."""
        return [found for found in yaml.load_all(self.text, yaml.CSafeLoader) if found]

    def of(self, kind: str) -> dict[str, Manifest]:
        """Give the objects of a kind by their names."""
        return {each["metadata"]["name"]: each for each in self.objects if each["kind"] == kind}

    def pods(self) -> Iterator[tuple[str, Manifest]]:
        """Give every pod's specification, whatever makes it, as `Kind/name` and the specification."""
        for each in self.objects:
            name = f"{each['kind']}/{each['metadata']['name']}"
            match each:
                case {"kind": "Pod", "spec": spec}:
                    yield name, spec
                case {"kind": "Deployment" | "Job", "spec": {"template": {"spec": spec}}}:
                    yield name, spec
                case {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}:
                    yield name, spec


def render(
    values: Values | None = None, *, case: str = "minimal", helm: str = "helm4", **options: str
) -> Rendered:
    """Render a case with more values on top; *options* are Helm's flags, such as kube_version."""
    flags = tuple(f"--{name.replace('_', '-')}={value}" for name, value in options.items())
    return Rendered(_run(helm, ("template", "korrigo"), case, json.dumps(values or {}), flags))


def notes(values: Values | None = None, *, case: str = "minimal") -> str:
    """Give what an installer reads at the end; Helm 3 would ask a cluster for it."""
    said = _run("helm4", ("install", "korrigo"), case, json.dumps(values or {}), ("--dry-run=client",))
    return said.split("NOTES:", 1)[1]


def lint(case: str, helm: str) -> None:
    """Lint a case strictly."""
    _run(helm, ("lint",), case, "{}", ("--strict",))


def secrets_of(spec: Manifest, volume: str = "secrets") -> dict[str, set[str]]:
    """Give the files that a pod mounts, by the Secret or ConfigMap that they come from."""
    sources = next(each for each in spec["volumes"] if each["name"] == volume)["projected"]["sources"]
    found: dict[str, set[str]] = {}
    for source in sources:
        origin = source.get("secret") or source["configMap"]
        found.setdefault(origin["name"], set()).update(item["path"] for item in origin["items"])
    return found


def environment(container: Manifest) -> dict[str, str]:
    """Give the plain environment of a container."""
    return {each["name"]: each["value"] for each in container["env"] if "value" in each}


@cache
def _run(helm: str, command: tuple[str, ...], case: str, values: str, flags: tuple[str, ...]) -> str:
    files = [f"--values={CHART}/{path}" for path in CASES[case]]
    arguments = [str(TOOLS / helm / "helm"), *command, str(CHART), *files, *flags, "--values=-"]
    done = subprocess.run(arguments, input=values, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise Refused(done.stderr + done.stdout)
    return done.stdout
