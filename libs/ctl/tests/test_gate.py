"""What the gate makes of what it sees: one thing against a claim is enough, and silence is no proof."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import psycopg
import pytest
from ctl.gate import ending, following, guarding, limits, probes, scraping, telling, unhurried
from ctl.gate.inside import answer
from ctl.gate.journeys import PASSES, RENDERED, RENDERING, Journey
from ctl.gate.paper import pile
from ctl.gate.place import Line, Seen
from ctl.gate.verdict import TITLES, Evidence, Verdict, conclude, failed, is_go, not_shown, shown
from ctl.roles import STATEFUL
from ctl.settings import OperationsSettings
from kit.events import Broker
from local.broker import Nats
from notification.operators.alerts import fault
from psycopg.types.json import Jsonb
from pydantic import SecretStr

WELL = Seen("gateway-1", "gateway", is_alive=True, is_ready=True, parts={"database": ""}, metrics="")
DELIVERED = """
INSERT INTO notification.dispatches (id, target, alerts, state, created_at, due_at)
VALUES (gen_random_uuid(), 'sre', %s, 'sent', now() - interval '2 min', now() - interval '1 min')
"""


@pytest.fixture
def settings(dsn: SecretStr, nats_server: Nats, files: Path, tmp_path: Path) -> OperationsSettings:
    """What a pod of the operations is told."""
    return OperationsSettings(
        dsn=dsn,
        scratch_dsn=dsn,
        nats_url=SecretStr(nats_server.url()),
        blobs_url=f"file://{files}",
        backup_url=f"file://{tmp_path}/backups",
    )


def journey(*, slices: int = 2, without: str = "", heard: int | None = None) -> Journey:
    """Make the logs of an upload."""
    lines: list[Line] = [_line(process, event) for process, event in PASSES.items() if process != without]
    lines += [_ended("rasterizer", RENDERING, number) for number in range(slices)]
    lines += [
        _ended("ingest-consume", RENDERED, number) for number in range(slices if heard is None else heard)
    ]
    return Journey("r-1", tuple(lines))


def _line(process: str, event: str) -> Line:
    return {"process": process, "event": event, "time": "2026-06-15T08:00:00Z", "seconds": 0.1}


def _ended(process: str, kind: str, number: int) -> Line:
    line = _line(process, "message_ended") | {"kind": kind, "outcome": "done", "event_id": f"{kind} {number}"}
    return line | {"time": f"2026-06-15T08:00:{10 + number}Z"}


def verdict(evidence: Any) -> tuple[Verdict, str]:
    """Read the one piece of evidence that there is."""
    (piece,) = list(evidence)
    return piece.verdict, piece.said


def test_a_finding_is_as_good_as_the_worst_of_its_claims() -> None:
    pieces = [shown("OP-05 worker", "one"), not_shown("OP-05 orphan", "two"), failed("OP-07 now", "three")]

    found = {finding.id: (finding.verdict, finding.evidence) for finding in conclude(pieces)}

    assert found["OP-05"] == (Verdict.NOT_SHOWN, "two")
    assert found["OP-07"] == (Verdict.FAILED, "three")


def test_a_claim_is_shown_by_one_thing_and_fails_by_one() -> None:
    seen = [not_shown("OP-02 told", "nothing"), shown("OP-02 told", "tried")]

    assert conclude(seen)[1].evidence == "tried"
    assert conclude([*seen, failed("OP-02 told", "late")])[1].verdict is Verdict.FAILED


def test_what_was_not_seen_is_no_go() -> None:
    pieces = [shown(f"{name} claim", "seen") for name in TITLES]

    assert is_go(conclude(pieces))
    assert not is_go(conclude(pieces[1:]))


def test_a_request_is_followed_only_if_nobody_is_silent() -> None:
    whole, silent = journey(), journey(without="grading-consume")

    assert verdict(following.observed(whole, 24))[0] is Verdict.SHOWN
    assert verdict(following.observed(silent, 24)) == (
        Verdict.FAILED,
        "request r-1 is not told of by grading-consume",
    )
    assert verdict(following.observed(journey(heard=1), 24))[0] is Verdict.NOT_SHOWN
    assert verdict(following.observed(None, 24))[0] is Verdict.NOT_SHOWN


def test_a_request_that_waited_for_its_pages_is_found() -> None:
    quick, slow = journey(), journey()
    slow.answer["seconds"] = 12.5

    assert verdict(unhurried.observed(quick, 24)) == (
        Verdict.SHOWN,
        "handing a file over was answered in 0.10 s, its pages were made until 11.0 s later",
    )
    assert verdict(unhurried.observed(slow, 24))[0] is Verdict.FAILED


def test_a_probe_that_does_not_tell_what_is_so_is_found() -> None:
    truth = [failed("OP-07 now database", "no route to host")]
    out = replace(WELL, is_in_service=False)

    assert verdict(probes.observed([WELL], truth))[0] is Verdict.FAILED
    assert verdict(probes.observed([out], [])) == (
        Verdict.FAILED,
        "gateway-1 is not in service, and says the opposite",
    )
    assert verdict(probes.observed([WELL], [shown("OP-07 now database", "ok")]))[0] is Verdict.SHOWN


def test_a_metric_that_nobody_serves_is_found() -> None:
    all_but_one = {name for names in scraping.documented().values() for name in names} - {
        "korrigo_queue_waiting"
    }
    page = "".join(f"# TYPE {name} gauge\n" for name in all_but_one)
    services = {service for service in scraping.documented() if service}
    seen = [replace(WELL, workload=service, metrics=page) for service in services]

    assert verdict(scraping.observed(seen)) == (Verdict.FAILED, "not served: korrigo_queue_waiting")


def test_a_service_without_limits_is_found() -> None:
    metric = 'korrigo_db_limit_seconds{{schema="{}",what="{}"}} {}\n'
    named = [(schema, name) for schema in STATEFUL for name in limits.LIMITS]
    page = "".join(metric.format(*each, 0 if each == ("grading", "lock_timeout") else 2) for each in named)

    assert verdict(limits.observed([replace(WELL, metrics=page)])) == (
        Verdict.FAILED,
        "no limit: grading lock_timeout",
    )


def test_sums_that_do_not_add_up_are_found() -> None:
    page = "korrigo_ingest_ledger_imbalance 2.0\n"

    assert verdict(ending.observed([replace(WELL, metrics=page)]))[0] is Verdict.FAILED


def test_a_pile_has_so_many_pages_and_no_other_has_its_content() -> None:
    with pikepdf.open(BytesIO(pile(5, "one"))) as opened:
        assert len(opened.pages) == 5
    assert pile(1, "one") != pile(1, "two")


def test_the_guard_of_this_version_refuses_what_it_must() -> None:
    found, said = verdict(guarding.judges())

    assert found is Verdict.SHOWN
    assert "0002 must declare compatible_since" in said


async def test_a_scratch_database_is_refused_migrated_and_brought_back(
    settings: OperationsSettings, broker: Broker
) -> None:
    (tried,) = await answer(settings, ["migrate"])

    assert tried.verdict is Verdict.SHOWN, tried.said
    assert "gate:0002 (destructive)" in tried.said
    assert _scratch_databases(settings) == []


async def test_how_soon_operators_were_told_of_a_fault_is_read_from_what_was_delivered(
    settings: OperationsSettings, broker: Broker
) -> None:
    (before,) = await answer(settings, ["told"])
    _deliver(settings, seconds=20)
    (soon,) = await answer(settings, ["told"])
    _deliver(settings, seconds=90)
    (late,) = await answer(settings, ["told"])

    assert [each.verdict for each in (before, soon, late)] == [
        Verdict.NOT_SHOWN,
        Verdict.SHOWN,
        Verdict.FAILED,
    ]
    assert "LedgerImbalance of ingest was delivered 20.0 s after it was noticed" in soon.said


async def test_a_planted_file_is_found_once(settings: OperationsSettings, broker: Broker) -> None:
    planted = await answer(settings, ["plant=scans/one.pdf"])
    found = [await answer(settings, ["find=scans/one.pdf"]) for _ in range(2)]

    assert [each.said for each in planted] == ["planted"]
    assert [each.said for (each,) in found] == ["there", "gone"]


async def test_a_question_that_cannot_be_answered_speaks_against_its_claim(
    settings: OperationsSettings, broker: Broker
) -> None:
    away = settings.model_copy(update={"dsn": SecretStr("postgresql://127.0.0.1:1/none")})

    (told,) = await answer(away, ["told"])

    assert (told.claim, told.verdict) == (telling.CLAIM, Verdict.FAILED)
    assert Evidence.read({"claim": told.claim, "verdict": "failed", "said": told.said}) == told


def _deliver(settings: OperationsSettings, *, seconds: int) -> None:
    """Write what notification keeps of a message that arrived so long after its fault was noticed."""
    told = fault("ingest", "LedgerImbalance", "the ledger", "2 sides")
    alert = {name: getattr(told, name) for name in ("name", "service", "summary", "fingerprint", "is_firing")}
    with psycopg.connect(settings.dsn.get_secret_value()) as connection:
        row = connection.execute("SELECT now() - interval '1 min' - make_interval(secs => %s)", [seconds])
        (since,) = row.fetchone() or (None,)
        connection.execute("DELETE FROM notification.dispatches")
        connection.execute(DELIVERED, [Jsonb([alert | {"since": str(since)}])])


def _scratch_databases(settings: OperationsSettings) -> list[tuple[str]]:
    with psycopg.connect(settings.dsn.get_secret_value()) as connection:
        return connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'korrigo_gate%'"
        ).fetchall()
