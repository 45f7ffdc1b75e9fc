"""Whatever happens in whatever order, every side and page is in exactly one place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingest.app import rendering, staging
from ingest.domain.copy import ARRANGEABLE, Copy, Placement
from ingest.domain.page import Page
from ingest.domain.scan import Scan
from ingest.domain.side import Outcome
from ingest.store import Base
from kit import migrate
from kit.db import Database
from kit.errors import Refusal
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.ingest.tests import paper
from services.ingest.tests.desk import Desk

SIDES = 14
ACTS = ("slice", "retry", "set_side_aside", "arrange", "split", "merge", "validate", "extract")


class Office:
    """Does random acts on one scan; a refusal is an answer like any other."""

    def __init__(self, desk: Desk, scan: Scan, random: Random) -> None:
        self._desk = desk
        self._scan = scan
        self._random = random

    async def do(self, act: str) -> None:
        """Do one act."""
        acts: dict[str, Callable[[], Awaitable[None]]] = {name: getattr(self, f"_{name}") for name in ACTS}
        try:
            await acts[act]()
        except Refusal:
            return

    async def _slice(self) -> None:
        numbers = self._random.sample(range(1, SIDES + 1), self._random.randint(1, 5))
        outcomes = [
            Outcome(number, "DAMAGED") if self._random.random() < 0.3 else paper.rendered(number)
            for number in numbers
        ]
        await self._desk.settle(self._scan, outcomes)

    async def _retry(self) -> None:
        async with self._desk.store() as store:
            await rendering.retry_side(store, self._desk.exam, self._scan.id, self._random.randint(1, SIDES))

    async def _set_side_aside(self) -> None:
        async with self._desk.store() as store:
            number = self._random.randint(1, SIDES)
            await rendering.set_side_aside(store, self._desk.exam, self._scan.id, number, "torn")

    async def _arrange(self) -> None:
        copy = await self._any_copy()
        free = await self._desk.exceptions(Page)
        async with self._desk.store() as store:
            own = [page.id for page in copy.pages]
            pages = [page for page in own if self._random.random() < 0.7] + [page.id for page in free[:1]]
            self._random.shuffle(pages)
            await staging.arrange(
                store,
                self._desk.exam,
                copy.id,
                version=copy.version,
                placements=[Placement(page, 90) for page in pages],
                set_aside={page: "blank" for page in own if page not in pages},
            )

    async def _split(self) -> None:
        copy = await self._any_copy()
        async with self._desk.store() as store:
            page = self._random.choice(copy.pages)
            await staging.split(store, self._desk.exam, copy.id, version=copy.version, before_page_id=page.id)

    async def _merge(self) -> None:
        target, source = await self._any_copy(), await self._any_copy()
        async with self._desk.store() as store:
            await staging.merge(
                store,
                self._desk.exam,
                target=(target.id, target.version),
                source=(source.id, source.version),
            )

    async def _validate(self) -> None:
        if self._random.random() < 0.2:
            await self._desk.validate()

    async def _extract(self) -> None:
        await self._desk.extracted(await self._any_copy())

    async def _any_copy(self) -> Copy:
        copies = await self._desk.copies()
        if not copies:
            raise Refusal("there is no copy yet")
        return self._random.choice([copy for copy in copies if copy.state in ARRANGEABLE] or copies)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(st.sampled_from(ACTS), min_size=5, max_size=25), seed=st.integers(0, 2**32))
async def test_the_sums_hold_after_any_sequence_of_acts(
    database: Database, acts: list[str], seed: int
) -> None:
    desk = Desk(database)
    scan = await desk.rendering(SIDES)
    office = Office(desk, scan, Random(seed))

    for act in acts:
        await office.do(act)

    ledger, scan = await desk.ledger(), await desk.scan(scan.id)
    assert ledger.imbalance == 0
    assert ledger.sides == SIDES
    assert ledger.pages == ledger.sides_rendered == scan.rendered
    assert sum(len(copy.pages) for copy in await desk.copies()) == ledger.pages_on_copies
    async with desk.store() as store:
        assert (await store.census()).imbalance == 0


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE pages SET set_aside_reason = 'blank'",
        "UPDATE pages SET copy_id = NULL",
        "UPDATE pages SET position = 1",
        "UPDATE pages SET rotation = 45",
        "UPDATE scans SET rendered = rendered + 1",
        "UPDATE sides SET state = 'failed'",
        "UPDATE copies SET state = 'failed'",
        "UPDATE scans SET state = 'refused'",
        "INSERT INTO copies (id, exam_id, scan_id, group_number, first_side, number, state, version) "
        "SELECT gen_random_uuid(), exam_id, scan_id, group_number, 1, 99, 'staged', 1 FROM copies",
        "DELETE FROM sides",
    ],
)
async def test_the_database_itself_refuses_a_ledger_that_does_not_add_up(desk: Desk, damage: str) -> None:
    await desk.staged()

    with pytest.raises(IntegrityError):
        async with desk.database.transaction() as session:
            await session.execute(text(damage))


async def test_the_migrated_schema_is_that_of_the_models(desk: Desk) -> None:
    found = await asyncio.to_thread(migrate.differences, desk.database.dsn, "ingest", Base.metadata)

    assert found == []
