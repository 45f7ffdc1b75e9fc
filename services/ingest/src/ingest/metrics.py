"""What ingest counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

IMBALANCE = Gauge(
    "korrigo_ingest_ledger_imbalance",
    "Sides and pages that are nowhere or twice; 0 or a bug.",
)
SCANS = Gauge("korrigo_ingest_scans", "Scans by state.", ["state"])
SIDES_OUT = Gauge("korrigo_ingest_sides_out", "Sides that are ordered and have not come back.")
SIDES = Counter("korrigo_ingest_sides_total", "Sides that came back, by outcome.", ["outcome"])
SEALED_BYTES = Counter("korrigo_ingest_sealed_bytes_total", "Bytes of uploads joined into scans.")
FIRST_PAGE_SECONDS = Histogram(
    "korrigo_ingest_first_page_seconds",
    "From taking over an upload to its first page.",
    buckets=(0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900),
)
COPIES = Gauge("korrigo_ingest_copies", "Copies by state.", ["state"])
EXCEPTIONS = Gauge(
    "korrigo_ingest_exceptions", "Things that wait for somebody's decision, over all exams.", ["reason"]
)
PREPARATIONS = Counter(
    "korrigo_ingest_preparations_total", "Copies prepared for marking, by outcome.", ["outcome"]
)
PREPARATION_SECONDS = Histogram(
    "korrigo_ingest_preparation_seconds",
    "From validating a copy to its being open for marking.",
    buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600),
)
