"""Measure the rasterizer beside `pdftoppm -r 150 -jpeg` and beside a plain PyMuPDF loop to PNG at 144 dpi.

    python tests/bench/bench_rasterizer.py [--quick]

Figures are those of whole processes, start-up included: user and system milliseconds a page, and the peak
resident memory of the process or of any child. What counts are ratios, measured one after the other on the
same machine. The loop is measured on the first 50 pages of each file: its pages cost the same however many
there are. Stamping alone is measured without start-up, since the service keeps its libraries loaded. The
status is 1 if a bar is missed.
"""

import argparse
import compileall
import json
import os
import site
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
KINDS = ("colour200", "colour300", "g4", "born")
LOOP_PAGES, LONG = 50, 500

#: How much cheaper than pdftoppm 500 pages must be, and than the loop those of a colour scan at 200 dpi.
BAR_PDFTOPPM = {"colour200": 5.0, "colour300": 1.4, "g4": 1.6, "born": 1.2}
BAR_LOOP = {"colour200": 30.0}
#: Other programs on the machine disturb a comparison: the middle one of so many counts.
TRIES = {"colour200": 3}
#: Peak memory at 2,500 pages, in MiB.
BAR_MEMORY = {"colour200": 150, "g4": 260}
#: Stamping 50 pages with 20 annotations each, beside rendering them again.
BAR_STAMP, BAR_STAMP_BYTES = 60.0, 150_000 + 50 * 3_000

_STAMP = """
import json, sys, time
from rasterizer.jobs import JOBS
args = dict(pdf=sys.argv[1], stamping=sys.argv[2], out=sys.argv[3])
started = time.process_time()
list(JOBS["stamp"](args))
print(json.dumps(time.process_time() - started))
"""


@dataclass(frozen=True)
class Cost:
    """Hold what a process and its children used."""

    cpu_seconds: float
    peak_mib: float


