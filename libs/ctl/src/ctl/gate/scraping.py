"""OP-08: every documented metric is scraped."""

import re
from collections import defaultdict
from collections.abc import Iterator
from importlib import resources
from urllib.parse import urlencode

import orjson
import urllib3

from ctl.failure import Failure
from ctl.gate.place import Seen
from ctl.gate.verdict import Evidence, judged

SERVED, SCRAPED = "OP-08 served", "OP-08 scraped"
#: Made by the Prometheus client beside the name that is declared.
_ENDING = re.compile(r"_(total|created|info)$")
_FAMILY = re.compile(r"^# TYPE (korrigo_\S+)", re.MULTILINE)
_SECONDS = 30.0


def documented() -> dict[str, list[str]]:
    """Read which metrics each service has; those of the libraries are under "", and anybody's."""
    found: dict[str, list[str]] = orjson.loads(
        resources.files("ctl.gate").joinpath("metrics.json").read_bytes()
    )
    return found


def observed(seen: list[Seen]) -> Iterator[Evidence]:
    """Scrape every process, as a Prometheus would, and look for what nobody serves."""
    served: dict[str, set[str]] = defaultdict(set)
    for each in seen:
        names = {_ENDING.sub("", name) for name in _FAMILY.findall(each.metrics)}
        served[each.workload.partition("-")[0]] |= names
        served[""] |= names
    wanted = {(service, _ENDING.sub("", name)) for service, names in documented().items() for name in names}
    missing = sorted(f"{service} {name}".strip() for service, name in wanted if name not in served[service])
    said = f"{len(wanted)} metrics are served by {len(seen)} processes"
    yield judged(SERVED, holds=not missing, said=f"not served: {', '.join(missing)}" if missing else said)


def scraped(seen: list[Seen], prometheus: str, namespace: str) -> Iterator[Evidence]:
    """Ask a Prometheus whether it scrapes every one of them."""
    where = f'{{namespace="{namespace}"}}' if namespace else ""
    up = {
        sample["metric"].get("pod") or sample["metric"]["job"]
        for sample in _ask(prometheus, f"up{where} == 1")
    }
    missing = sorted(each.name for each in seen if each.name not in up)
    said = f"Prometheus scrapes all {len(seen)}"
    yield judged(SCRAPED, holds=not missing, said=f"not scraped: {', '.join(missing)}" if missing else said)


def _ask(prometheus: str, query: str) -> list[dict[str, dict[str, str]]]:
    address = f"{prometheus.rstrip('/')}/api/v1/query?{urlencode({'query': query})}"
    try:
        answer = urllib3.PoolManager(retries=False, timeout=_SECONDS).request("GET", address)
    except urllib3.exceptions.HTTPError as error:
        raise Failure(f"{prometheus} does not answer: {error}") from error
    if answer.status != 200:
        raise Failure(f"{prometheus} answers {answer.status}")
    found: list[dict[str, dict[str, str]]] = orjson.loads(answer.data)["data"]["result"]
    return found
