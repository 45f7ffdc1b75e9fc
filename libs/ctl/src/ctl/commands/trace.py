"""`korrigoctl trace ID`: what every process said about one request, page or copy."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
from rich.text import Text

from ctl.cluster import Cluster
from ctl.failure import Failure
from ctl.output import Format, Output, console, write_json

#: Fields that every line has, and that are shown before the others.
_COMMON = {"time", "level", "event", "service", "version", "pod"}
_HOUR = 3600


def trace(id: str, *, since: float = 24, output: Output = Format.TEXT) -> None:
    """
    Show every log line that carries an id, of all pods, in the order of time.

    Parameters
    ----------
    id
        Of a request, a trace, an event, a scan, a copy: as a message to a user or a log line shows it.
    since
        How many hours to look back.
    """
    lines = sorted(_lines(Cluster.open(), id, int(since * _HOUR)), key=lambda line: str(line.get("time")))
    if not lines:
        raise Failure(f"no pod has said anything about {id} in the last {since:g} h")
    if output is Format.JSON:
        write_json(lines)
        return
    for line in lines:
        console.print(_shown(line), soft_wrap=True)


def _lines(cluster: Cluster, id: str, seconds: int) -> Iterator[dict[str, Any]]:
    wanted = re.compile(re.escape(id), re.IGNORECASE)
    for pod in cluster.pods():
        for line in cluster.log(pod, seconds):
            if wanted.search(line):
                yield _read(line)


def _read(line: str) -> dict[str, Any]:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {"event": line}
    return found if isinstance(found, dict) else {"event": line}


def _shown(line: dict[str, Any]) -> Text:
    fields = " ".join(f"{name}={value}" for name, value in line.items() if name not in _COMMON)
    time, pod = str(line.get("time", ""))[:23], line.get("pod") or line.get("service", "")
    return Text(f"{time}  {pod!s:40}  {line.get('event')}  {fields}")
