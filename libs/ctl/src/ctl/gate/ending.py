"""OP-05: a killed worker's job ends exactly once, and an orphan is swept."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
from kit.blobs import Blobs
from kit.events import Broker, letters

from ctl.gate.journeys import Journey
from ctl.gate.place import Place, Seen
from ctl.gate.trial import Trial
from ctl.gate.verdict import Evidence, failed, judged, not_shown, shown
from ctl.settings import OperationsSettings

WORKER, ORPHAN = "OP-05 worker", "OP-05 orphan"
#: Sweeps run every night.
_LATELY = timedelta(hours=26)
_SWEEPS = """
SELECT DISTINCT ON (kind) kind, outcome, ended_at, coalesce((figures->>'removed')::float, 0)
FROM notification.operations WHERE kind LIKE 'sweep-%' AND outcome <> 'busy'
ORDER BY kind, ended_at DESC
"""


def observed(seen: list[Seen]) -> Iterator[Evidence]:
    """Look for messages that were handed out again, and for sums that do not add up."""
    imbalance = max((each.figure("korrigo_ingest_ledger_imbalance") for each in seen), default=0.0)
    if imbalance:
        yield failed(WORKER, f"{imbalance:.0f} sides or pages are nowhere or twice")
        return
    again = sum(each.figure("korrigo_event_redelivered_total") for each in seen)
    said = f"{again:.0f} messages were handed out again, and the ledger balances"
    yield shown(WORKER, said) if again else not_shown(WORKER, "no worker has died with work in hand")


async def of_records(settings: OperationsSettings) -> AsyncIterator[Evidence]:
    """Read how the last sweeps went, and whether work was given up because whoever held it died."""
    async with Broker(settings.nats_url) as broker:
        await broker.ready(within=10)
        lost = [one.subject async for one in letters(broker) if one.reason == "HOLDERS_DIED"]
    if lost:
        yield failed(WORKER, f"{len(lost)} letters were given up because their holders died: {lost[0]}")
    async with await psycopg.AsyncConnection.connect(settings.dsn.get_secret_value()) as connection:
        sweeps = await (await connection.execute(_SWEEPS)).fetchall()
    fresh = [row for row in sweeps if row[2] > datetime.now(UTC) - _LATELY]
    if wrong := [row[0] for row in fresh if row[1] != "succeeded"]:
        yield failed(ORPHAN, f"{', '.join(wrong)} did not succeed")
    elif fresh:
        removed = sum(row[3] for row in fresh)
        yield shown(
            ORPHAN, f"{', '.join(row[0] for row in fresh)} ran lately and removed {removed:.0f} files"
        )
    else:
        yield not_shown(ORPHAN, "no sweep has run lately")


def worker(trial: Trial, journey: Journey) -> Iterator[Evidence]:
    """See what became of the pages whose worker was killed."""
    scan, numbers = trial.scan, sorted(page["side"] for copy in trial.copies for page in copy["pages"])
    if not trial.killed:
        yield not_shown(WORKER, "no worker was found with sides in hand: the cluster was too fast, try again")
        return
    repeated = [id for id, times in journey.done.items() if times > 1]
    is_once = numbers == [*range(1, trial.sides + 1)] and not repeated
    yield judged(
        WORKER,
        holds=is_once and scan["sides_rendered"] == trial.sides and not scan["sides_failed"],
        said=(
            f"{trial.killed} in the middle: {scan['sides_rendered']} of {trial.sides} sides rendered, "
            f"{len(set(numbers))} pages on copies once each, {trial.handed_out_again} pieces of work "
            f"handed out again, {len(repeated)} ended twice"
        ),
    )


def orphan(place: Place) -> Iterator[Evidence]:
    """Plant a file that nothing names, and have it swept."""
    key = f"scans/gate-{uuid4().hex}.pdf"
    place.ask(["gate", "inside", f"plant={key}"])
    swept = [line for line in place.sweep(key) if line.get("event") == "file_orphaned"]
    (left,) = place.ask(["gate", "inside", f"find={key}"])
    is_gone = left["said"] == "gone" and [line["key"] for line in swept if line["removed"]] == [key]
    yield judged(
        ORPHAN, holds=is_gone, said=f"the planted file was {'swept' if is_gone else 'left where it is'}"
    )


async def plant(settings: OperationsSettings, key: str) -> AsyncIterator[Evidence]:
    """Write a file that no row names."""
    await Blobs.open(settings).put(key, b"%PDF-1.4 named by nothing")
    yield shown(ORPHAN, "planted")


async def find(settings: OperationsSettings, key: str) -> AsyncIterator[Evidence]:
    """Look whether the planted file is there; one that is goes now."""
    blobs = Blobs.open(settings)
    is_there = await blobs.exists(key)
    await blobs.delete(key)
    yield shown(ORPHAN, "there" if is_there else "gone")
