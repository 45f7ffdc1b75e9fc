"""A file that is not a scan ends with a reason, and disturbs nobody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from local.system import System

from tests.exams import balances, create
from tests.failures.beneath import Beneath
from tests.failures.steps import Paper, pids
from tests.paper import hostile
from tests.people import People

#: By file name, how it is written; each from nothing or from an honest scan.
FROM_NOTHING: dict[str, Callable[[Path], Path]] = {
    "html.pdf": hostile.html,
    "png.pdf": hostile.png,
    "many-pages.pdf": hostile.many_pages,
    "image-bomb.pdf": hostile.image_bomb,
    "content-bomb.pdf": hostile.content_bomb,
    "form-bomb.pdf": hostile.form_bomb,
    "huge-page.pdf": lambda out: hostile.page_of_size(out, 1e6, 1e6),
    "tiny-page.pdf": lambda out: hostile.page_of_size(out, 0.01, 0.01),
}
FROM_A_SCAN: dict[str, Callable[[Path, Path], Path]] = {
    "truncated.pdf": hostile.truncated,
    "encrypted.pdf": hostile.encrypted,
}

#: Strange, but a page all the same.
HARMLESS = {"huge-page.pdf", "tiny-page.pdf"}


def test_hostile_files_end_with_a_reason_and_the_others_go_on(
    system: System, people: People, beneath: Beneath, paper: Paper, tmp_path: Path
) -> None:
    exam = create(people, "Hostile", has_zones=False)
    batch = exam.batch("file_per_copy")
    before = pids(system)
    files = [write(tmp_path / name) for name, write in FROM_NOTHING.items()]
    files += [spoil(paper.file, tmp_path / name) for name, spoil in FROM_A_SCAN.items()]

    scans = [exam.drop(batch, file) for file in files]
    honest = exam.drop(batch, paper.file, name="honest.pdf")

    assert exam.ended(honest, seconds=240)["sides_rendered"] == paper.sides
    ended = [exam.ended(scan, seconds=240) for scan in scans]
    failed = {side["scan_id"] for side in exam.get("/exceptions")["failed_sides"] if side["reason"]}
    silent = {scan["file_name"] for scan in ended if not scan["reason"] and scan["id"] not in failed}
    assert silent <= HARMLESS, "each ends with a reason"
    assert balances(exam.ledger())
    beneath.come_to_rest()
    assert pids(system) == before