def measured(command: Sequence[str]) -> Cost:
    """Run a command to its end and measure it."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, env=environment) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _ratio(pair: tuple[Cost, Cost]) -> float:
    return pair[1].cpu_seconds / pair[0].cpu_seconds


class Bench:
    """Measure in one directory, and remember which bars were missed."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.missed: list[str] = []

    def compare(self, kind: str, pages: int) -> None:
        """Print one line: the three tools on one file."""
        scan = self._input(kind, pages)
        loop = measured(self._loop(scan))
        pairs = sorted((self._pair(scan) for _ in range(TRIES.get(kind, 1))), key=_ratio)
        ours, poppler = pairs[len(pairs) // 2]
        per_page = [ours.cpu_seconds / pages, poppler.cpu_seconds / pages, loop.cpu_seconds / LOOP_PAGES]
        times = (per_page[1] / per_page[0], per_page[2] / per_page[0])
        milliseconds = " ".join(f"{1000 * seconds:9.1f}" for seconds in per_page)
        memory = " ".join(f"{cost.peak_mib:6.0f}" for cost in (ours, poppler, loop))
        _print(f"{kind:<10}{pages:>6} {milliseconds}   {memory}   {times[0]:7.1f}x {times[1]:7.1f}x")
        if pages == LONG:
            self._require(f"times pdftoppm for {kind}", times[0], at_least=BAR_PDFTOPPM[kind])
            self._require(f"times the PNG loop for {kind}", times[1], at_least=BAR_LOOP.get(kind, 1))
        scan.unlink()

    def _pair(self, scan: Path) -> tuple[Cost, Cost]:
        poppler = ["pdftoppm", "-r", "150", "-jpeg", str(scan)]
        return measured(self._ours(scan)), measured([*poppler, str(self._out() / "p")])

    def memory(self, kind: str, pages: int) -> None:
        """Print the peak memory on a long scan."""
        scan = self._input(kind, pages)
        peak = measured(self._ours(scan)).peak_mib
        _print(f"{kind:<10}{pages:>6} pages: peak {peak:.0f} MiB (at most {BAR_MEMORY[kind]})")
        self._require(f"MiB at {pages} pages of {kind}", BAR_MEMORY[kind] / peak, at_least=1)
        scan.unlink()

    def stamping(self) -> None:
        """Print what annotations on 50 pages cost, beside rendering the pages again."""
        scan = self._input("colour200", LOOP_PAGES)
        annotations, out = self._place / "annotations.json", self._place / "stamped.pdf"
        annotations.write_text(json.dumps(stamping(LOOP_PAGES)))
        command = [sys.executable, "-c", _STAMP, str(scan), str(annotations), str(out)]
        stamped = float(subprocess.run(command, check=True, capture_output=True).stdout)
        times = measured(self._loop(scan)).cpu_seconds / stamped
        added = out.stat().st_size - scan.stat().st_size
        spent = f"{1000 * stamped:.0f} ms, {times:.0f}x cheaper than the loop"
        _print(f"stamping {LOOP_PAGES} pages: {spent}, {added / 1000:.0f} kB added")
        self._require("times the PNG loop when stamping", times, at_least=BAR_STAMP)
        self._require("of the bytes that stamping may add", BAR_STAMP_BYTES / added, at_least=1)

    def _require(self, what: str, value: float, *, at_least: float) -> None:
        if value < at_least:
            self.missed.append(f"{value:.2f} {what}, wanted {at_least:g}")

    def _input(self, kind: str, pages: int) -> Path:
        path = self._place / f"{kind}-{pages}.pdf"
        command = [sys.executable, "-m", "tests.bench.inputs", kind, str(pages), str(path)]
        subprocess.run(command, cwd=ROOT, check=True)
        return path

    def _out(self) -> Path:
        out = self._place / "out"
        out.mkdir(exist_ok=True)
        for left in out.iterdir():
            left.unlink()
        return out

    def _ours(self, scan: Path) -> list[str]:
        return [sys.executable, "-m", "rasterizer", "render", str(scan), "--out", str(self._out())]

    def _loop(self, scan: Path) -> list[str]:
        return [sys.executable, "-m", "tests.bench.png_loop", str(scan), str(self._out()), str(LOOP_PAGES)]


def stamping(pages: int) -> dict[str, Any]:
    """Make the content of a copy with 20 annotations on each page."""
    stroke = {
        "id": "1",
        "kind": "pen",
        "points": [[0.1 + i / 80, 0.2 + (i * 7 % 30) / 90] for i in range(50)],
    }
    frame = {"id": "2", "kind": "rectangle", "points": [[0.2, 0.5], [0.6, 0.55]]}
    words = {
        "id": "3",
        "kind": "text",
        "box": [0.1, 0.7, 0.5],
        "text": "∀x∈ℝ, f(x) ≤ √(x²+1) ⇒ ∑ uₙ converge",
    }
    tick = {"id": "4", "kind": "tick", "points": [[0.9, 0.5]], "size": 20}
    annotations = [stroke] * 5 + [frame] * 6 + [words] * 6 + [tick] * 3
    question = {"label": "1", "depth": 0, "title": "Suites", "mark": "1,5", "maximum": "3", "remark": "Bien."}
    return {
        "exam": {"name": "Bac blanc", "date": "12/05/2026"},
        "copy": {"code": "K7-QX"},
        "student": None,
        "language": "fr",
        "questions": [question] * 12,
        "total": "14,5",
        "scale": "20",
        "appreciation": "",
        "pages": [{"page": page, "annotations": annotations} for page in range(1, pages + 1)],
    }


def main(arguments: Sequence[str]) -> int:
    """Measure everything, or with --quick the 50-page files only."""
    parser = argparse.ArgumentParser(description="Measure the rasterizer")
    parser.add_argument("--quick", action="store_true", help="leave the long files out")
    quick = parser.parse_args(arguments).quick
    _compile()
    with tempfile.TemporaryDirectory(prefix="korrigo-bench-") as place:
        bench = Bench(Path(place))
        _print(f"{'':<16} CPU ms/page: ours, pdftoppm, loop   peak MiB: the same   ours is cheaper by")
        for kind, pages in _files(quick=quick):
            bench.compare(kind, pages)
        bench.stamping()
        for kind in () if quick else BAR_MEMORY:
            bench.memory(kind, 2500)
    for missed in bench.missed:
        _print(f"MISSED: {missed}")
    return 1 if bench.missed else 0


def _files(*, quick: bool) -> Iterator[tuple[str, int]]:
    for pages in (50,) if quick else (50, LONG):
        for kind in KINDS:
            yield kind, pages


def _compile() -> None:
    """Compile the libraries once, as an installed image has them: compiling is not what is measured."""
    for packages in site.getsitepackages():
        for name in ("pymupdf", "numpy", "pikepdf", "simplejpeg", "isal", "PIL"):
            compileall.compile_dir(Path(packages) / name, quiet=2)
    compileall.compile_dir(ROOT / "services/rasterizer/src/rasterizer", quiet=2)


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
