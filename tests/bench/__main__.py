"""Run every benchmark: `python -m tests.bench [--quick]`; the status is 1 if a bar is missed."""

import sys

from tests.bench import bench_memory, bench_rasterizer, bench_system

sys.exit(max(bench.main(sys.argv[1:]) for bench in (bench_rasterizer, bench_system, bench_memory)))
