"""Every alert fires when it must and is quiet when it must, says whom it concerns and what to do."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.observability.cases import CASES, LATE, Case, Series

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "charts" / "korrigo" / "files" / "alerts").glob("*.yaml"))
#: Of kube-state-metrics, the kubelet, node-exporter and cert-manager; ours are checked where they are made.
FOREIGN = re.compile(r"\b(?:kube|kubelet|container|node|certmanager|process)_[a-z_]+\b(?!\s*=)")
KNOWN = {
    "certmanager_certificate_expiration_timestamp_seconds",
    "container_memory_working_set_bytes",
    "kube_deployment_spec_replicas",
    "kube_deployment_status_replicas_available",
    "kube_job_status_failed",
    "kube_pod_container_resource_limits",
    "kube_pod_container_status_last_terminated_reason",
    "kube_pod_container_status_restarts_total",
    "kubelet_volume_stats_available_bytes",
    "kubelet_volume_stats_capacity_bytes",
    "node_filesystem_avail_bytes",
    "node_filesystem_size_bytes",
}
RUNBOOKS = ROOT / "docs" / "runbooks"


def rules() -> Iterator[dict[str, Any]]:
    for file in FILES:
        for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]:
            yield from group["rules"]


ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}


def play(folder: Path, name: str, case: Case, **labels: str) -> None:
    """Have promtool play both sides of a case: the alert fires on the one and is quiet on the other."""
    wanted = {"alertname": name, "alertstate": "firing", **labels}
    query = "count(ALERTS{" + ", ".join(f'{label}="{value}"' for label, value in wanted.items()) + "})"
    fires = _scene(query, {**case.beside, **case.fires}, case.minutes, fires=True)
    quiet = _scene(query, {**case.beside, **case.quiet}, case.minutes, fires=False)
    content = {
        "rule_files": [str(file) for file in FILES],
        "evaluation_interval": "1m",
        "tests": [fires, quiet],
    }
    file = folder / "test.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    command = ["promtool", "test", "rules", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout[-800:]


def _scene(query: str, series: Series, minutes: int, *, fires: bool) -> dict[str, Any]:
    expected = [{"labels": "{}", "value": 1}] if fires else []
    return {
        "interval": "1m",
        "name": "fires when it must" if fires else "is quiet when it must be",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {"expr": f"({query} > 0) * 0 + 1", "eval_time": f"{minutes}m", "exp_samples": expected}
        ],
    }


def test_every_alert_has_a_case_and_every_case_an_alert() -> None:
    assert CASES.keys() == ALERTS.keys()


@pytest.mark.parametrize("name", CASES)
def test_it_fires_when_it_must_and_is_quiet_when_it_must(tmp_path: Path, name: str) -> None:
    play(tmp_path, name, CASES[name])


@pytest.mark.parametrize("slo", LATE)
def test_a_promise_is_watched_by_what_is_late(tmp_path: Path, slo: str) -> None:
    play(tmp_path, "ErrorBudgetBurnsFast", LATE[slo], slo=slo)


@pytest.mark.parametrize("name", ALERTS)
def test_it_says_whom_it_concerns_and_what_to_do(name: str) -> None:
    rule = ALERTS[name]

    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["labels"]["owner"]
    assert rule["annotations"].keys() == {"summary", "impact", "runbook_url"}
    assert rule["annotations"]["runbook_url"] == f"docs/runbooks/{name}.md"


def test_rules_name_only_metrics_that_we_or_the_cluster_have() -> None:
    named = {name for rule in rules() for name in FOREIGN.findall(rule["expr"])}

    assert named <= KNOWN
