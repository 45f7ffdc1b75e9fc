"""Measure what hands feel: `python -m tests.bench.bench_browser [--quick]`.

A headless Chromium scrolls the thumbnails of a scan in staging, and turns the pages of a copy at the desk.
The figures are printed beside what is demanded; the machine has its part in them, so the status is always 0.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from local.system import System
from playwright.sync_api import Page, expect, sync_playwright

from tests.bench.bench_rasterizer import ROOT
from tests.bench.bench_system import Table
from tests.browser.screens import Album, Screen, chromium_path, opened
from tests.exams import Exam, create
from tests.people import OFFICE, PASSWORD, People

PAGES, QUICK_PAGES, SIDES_PER_COPY = 500, 100, 20
MARKER = "marker@lycee.example"
#: In pixels and milliseconds: a hand on a wheel, and eyes on a page, while the next is read ahead.
SCROLL, PAUSE, READING = 500, 50, 600
#: Begins to note every task of the main thread that is longer than 50 ms.
WATCH_TASKS = """
() => {
  globalThis.longTasks = [];
  const note = list => longTasks.push(...list.getEntries().map(task => task.duration));
  new PerformanceObserver(note).observe({ type: "longtask" });
}
"""
#: From the key to the frame that shows the next page, in milliseconds.
TURN = """
async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const image = () => document.querySelector("[role=region] img");
  const before = image().src;
  const began = performance.now();
  const press = { code: "PageDown", key: "PageDown", bubbles: true };
  document.body.dispatchEvent(new KeyboardEvent("keydown", press));
  while (image().src === before || !image().complete) await frame();
  await frame();
  return performance.now() - began;
}
"""


def main(arguments: Sequence[str] = ()) -> int:
    """Print every figure, or with --quick those of a shorter scan."""
    parser = argparse.ArgumentParser(description="Measure what hands feel")
    parser.add_argument("--quick", action="store_true", help="measure a shorter scan")
    pages = QUICK_PAGES if parser.parse_args(arguments).quick else PAGES
    table = Table()
    table.line("in the browser", "measured", "demanded")
    with tempfile.TemporaryDirectory(prefix="korrigo-bench-") as name:
        place = Path(name)
        with System(place / "system") as system, People(system) as people:
            exam = _prepared(people, _scan(place, pages))
            _measure(table, system.url, exam)
    return 0


def _scan(place: Path, pages: int) -> Path:
    path = place / f"g4-{pages}.pdf"
    subprocess.run(
        [sys.executable, "-m", "tests.bench.inputs", "g4", str(pages), str(path)], cwd=ROOT, check=True
    )
    return path


def _prepared(people: People, scan: Path) -> Exam:
    """Import the scan, and give its first copy to a marker."""
    exam = create(people, "Felt", has_zones=False)
    exam.ended(exam.drop(exam.batch("every_n_sides", SIDES_PER_COPY), scan), seconds=600)
    exam.add_marker(MARKER)
    exam.open(exam.staged()[:1])
    exam.dispatch()
    return exam


def _measure(table: Table, url: str, exam: Exam) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        with opened(browser, url, Album()) as office, opened(browser, url, Album()) as marker:
            office.sign_in(OFFICE, PASSWORD)
            measure_scrolling(table, office, exam)
            marker.sign_in(MARKER, PASSWORD)
            measure_turning(table, marker, exam)
        browser.close()


def measure_scrolling(table: Table, office: Screen, exam: Exam) -> None:
    """Print the longest task while every thumbnail passes by."""
    office.go(f"/exams/{exam.id}/staging")
    expect(office.page.get_by_role("gridcell").locator("img").first).to_be_visible()
    office.page.evaluate(WATCH_TASKS)
    office.page.mouse.move(400, 500)
    for _ in range(_screens(office.page)):
        office.page.mouse.wheel(0, SCROLL)
        office.page.wait_for_timeout(PAUSE)
    longest = max(office.page.evaluate("longTasks"), default=0)
    pages = exam.ledger()["pages"]
    table.line(
        f"longest task while {pages} thumbnails scroll, ms", f"{longest:.0f}" if longest else "< 50", "< 50"
    )


def _screens(page: Page) -> int:
    """How many turns of the wheel reach the end of the wall."""
    height = page.get_by_role("grid").evaluate("wall => wall.scrollHeight")
    return int(height / SCROLL) + 1


def measure_turning(table: Table, marker: Screen, exam: Exam) -> None:
    """Print how long the turn to a page takes that was read ahead."""
    (copy,) = exam.markers[0].items(f"/lots/{exam.id}/copies")
    marker.go(f"/desk/{exam.id}/{copy['id']}")
    expect(marker.page.locator("[role=region] img")).to_be_visible()
    waits = []
    for _ in range(SIDES_PER_COPY - 1):
        marker.page.wait_for_timeout(READING)
        waits.append(float(marker.page.evaluate(TURN)))
    waits.sort()
    table.line("turn to a page read ahead, ms: median", f"{waits[len(waits) // 2]:.0f}")
    table.line(
        "turn to a page read ahead, ms: 95 of 100 below", f"{waits[int(0.95 * len(waits))]:.0f}", "< 50"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
