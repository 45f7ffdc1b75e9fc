"""Measure the whole system beside the bare pipeline: `python -m tests.bench.bench_system [--quick]`.

Processor time is that of every process of ours with its children, of PostgreSQL and of NATS, from the first
chunk of an upload to the balanced ledger. The bare pipeline is `python -m rasterizer render` on the same
file. The status is 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.ports import Ports, free_port
from local.system import System

from tests import desk
from tests.bench.bench_rasterizer import ROOT, measured
from tests.bench.proxy import HOST, CountingProxy
from tests.client import Client
from tests.desk import Desk
from tests.exams import Exam, balances, create
from tests.people import OFFICE, People
from tests.waiting import until

PAGES, QUICK_PAGES, WARM_PAGES = 500, 100, 20
SIDES_PER_COPY = 4
#: Other programs on the machine only ever lengthen a wait.
TRIES = 3
#: How much the whole system may cost, as a multiple of the bare pipeline.
BAR_COST = 2.5
#: Seconds from the last byte of a scan to its first page in staging.
BAR_FIRST_PAGE = 2.0
#: Bytes read from the store, as a multiple of the scan and of the workers.
BAR_READ, WORKERS = 2.0, 1
MARKERS, MARKED_SECONDS = 4, 10.0


class Table:
    """The lines that were printed, and the bars that were missed."""

    def __init__(self) -> None:
        self.missed = 0

    def line(self, what: str, measured: str, demanded: str = "", verdict: str = "") -> None:
        """Print one figure beside what is demanded of it."""
        print(f"{what:<58} {measured:>10} {demanded:>10} {verdict:>8}", flush=True)

    def bar(self, what: str, value: float, *, most: float) -> None:
        """Print a figure and whether it is small enough."""
        is_met = value <= most
        self.missed += not is_met
        self.line(what, f"{value:.2f}", f"<= {most:g}", "met" if is_met else "MISSED")


def main(arguments: Sequence[str] = ()) -> int:
    """Measure everything, or with --quick a shorter scan."""
    parser = argparse.ArgumentParser(description="Measure the whole system")
    parser.add_argument("--quick", action="store_true", help="measure a shorter scan")
    pages = QUICK_PAGES if parser.parse_args(arguments).quick else PAGES
    table = Table()
    table.line("the whole system", "measured", "demanded")
    with tempfile.TemporaryDirectory(prefix="korrigo-bench-") as name:
        place = Path(name)
        scan, warm = (written(place, "colour200", count) for count in (pages, WARM_PAGES))
        bare = measured(_rasterizer(scan, place / "out")).cpu_seconds
        with _running(System(place / "system", durable=True)) as (system, people):
            _import(create(people, "Warm", has_zones=False), warm)
            measure_marking(table, measure_import(table, system, people, scan, bare))
        measure_reads(table, place, scan, warm)
    return int(table.missed > 0)


def measure_import(table: Table, system: System, people: People, scan: Path, bare: float) -> Exam:
    """Print what an import costs, and how soon its first page is there; return the last exam."""
    costs, waits = [], []
    for attempt in range(TRIES):
        exam = create(people, f"Measured {attempt}", has_zones=False)
        with scan.open("ab") as file:
            file.write(b"%another file\n")
        before = system.cpu_seconds()
        waits.append(_watched_import(exam, scan))
        costs.append((system.cpu_seconds() - before) / bare)
    pages = exam.ledger()["pages"]
    table.line(f"CPU of the bare pipeline, ms a page of {pages}", f"{1000 * bare / pages:.1f}")
    table.bar("CPU of the whole system, times that", statistics.median(costs), most=BAR_COST)
    table.bar(
        f"first page in staging, best of {TRIES}, s after the last byte", min(waits), most=BAR_FIRST_PAGE
    )
    return exam


def _watched_import(exam: Exam, scan: Path) -> float:
    """Import a scan; tell how long its first page took from the last byte on."""
    viewer = exam.people.again(OFFICE)
    uploaded = _upload(exam, scan)
    last_byte = time.monotonic()
    with ThreadPoolExecutor() as pool:
        first_page = pool.submit(_first_page, viewer, exam, last_byte)
        exam.ended(exam.office.complete(uploaded), seconds=600)
    assert balances(exam.ledger())
    return first_page.result()


def measure_marking(table: Table, exam: Exam) -> None:
    """Print how many marks are stored in a second, and how long a marker waits for one."""
    exam.open(exam.staged()[:MARKERS])
    for number in range(MARKERS):
        exam.add_marker(f"marker{number}@lycee.example")
    exam.dispatch()
    with ThreadPoolExecutor(MARKERS) as pool:
        waits = sorted(
            wait for found in pool.map(lambda marker: _mark(exam, marker), exam.markers) for wait in found
        )
    table.line(f"marks a second by {MARKERS} markers", f"{len(waits) / MARKED_SECONDS:.0f}")
    table.line("wait for a mark, ms: median", f"{1000 * statistics.median(waits):.0f}")
    table.line("wait for a mark, ms: 95 of 100 below", f"{1000 * waits[int(0.95 * len(waits))]:.0f}")


def measure_reads(table: Table, place: Path, scan: Path, warm: Path) -> None:
    """Print how much an import reads from an S3 server: the workers, and those who join the upload."""
    home = place / "s3"
    with _counting(home) as workers, _counting(home) as others:
        system = System(home, s3=True, environment={"rasterizer": _through(workers), "*": _through(others)})
        with _running(system) as (_, people):
            _import(create(people, "Warm", has_zones=False), warm)
            before = workers.bytes_sent, others.bytes_sent
            _import(create(people, "Measured", has_zones=False), scan)
        size = scan.stat().st_size
        times = (workers.bytes_sent - before[0]) / size / WORKERS
        joined = (others.bytes_sent - before[1]) / size
    table.bar("bytes read from S3, times the scan and the workers", times, most=BAR_READ)
    table.line("bytes read from S3 to join the upload, times the scan", f"{joined:.2f}")


def _counting(home: Path) -> CountingProxy:
    """Stand before the S3 server of a system that has not started yet."""
    return CountingProxy(free_port(), lambda: Ports(home / "s3" / "ports.json")["s3.port"])


def _through(proxy: CountingProxy) -> dict[str, str]:
    return {"KORRIGO_S3_ENDPOINT": f"http://{HOST}:{proxy.port}"}


@contextmanager
def _running(system: System) -> Iterator[tuple[System, People]]:
    with system, People(system) as people:
        yield system, people


def _import(exam: Exam, scan: Path) -> None:
    exam.ended(exam.drop(exam.batch("every_n_sides", SIDES_PER_COPY), scan), seconds=600)


def _upload(exam: Exam, scan: Path) -> dict[str, Any]:
    """Send every chunk of a scan; return the upload."""
    batch, content = exam.batch("every_n_sides", SIDES_PER_COPY), scan.read_bytes()
    uploaded = exam.office.open_upload(exam.id, batch, scan.name, len(content))
    for number in range(uploaded["chunks"]):
        exam.office.put_chunk(uploaded, number, content)
    return uploaded


def _first_page(office: Client, exam: Exam, since: float) -> float:
    """Tell how long it takes until a thumbnail in staging can be seen."""

    def look() -> list[dict[str, Any]]:
        copies: list[dict[str, Any]] = office.get(f"{exam.path}/staged-copies?page_size=1")["items"]
        return copies

    copies = until(look, "a staged copy", seconds=120)
    office.image(copies[0]["pages"][0]["thumbnail"])
    return time.monotonic() - since


def _mark(exam: Exam, marker: Client) -> list[float]:
    """Write marks for a while; return the wait for each."""
    copy = marker.items(f"/lots/{exam.id}/copies")[0]
    at = Desk(marker, exam.id, copy["id"])
    question = next(iter(at.leaves().values()))
    scheme_version, seen, waits = at.marking["exam"]["scheme_version"], 0, list[float]()
    ends = time.monotonic() + MARKED_SECONDS
    while time.monotonic() < ends:
        began = time.monotonic()
        points = 50 * (len(waits) % 2)
        (outcome,) = at.accept(desk.mark(question, points, scheme_version, seen=seen))
        seen = outcome["version"]
        waits.append(time.monotonic() - began)
    return waits


def written(place: Path, kind: str, pages: int) -> Path:
    """Write a scan of so many pages of one kind."""
    path = place / f"{kind}-{pages}.pdf"
    command = [sys.executable, "-m", "tests.bench.inputs", kind, str(pages), str(path)]
    subprocess.run(command, cwd=ROOT, check=True)
    return path


def _rasterizer(scan: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "rasterizer", "render", str(scan), "--out", str(out)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
