"""Rate, errors and duration of everything that is told, heard and worked on."""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)

HEARD = Counter("korrigo_event_heard", "Facts heard, by how it ended.", ["consumer", "kind", "outcome"])
HEARD_SECONDS = Histogram(
    "korrigo_event_seconds", "How long a fact takes.", ["consumer", "kind"], buckets=_SECONDS
)
WORKED = Counter("korrigo_work_done", "Pieces of work, by how it ended.", ["consumer", "kind", "outcome"])
WORKED_SECONDS = Histogram(
    "korrigo_work_seconds", "How long a piece of work takes.", ["consumer", "kind"], buckets=_SECONDS
)
IN_HAND = Gauge("korrigo_event_in_hand", "Messages being handled now.", ["consumer"])
PAUSED = Gauge("korrigo_event_paused", "1 while an outage keeps a consumer from fetching.", ["consumer"])
DEAD = Counter("korrigo_event_dead", "Messages given up.", ["consumer", "kind"])
PUBLISHED = Counter("korrigo_outbox_published", "Rows moved to the broker.", ["schema"])
REFUSED = Counter(
    "korrigo_outbox_refused", "Rows that the broker did not take, to be tried again.", ["schema"]
)
OLDEST = Gauge("korrigo_outbox_oldest_seconds", "Age of the oldest row still to be published.", ["schema"])
