"""What operators do by `korrigoctl` and by the clock does its work, from a machine outside the cluster."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cluster.installation import Installation, korrigoctl
from tests.waiting import until

_FILES = """
from ingest.settings import IngestSettings
from kit import runtime
from kit.blobs import Blobs
async def program():
    files, key = Blobs.open(IngestSettings.load()), "scans/planted.pdf"
    {act}
runtime.main(program)
"""
_PLANT = _FILES.format(act='await files.put(key, b"%PDF-1.4 named by nothing")')
_LOOK = _FILES.format(act="print(await files.exists(key))")


def test_status_tells_of_pods_schemas_and_queues(installation: Installation) -> None:
    told = until(lambda: _all_ready(installation), "every pod to be ready", seconds=120)

    assert {schema["name"] for schema in told["schemas"]} == {"gateway", "ingest", "grading", "notification"}
    assert all(schema["is_compatible"] for schema in told["schemas"])
    assert {"InspectScan", "RenderSides", "StampCopy"} <= {queue["consumer"] for queue in told["queues"]}


def test_the_doctor_finds_nothing_wrong(installation: Installation) -> None:
    told = _ask(installation, "doctor", "-o", "json")

    assert {check["name"]: check["detail"] for check in told if check["verdict"] == "failed"} == {}
    assert {"database", "broker", "files", "backups", "mail"} <= {check["name"] for check in told}


def test_a_backup_is_rehearsed_into_a_scratch_database(installation: Installation) -> None:
    taken = _run(installation, "backup", "now")
    drilled = _run(installation, "drill")

    assert "backup 2" in taken
    assert "restored backup" in drilled
    assert installation.query("SELECT count(*) FROM pg_database WHERE datname LIKE 'korrigo_drill%'") == [
        ["0"]
    ]


def test_operators_see_that_a_backup_was_taken(installation: Installation) -> None:
    _run(installation, "backup", "now")

    rows = installation.query("SELECT count(*) FROM notification.operations WHERE kind = 'backup'")
    assert rows != [["0"]]


def test_a_planted_orphan_is_swept_after_a_day(installation: Installation) -> None:
    _in_ingest(installation, _PLANT)
    _run(installation, "sweep", "ingest")
    young = _in_ingest(installation, _LOOK)
    installation.query("UPDATE ingest.orphans SET seen_at = now() - interval '2 days'")
    _run(installation, "sweep", "ingest", "--dry-run")
    tried = _in_ingest(installation, _LOOK)
    _run(installation, "sweep", "ingest")

    assert (young, tried, _in_ingest(installation, _LOOK)) == ("True", "True", "False")


def test_a_drained_workload_comes_back(installation: Installation) -> None:
    _run(installation, "drain", "rasterizer")
    drained = installation.pods("rasterizer")
    _run(installation, "drain", "rasterizer", "--undo")

    assert drained == []
    assert until(lambda: installation.pods("rasterizer"), "the rasterizer to come back", seconds=60)


def test_there_is_no_dead_letter(installation: Installation) -> None:
    assert "no dead letter" in _run(installation, "dead-letters", "ls")


@pytest.mark.parametrize("service", ["ingest", "grading", "gateway", "notification"])
def test_a_request_is_followed_through_the_logs(installation: Installation, service: str) -> None:
    said = _ask(installation, "trace", "ops_listening", "-o", "json")

    assert service in {line["service"] for line in said}


def _all_ready(installation: Installation) -> dict[str, Any] | None:
    told: dict[str, Any] = _ask(installation, "status", "-o", "json")
    ready = [not any(process["unready"].values()) for process in told["processes"]]
    return told if ready and all(ready) else None


def _run(installation: Installation, *arguments: str) -> str:
    return korrigoctl("--namespace", installation.namespace, *arguments)


def _ask(installation: Installation, *arguments: str) -> Any:
    return json.loads(_run(installation, *arguments))


def _in_ingest(installation: Installation, program: str) -> str:
    return installation.kubectl("exec", "deploy/ingest-consume", "--", "python", "-c", program).strip()
