"""
List every metric that our code declares: `python docs/metrics.py docs/metrics.md NAMES.json`.

The page is for people, the names for `korrigoctl gate`, which looks for each in a running installation.
"""

from __future__ import annotations

import ast
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
KINDS = {"Counter", "Gauge", "Histogram", "Info"}
#: What the client puts behind the declared name.
ENDINGS = {"Counter": "_total", "Info": "_info"}
HEAD = """\
# Metrics

Written by `make docs` from the sources; do not edit the list.

Every process answers `/metrics` on its ops port (9000 in a cluster) in the formats of Prometheus and
OpenMetrics, histograms (`_bucket`, `_sum` and `_count`) with exemplars that lead to traces. No label carries
an id. Alerts and dashboards name only what is listed here, and `korrigoctl gate` finds all of it in a running
installation (OP-08).

| metric | kind | labels | served by | what it tells |
|---|---|---|---|---|
"""


@dataclass(frozen=True, order=True)
class Metric:
    """One instrument as its module declares it."""

    name: str
    kind: str
    labels: tuple[str, ...]
    #: The service whose processes serve it; "" for what the libraries bring to every one that uses them.
    service: str
    tells: str


def metrics() -> Iterator[Metric]:
    """Find every instrument of every module."""
    for folder in ("libs", "services"):
        for path in sorted((ROOT / folder).glob("*/src/**/*.py")):
            service = path.relative_to(ROOT).parts[1] if folder == "services" else ""
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and _is_instrument(node):
                    yield _read(node, service)


def _is_instrument(call: ast.Call) -> bool:
    name = call.args[0] if call.args else None
    is_ours = isinstance(name, ast.Constant) and str(name.value).startswith("korrigo_")
    return is_ours and getattr(call.func, "id", "") in KINDS


def _read(call: ast.Call, service: str) -> Metric:
    name, tells = (ast.literal_eval(argument) for argument in call.args[:2])
    labels = ast.literal_eval(call.args[2]) if len(call.args) > 2 else ()
    return Metric(name, getattr(call.func, "id", ""), tuple(labels), service, " ".join(tells.split()))


def page(found: list[Metric]) -> str:
    """Write the table."""
    return HEAD + "".join(map(_row, found))


def _row(one: Metric) -> str:
    served = one.service or "whoever uses it"
    ending = ENDINGS.get(one.kind, "")
    name = one.name.removesuffix(ending) + ending
    return f"| `{name}` | {one.kind} | {', '.join(one.labels)} | {served} | {one.tells} |\n"


def names(found: list[Metric]) -> str:
    """Write the names by who serves them."""
    by_service: dict[str, list[str]] = defaultdict(list)
    for one in found:
        by_service[one.service].append(one.name)
    return json.dumps(by_service, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    listed = sorted(set(metrics()))
    Path(sys.argv[1]).write_text(page(listed), encoding="utf-8")
    Path(sys.argv[2]).write_text(names(listed), encoding="utf-8")
