"""Every number that a service declares, or that our papers name, can be scraped from where it is made."""

import ast
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from local.system import System

from tests.contracts.services import SERVICES

ROOT = Path(__file__).parents[2]
#: Made by the Prometheus client beside the name that is declared.
ENDINGS = re.compile(r"_(total|bucket|sum|count|created)$")
#: Labels whose values are written in our code or in the contract, so that there are few of them.
FEW = {
    *("service", "version", "schema", "consumer", "kind", "outcome", "state", "reason", "code"),
    *("method", "route", "status", "what", "part", "stream", "channel", "figure"),
}
NAMED = re.compile(r"\bkorrigo_[a-z0-9_]+[a-z0-9]\b")


def declared(service: str) -> set[str]:
    """List the metrics of a service's `metrics.py`."""
    source = (ROOT / "services" / service / "src" / service / "metrics.py").read_text(encoding="utf-8")
    return {ENDINGS.sub("", name) for name in re.findall(r'"(korrigo_[a-z0-9_]+)"', source)}


def sources() -> list[Path]:
    """List our modules."""
    return [path for folder in ("libs", "services") for path in (ROOT / folder).glob("*/src/**/*.py")]


def labels(path: Path) -> Iterator[str]:
    """List the labels of the metrics that a module declares."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Counter", "Gauge", "Histogram"}:
            for argument in node.args[2:]:
                yield from (str(name) for name in ast.literal_eval(argument))


@pytest.fixture(scope="module")
def pages(system: System) -> dict[str, str]:
    """What each process answers at /metrics."""
    ports = {row.name: row.ops_port for row in system.processes() if row.ops_port}
    addresses = {name: f"http://127.0.0.1:{port}/metrics" for name, port in ports.items()}
    return {name: _read(address) for name, address in addresses.items()}


def _read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


@pytest.fixture(scope="module")
def scraped(pages: dict[str, str]) -> dict[str, set[str]]:
    """The metrics of each service, whichever of its processes serves them."""
    found: dict[str, set[str]] = {}
    for process, page in pages.items():
        names = {ENDINGS.sub("", name) for name in re.findall(r"^# TYPE (\S+)", page, re.MULTILINE)}
        found.setdefault(process.partition("-")[0], set()).update(names)
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_every_metric_of_a_service_is_served_by_it(scraped: dict[str, set[str]], service: str) -> None:
    assert declared(service)
    assert declared(service) <= scraped[service]


def test_every_metric_that_our_papers_name_exists(scraped: dict[str, set[str]]) -> None:
    papers = [path for folder in ("docs", "charts") for path in (ROOT / folder).rglob("*") if path.is_file()]
    named = {
        ENDINGS.sub("", name)
        for path in papers
        if path.suffix in {".md", ".yaml", ".yml", ".json"}
        for name in NAMED.findall(path.read_text(encoding="utf-8"))
    }

    assert named <= set().union(*scraped.values())


def test_labels_have_few_values() -> None:
    unbounded = {(path.name, label) for path in sources() for label in labels(path) if label not in FEW}

    assert unbounded == set()


def test_no_process_tells_more_than_a_server_can_keep(pages: dict[str, str]) -> None:
    series = {name: page.count("\nkorrigo_") for name, page in pages.items()}

    assert max(series.values()) < 5000, series


def test_no_label_carries_an_id(pages: dict[str, str]) -> None:
    with_ids = [name for name, page in pages.items() if re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", page)]

    assert with_ids == []
