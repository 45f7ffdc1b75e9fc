"""What the rasterizer counts."""

from prometheus_client import Counter, Gauge

SIDES = Counter("korrigo_rasterizer_sides_total", "Sides rendered, by how.", ["method"])
FAILURES = Counter("korrigo_rasterizer_failures_total", "Sides, copies and results that failed.", ["reason"])
KILLS = Counter(
    "korrigo_rasterizer_sandbox_kills_total", "Jobs that a limit of the sandbox ended.", ["reason"]
)
SLOTS = Gauge("korrigo_rasterizer_slots", "Pieces of work that this process takes at a time.", ["consumer"])
