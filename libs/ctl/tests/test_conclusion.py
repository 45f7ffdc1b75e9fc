"""The last word of the job that migrates."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def _report(folder: Path, service: str, state: str, reason: str = "2 revisions applied") -> None:
    told = {"from": "0001", "to": "0002", "service": service, "action": "up", "state": state}
    (folder / f"{service}.json").write_text(json.dumps(told | {"reason": reason, "plan": ""}))


def _conclude(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ctl", "migrations", "conclude", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("state", "code"), [("failed", 1), ("refused", 2), ("busy", 3)])
def test_the_job_ends_as_its_worst_service(tmp_path: Path, state: str, code: int) -> None:
    """It says each service's reason and what to do."""
    (tmp_path / "backup.json").write_text("{}")
    _report(tmp_path, "ingest", "done")
    _report(tmp_path, "grading", state, "POPULAR-CURTAINS")
    _report(tmp_path, "gateway", "skipped", f"grading {state}")

    ended = _conclude(tmp_path)

    assert ended.returncode == code, ended.stderr
    assert f"grading: {state} (0001 → 0002): POPULAR-CURTAINS" in ended.stdout
    assert "gain" in ended.stdout or "by name" in ended.stdout


def test_a_job_that_migrated_everything_ends_well(tmp_path: Path) -> None:
    """The schemas are where the new code wants them."""
    _report(tmp_path, "ingest", "done")

    ended = _conclude(tmp_path)

    assert (ended.returncode, "ingest: done" in ended.stdout) == (0, True), ended.stderr


def test_a_job_without_reports_has_failed(tmp_path: Path) -> None:
    """Silence is no success."""
    assert _conclude(tmp_path).returncode == 1
