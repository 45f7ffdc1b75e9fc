"""Measure the memory of the rasterizer on long scans: `python -m tests.bench.bench_memory [--quick]`.

The whole system imports each scan; meanwhile the peak of every process of the rasterizer is read from the
kernel: the worker, the zygote, and the children that look into the scan. The status is 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import psutil
from local.system import System

from tests.bench.bench_rasterizer import BAR_MEMORY
from tests.bench.bench_system import SIDES_PER_COPY, Table, written
from tests.exams import balances, create
from tests.people import People

PAGES, QUICK_PAGES = 2500, 250
#: A child lives for some hundred milliseconds; its peak is kept by the kernel as long as it lives.
INTERVAL_SECONDS = 0.02
IMPORT_SECONDS = 3600
PARTS = ("worker", "zygote", "child")


def main(arguments: Sequence[str] = ()) -> int:
    """Measure both kinds of scan, or with --quick shorter ones."""
    parser = argparse.ArgumentParser(description="Measure the memory of the rasterizer")
    parser.add_argument("--quick", action="store_true", help="measure shorter scans")
    pages = QUICK_PAGES if parser.parse_args(arguments).quick else PAGES
    table = Table()
    with tempfile.TemporaryDirectory(prefix="korrigo-bench-") as name:
        place = Path(name)
        with System(place / "system") as system, People(system) as people:
            for kind, most in BAR_MEMORY.items():
                scan = written(place, kind, pages)
                peaks = measured(system, people, scan)
                for part in PARTS:
                    table.bar(f"MiB of the {part}, {pages} pages of {kind}", peaks[part], most=most)
                scan.unlink()
    return int(table.missed > 0)


def measured(system: System, people: People, scan: Path) -> Counter[str]:
    """Import a scan, and give the peak of each part of the rasterizer in MiB."""
    exam = create(people, scan.stem, has_zones=False)
    batch = exam.batch("every_n_sides", SIDES_PER_COPY)
    with _watched(system.pid("rasterizer")) as peaks:
        exam.ended(exam.drop(batch, scan), seconds=IMPORT_SECONDS)
    assert balances(exam.ledger())
    return peaks


@contextmanager
def _watched(worker: int) -> Iterator[Counter[str]]:
    """Read the peaks of a worker and its descendants again and again."""
    peaks, ended = Counter[str](), Event()
    thread = Thread(target=_watch, args=(psutil.Process(worker), peaks, ended))
    thread.start()
    try:
        yield peaks
    finally:
        ended.set()
        thread.join()


def _watch(worker: psutil.Process, peaks: Counter[str], ended: Event) -> None:
    while not ended.wait(INTERVAL_SECONDS):
        with suppress(psutil.NoSuchProcess):
            zygotes = worker.children()
            generations = (
                [worker],
                zygotes,
                [one for zygote in zygotes for one in zygote.children(recursive=True)],
            )
            for part, processes in zip(PARTS, generations, strict=True):
                peaks[part] = max(peaks[part], *map(_peak_mib, processes), 0)


def _peak_mib(process: psutil.Process) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) >> 10
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
