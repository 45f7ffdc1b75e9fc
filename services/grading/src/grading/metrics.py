"""What grading counts."""

from prometheus_client import Counter, Gauge, Histogram

COPIES = Gauge("korrigo_grading_copies", "Copies by state.", ["state"])
ACTS = Counter("korrigo_grading_acts_total", "Acts of markers by what became of them.", ["outcome", "reason"])
FINALIZE_SECONDS = Histogram(
    "korrigo_grading_finalize_seconds",
    "From freezing a copy to its stamped PDF, retries included.",
    buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600),
)
FINALIZE_FAILURES = Counter(
    "korrigo_grading_finalize_failures_total", "PDFs of results that could not be made.", ["reason"]
)
