"""Look beneath the HTTP API of an installation: outboxes, queues and dead letters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ctl.roles import STATEFUL

from tests.cluster.installation import Installation
from tests.waiting import until

_UNTOLD = " UNION ALL ".join(
    f"SELECT 1 FROM {schema}.outbox WHERE published_at IS NULL" for schema in STATEFUL
)


def come_to_rest(installation: Installation, *, seconds: float = 120) -> None:
    """Wait until everything is told, heard and done; fail if anybody gave up on a message."""
    until(lambda: _is_at_rest(installation), "everything to be told, heard and done", seconds=seconds)
    assert not any(
        stream["state"]["messages"] for stream in _streams(installation) if stream["name"] == "DEAD"
    )


def queued(installation: Installation) -> int:
    """Count the pieces of work that wait or are in hand."""
    return int(_stream(installation, "WORK")["state"]["messages"])


def _is_at_rest(installation: Installation) -> bool:
    durables = [each for stream in _streams(installation) for each in stream.get("consumer_detail") or []]
    waiting = sum(each["num_pending"] + each["num_ack_pending"] for each in durables)
    return not waiting and installation.query(f"SELECT count(*) FROM ({_UNTOLD}) AS untold") == [["0"]]


def _stream(installation: Installation, name: str) -> dict[str, Any]:
    return next(stream for stream in _streams(installation) if stream["name"] == name)


def _streams(installation: Installation) -> Iterator[dict[str, Any]]:
    """Ask the broker's monitoring, which the API server leads to."""
    place = f"/api/v1/namespaces/{installation.namespace}/services/nats:monitoring/proxy"
    told = json.loads(installation.kubectl("get", "--raw", f"{place}/jsz?consumers=true"))
    return (stream for account in told["account_details"] for stream in account["stream_detail"])
