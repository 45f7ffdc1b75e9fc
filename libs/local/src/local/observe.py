"""Prometheus and Alertmanager beside the local system, with the chart's own rules, as operators run them."""

import json
import shutil
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.child import StartError
from local.ports import LOOPBACK

RULES = Path(__file__).parents[4] / "charts" / "korrigo" / "files" / "alerts"
HINT = "is not installed; `sh .ci/observers` takes it from Debian's packages"


@dataclass(frozen=True)
class Prometheus:
    """Scrapes every process of the system and evaluates the chart's rules."""

    directory: Path
    port: int
    alertmanager_port: int
    #: The operators' port of each process, by its name, which is the job.
    jobs: Mapping[str, int]

    def prepare(self) -> None:
        """Write the configuration; Prometheus reads JSON as YAML."""
        scrapes = [
            {"job_name": name, "static_configs": [{"targets": [f"{LOOPBACK}:{port}"]}]}
            for name, port in self.jobs.items()
        ]
        alertmanagers = [{"static_configs": [{"targets": [f"{LOOPBACK}:{self.alertmanager_port}"]}]}]
        settings = {
            "global": {"scrape_interval": "5s", "evaluation_interval": "5s"},
            "rule_files": [str(RULES / "*.yaml")],
            "alerting": {"alertmanagers": alertmanagers},
            "scrape_configs": scrapes,
        }
        _write(self.directory / "prometheus.yml", settings)

    def command(self) -> list[str]:
        """Give the command line of the server."""
        return [
            _program("prometheus"),
            f"--config.file={self.directory / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.directory / 'series'}",
            f"--web.listen-address={LOOPBACK}:{self.port}",
            "--enable-feature=exemplar-storage",
            "--log.format=json",
        ]

    def is_ready(self) -> bool:
        """Ask whether it serves queries."""
        return _answers(self.port)


@dataclass(frozen=True)
class Alertmanager:
    """Hands alerts to notification, which tells operators."""

    directory: Path
    port: int
    hook_port: int
    token: str

    def prepare(self) -> None:
        """Write the configuration with the token of the hook."""
        hook = {
            "url": f"http://{LOOPBACK}:{self.hook_port}/webhooks/alertmanager",
            "http_config": {"authorization": {"credentials": self.token}},
        }
        route = {"receiver": "korrigo", "group_by": ["..."], "group_wait": "1s", "group_interval": "5s"}
        settings = {"route": route, "receivers": [{"name": "korrigo", "webhook_configs": [hook]}]}
        _write(self.directory / "alertmanager.yml", settings)

    def command(self) -> list[str]:
        """Give the command line of the server, alone and without a cluster of its own."""
        return [
            _program("alertmanager", "prometheus-alertmanager"),
            f"--config.file={self.directory / 'alertmanager.yml'}",
            f"--storage.path={self.directory / 'alerts'}",
            f"--web.listen-address={LOOPBACK}:{self.port}",
            "--cluster.listen-address=",
            "--log.format=json",
        ]

    def is_ready(self) -> bool:
        """Ask whether it takes alerts."""
        return _answers(self.port)


def _program(*names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise StartError(f"{names[0]} {HINT}")
    return found


def _write(file: Path, settings: Mapping[str, object]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.touch(mode=0o600)
    file.write_text(json.dumps(settings, indent=2))


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://{LOOPBACK}:{port}/-/ready", timeout=5).close()
    except OSError:
        return False
    return True
