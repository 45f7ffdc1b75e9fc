"""`korrigoctl gate` breaks a running system on purpose, sees that it mends itself, and what is broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from ctl.gate.verdict import TITLES
from local.system import System

from tests.failures.beneath import Beneath
from tests.people import OFFICE, PASSWORD, People

#: What only an experiment shows, as the gate says it.
TRIED = {
    "OP-01": "the image of page 120 is there",
    "OP-02": "its mail lies in the catcher",
    "OP-03": "120 pages took",
    "OP-04": "the server ended a deadlock",
    "OP-05": "120 of 120 sides rendered, 120 pages on copies once each",
    "OP-06": "allowed by name it ran, and the older code undid 0002",
    "OP-07": "none was restarted, all came back",
    "OP-08": "metrics are served by 8 processes",
}


def gate(system: System, *options: str) -> tuple[int, dict[str, Any]]:
    """Run it as an operator would."""
    login = {"KORRIGO_GATE_EMAIL": OFFICE, "KORRIGO_GATE_PASSWORD": PASSWORD}
    command = [sys.executable, "-m", "ctl", "gate", "--local", str(system.home.directory), "-o", "json"]
    done = subprocess.run(
        [*command, *options], env=os.environ | login, capture_output=True, timeout=400, check=False
    )
    assert done.stdout, done.stderr.decode()
    told = json.loads(done.stdout)
    found = {one["id"]: (one["verdict"], one["evidence"]) for one in told["findings"]}
    return done.returncode, {"decision": told["decision"], **found}


@pytest.fixture(scope="module")
def tried(system: System, people: People, beneath: Beneath) -> tuple[int, dict[str, Any]]:
    """What it says once it has tried everything."""
    assert people.office.id
    system.wait_until_ready()
    told = gate(system, "--provoke", "--pages", "120")
    beneath.come_to_rest()
    return told


@pytest.fixture(scope="module")
def broken(system: System, tried: tuple[int, dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    """What it says when it only looks, and the rasterizer is away."""
    system.pause("rasterizer")
    told = gate(system)
    system.resume("rasterizer")
    return told


@pytest.mark.parametrize("finding", TITLES)
def test_each_finding_is_shown_by_what_was_tried(tried: tuple[int, dict[str, Any]], finding: str) -> None:
    verdict, evidence = tried[1][finding]

    assert verdict == "shown", evidence
    assert TRIED[finding] in evidence


def test_it_ends_go(tried: tuple[int, dict[str, Any]]) -> None:
    assert (tried[0], tried[1]["decision"]) == (0, "GO")


def test_a_process_that_is_away_is_no_go(broken: tuple[int, dict[str, Any]]) -> None:
    code, told = broken

    assert (code, told["decision"]) == (1, "NO-GO")
    assert told["OP-07"] == ("failed", "rasterizer does not say that it is alive")
    assert told["OP-08"][0] == "failed"
    assert "rasterizer korrigo_rasterizer_slots" in told["OP-08"][1]


def test_what_has_happened_is_found_by_looking(broken: tuple[int, dict[str, Any]]) -> None:
    assert "MessageDead of ingest was delivered" in broken[1]["OP-02"][1]
    assert [broken[1][finding][0] for finding in ("OP-01", "OP-02", "OP-03")] == ["shown"] * 3
