"""What the Prometheus operator and Grafana are given."""

import json
import subprocess

import yaml

from .chart import CHART, render

ALERTS = sorted((CHART / "files/alerts").glob("*.yaml"))
DASHBOARDS = sorted((CHART / "files/dashboards").glob("*.json"))


def test_every_pods_metrics_are_found_through_one_service() -> None:
    rendered = render(case="full")
    service, monitor = rendered.of("Service")["metrics"], rendered.of("ServiceMonitor")["korrigo"]

    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert monitor["spec"]["endpoints"][0]["port"] == service["spec"]["ports"][0]["name"]
    assert service["spec"]["publishNotReadyAddresses"] is True
    assert all(
        service["spec"]["selector"].items() <= each["spec"]["template"]["metadata"]["labels"].items()
        for each in rendered.of("Deployment").values()
    )


def test_the_operator_finds_them_by_its_labels() -> None:
    rendered = render(case="full")

    assert rendered.of("ServiceMonitor")["korrigo"]["metadata"]["labels"]["release"] == "prometheus"
    assert all(
        each["metadata"]["labels"]["release"] == "prometheus"
        for each in rendered.of("PrometheusRule").values()
    )


def test_the_job_is_the_deployment() -> None:
    monitor = render(case="full").of("ServiceMonitor")["korrigo"]

    assert monitor["spec"]["endpoints"][0]["relabelings"][0]["targetLabel"] == "job"


def test_every_file_of_alerts_is_a_rule_as_it_is_written() -> None:
    rules = render(case="full").of("PrometheusRule")

    assert {f"korrigo-{path.stem}": yaml.safe_load(path.read_text()) for path in ALERTS} == {
        name: each["spec"] for name, each in rules.items()
    }


def test_prometheus_takes_the_alerts() -> None:
    for path in ALERTS:
        done = subprocess.run(
            ["promtool", "check", "rules", path], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_dashboard_is_a_configmap_as_it_is_written() -> None:
    maps = {
        name: each["data"]
        for name, each in render(case="full").of("ConfigMap").items()
        if each["metadata"].get("labels", {}).get("grafana_dashboard") == "1"
    }

    assert set(maps) == {f"dashboard-{path.stem}" for path in DASHBOARDS}
    for path in DASHBOARDS:
        assert json.loads(maps[f"dashboard-{path.stem}"][path.name]) == json.loads(path.read_text())


def test_nothing_of_it_is_made_unless_asked() -> None:
    rendered = render()

    assert not rendered.of("ServiceMonitor")
    assert not rendered.of("PrometheusRule")
    assert not rendered.of("ConfigMap")
    assert "metrics" not in rendered.of("Service")
