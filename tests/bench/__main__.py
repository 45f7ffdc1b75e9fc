"""Run every benchmark: `python -m tests.bench [--quick]`; the status is 1 if a bar is missed."""

import sys

from tests.bench import bench_rasterizer, bench_system

sys.exit(max(bench_rasterizer.main(sys.argv[1:]), bench_system.main(sys.argv[1:])))
