"""Many bombs at once: each ends with a reason, and what arrives behind them becomes copies."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from local.system import System

from tests.exams import balances, create
from tests.failures.beneath import Beneath
from tests.failures.steps import Paper, assert_every_page_is_there_once, pids, start_import
from tests.paper import hostile
from tests.people import People

#: Of each kind; no two are the same file.
MANY = 6
PATIENCE = 900.0

pytestmark = pytest.mark.timeout(2 * PATIENCE)


def test_a_pile_of_bombs_ends_and_delays_nobody_for_good(
    system: System,
    people: People,
    beneath: Beneath,
    paper: Paper,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = pids(system)
    exam = create(people, "A pile of bombs", has_zones=False)
    batch, began = exam.batch("file_per_copy"), time.monotonic()
    bombs = [exam.drop(batch, file) for number in range(MANY) for file in bombs_of(tmp_path, number)]
    honest, scan = start_import(people, paper, "Behind the bombs")

    assert honest.ended(scan, seconds=PATIENCE)["state"] == "settled"
    behind = time.monotonic() - began
    ended = [exam.ended(bomb, seconds=PATIENCE) for bomb in bombs]
    over = time.monotonic() - began
    failed = {side["scan_id"] for side in exam.get("/exceptions")["failed_sides"] if side["reason"]}

    assert [bomb["file_name"] for bomb in ended if not bomb["reason"] and bomb["id"] not in failed] == []
    assert balances(exam.ledger())
    beneath.come_to_rest()
    assert_every_page_is_there_once(honest, paper)
    assert pids(system) == before
    with capsys.disabled():
        print(
            f"\n{len(bombs)} bombs ended in {over:.0f} s; the pile behind them was read after {behind:.0f} s"
        )


def bombs_of(folder: Path, number: int) -> list[Path]:
    """Write one bomb of each kind."""
    return [
        hostile.image_bomb(folder / f"image-{number}.pdf", edge=50_000 + number),
        hostile.content_bomb(folder / f"content-{number}.pdf", size=(1 << 30) + (number << 20)),
        hostile.form_bomb(folder / f"form-{number}.pdf", width=10 + number),
    ]
