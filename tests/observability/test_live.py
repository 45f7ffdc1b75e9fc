"""A real Prometheus on the real system: everything is scraped, every rule and every picture can be asked."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from ctl.gate import Verdict, scraping
from ctl.gate.local import Local
from ctl.gate.place import Seen
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from local.system import System

from tests.client import Client
from tests.observability.conftest import Observers
from tests.observability.test_alerts import ROOT
from tests.waiting import until

FOLDER = ROOT / "charts" / "korrigo" / "files" / "dashboards"
BOARDS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")}
QUERIES = {
    f"{name}: {panel['title']} {target['refId']}": target["expr"]
    for name, board in BOARDS.items()
    for panel in board["panels"]
    for target in panel.get("targets", ())
}
OPERATORS = "operators@localhost"
#: The mail is read within a minute, with time for a machine that is busy with other tests.
SECONDS = 60


def test_every_process_is_scraped(observers: Observers, system: System) -> None:
    wanted = {row.name for row in system.processes() if row.ops_port}

    def up() -> bool:
        found = observers.ask("query", query="up == 1")["result"]
        return {one["metric"]["job"] for one in found} == wanted

    until(up, "every process to be scraped")


def test_the_gate_sees_that_every_process_is_scraped(observers: Observers, system: System) -> None:
    seen = Local(system.home.directory).look()
    unknown = replace(seen[0], name="somebody")

    def verdict(*processes: Seen) -> Verdict:
        (evidence,) = scraping.scraped(list(processes), observers.prometheus, "")
        return evidence.verdict

    until(lambda: verdict(*seen) is Verdict.SHOWN, "every process to be scraped")
    assert verdict(*seen, unknown) is Verdict.FAILED


def test_every_rule_is_evaluated_without_an_error(observers: Observers) -> None:
    def states() -> dict[str, str]:
        groups = observers.ask("rules")["groups"]
        return {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}

    until(lambda: "unknown" not in states().values(), "every rule to be evaluated")

    assert {name: health for name, health in states().items() if health != "ok"} == {}


@pytest.mark.parametrize("query", QUERIES)
def test_every_picture_can_be_drawn(observers: Observers, query: str) -> None:
    answer = observers.ask("query", query=QUERIES[query])

    assert answer["resultType"] == "vector"


def test_the_pictures_of_the_overview_have_something_to_show(observers: Observers, system: System) -> None:
    """Those that show what is there, not what happened."""
    now = {
        name: query
        for name, query in QUERIES.items()
        if name.startswith("overview") and "sum(korrigo_" in query
    }

    def missing() -> list[str]:
        return [name for name, query in now.items() if not observers.ask("query", query=query)["result"]]

    assert now
    until(lambda: not missing(), "the gauges to be there", seconds=60)


def test_every_deployment_is_marked(observers: Observers) -> None:
    for board in BOARDS.values():
        [mark] = board["annotations"]["list"]
        assert observers.ask("query", query=mark["expr"])["resultType"] == "vector"


@pytest.mark.parametrize("name", BOARDS)
def test_a_dashboard_is_laid_out_with_units(name: str) -> None:
    board = BOARDS[name]
    drawn = [panel for panel in board["panels"] if panel["type"] != "row"]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]]

    assert board["uid"] == f"korrigo-{name}"
    assert drawn
    assert len(set(places)) == len(places)
    assert all(panel["fieldConfig"]["defaults"]["unit"] for panel in drawn)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in board["panels"])


@pytest.mark.parametrize("name", BOARDS)
def test_a_dashboard_is_what_grafana_knows(name: str) -> None:
    understood = JSONEncoder(sort_keys=True).encode(Dashboard.from_json(BOARDS[name]))

    assert json.loads(understood) == BOARDS[name]


def test_an_exemplar_leads_from_a_metric_to_a_trace(observers: Observers, system: System) -> None:
    with Client(system.url) as client:
        client.get("/version")

    def traces() -> list[str]:
        span = {"start": str(time.time() - 600), "end": str(time.time() + 60)}
        found = observers.ask("query_exemplars", query="korrigo_http_request_seconds_bucket", **span)
        return [one["labels"]["trace_id"] for series in found for one in series["exemplars"]]

    assert len(until(traces, "an exemplar")[0]) == 32


def test_an_alert_that_fires_reaches_the_operators_and_so_does_its_end(
    observers: Observers, system: System
) -> None:
    labels = {"alertname": "FiredByHand", "severity": "critical", "service": "grading"}
    alert = {"labels": labels, "annotations": {"summary": "somebody tries the alarm"}}
    ends = datetime.now(UTC) + timedelta(minutes=5)

    observers.fire(alert | {"endsAt": ends.isoformat()})
    until(lambda: _told(system, "[critical] FiredByHand"), "a mail to the operators", seconds=SECONDS)
    observers.fire(alert | {"endsAt": datetime.now(UTC).isoformat()})

    until(lambda: _told(system, "RESOLVED"), "a mail about its end", seconds=SECONDS)


def _told(system: System, subject: str) -> bool:
    return any(OPERATORS in mail["To"] and subject in mail["Subject"] for mail in system.mails())
