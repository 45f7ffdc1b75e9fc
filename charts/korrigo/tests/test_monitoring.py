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


def test_every_file_of_alerts_is_a_rule_with_links_that_an_operator_can_follow() -> None:
    rules = render({"runbooksUrl": "https://wiki.school.example/korrigo/"}, case="full").of("PrometheusRule")

    written = {f"korrigo-{path.stem}": path.read_text() for path in ALERTS}
    linked = {
        name: yaml.safe_load(text.replace(" docs/runbooks/", " https://wiki.school.example/korrigo/"))
        for name, text in written.items()
    }
    assert {name: each["spec"] for name, each in rules.items()} == linked


def test_every_alert_leads_to_a_page_of_the_runbooks() -> None:
    rules = render(case="full").of("PrometheusRule").values()
    alerts = [
        rule
        for each in rules
        for group in each["spec"]["groups"]
        for rule in group["rules"]
        if "alert" in rule
    ]
    pages = CHART.parents[1] / "docs" / "runbooks"

    assert alerts
    for alert in alerts:
        base, _, page = alert["annotations"]["runbook_url"].rpartition("/")
        assert base == "https://korrigo.example/source/docs/runbooks"
        assert (pages / page).exists()


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
