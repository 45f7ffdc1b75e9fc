"""Sweeps order lost work again and end what nobody comes back to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.cluster import jobs
from tests.cluster.beneath import queued
from tests.cluster.installation import Installation, korrigoctl
from tests.cluster.pods import settle
from tests.desk import Desk
from tests.exams import Exam, create
from tests.failures.steps import SIDES_PER_COPY, Paper, finalized
from tests.people import People
from tests.waiting import until

#: Loses all work that waits, as a broker does whose disk is lost.
LOSE = """
import asyncio, nats, sys
async def lose():
    client = await nats.connect(sys.argv[1])
    await client.jetstream().purge_stream("WORK")
    await client.close()
asyncio.run(lose())
"""
LONG_AGO = "now() - interval '2 days'"


@contextmanager
def without_workers(installation: Installation) -> Iterator[None]:
    """Let work wait while the block runs."""
    korrigoctl("--namespace", installation.namespace, "drain", "rasterizer")
    try:
        yield
    finally:
        korrigoctl("--namespace", installation.namespace, "drain", "rasterizer", "--undo")


def test_work_that_was_lost_is_ordered_again(
    installation: Installation, patient: People, paper: Paper, opened: Exam, unmarked: Iterator[Desk]
) -> None:
    desk, exam = next(unmarked), create(patient, "Lost on its way", has_zones=False)
    desk.mark_all([150, 50, 0, 1050])
    with without_workers(installation):
        scan = exam.drop(exam.batch("every_n_sides", SIDES_PER_COPY), paper.file)
        desk.finalize()
        until(lambda: queued(installation) == 2, "a scan and a result to wait for a worker")
        url = installation.secret("migrations", "nats-url")
        installation.kubectl("exec", "deploy/ingest", "--", "python", "-c", LOSE, url)
    settle(installation, set(), "the workers to be back")
    installation.query(f"UPDATE ingest.scans SET changed_at = {LONG_AGO} WHERE id = '{scan['id']}'")
    installation.query(f"UPDATE grading.copies SET moved_at = {LONG_AGO} WHERE id = '{desk.copy_id}'")

    told = [jobs.run(installation, name) for name in ("sweep-ingest", "sweep-grading")]

    assert all('"ordered_again":1' in each for each in told)
    assert exam.ended(scan)["copies"] == len(paper.copies)
    assert finalized(opened, desk)["points"] == 1250


def test_a_lease_that_ended_long_ago_is_forgotten(
    installation: Installation, unmarked: Iterator[Desk]
) -> None:
    lease = next(unmarked).lease
    installation.query(f"UPDATE grading.leases SET expires_at = {LONG_AGO} WHERE id = '{lease}'")

    told = jobs.run(installation, "sweep-grading")

    assert '"leases":1' in told
    assert installation.query(f"SELECT count(*) FROM grading.leases WHERE id = '{lease}'") == [["0"]]
