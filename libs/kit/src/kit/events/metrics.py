"""Rate, errors and duration of everything that is told, heard and worked on, and what waits."""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_WAITS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600)

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
REDELIVERED = Counter("korrigo_event_redelivered", "Messages taken again.", ["consumer"])
WAITED_SECONDS = Histogram(
    "korrigo_queue_wait_seconds", "From telling a message to taking it.", ["consumer"], buckets=_WAITS
)
WAITING = Gauge("korrigo_queue_waiting", "Messages that nobody has taken yet.", ["consumer"])
OUT = Gauge("korrigo_queue_out", "Messages that somebody holds and has not ended.", ["consumer"])
OLDEST_WAITING = Gauge(
    "korrigo_queue_oldest_seconds", "Age of the oldest message that nobody has taken.", ["consumer"]
)
PUBLISHED = Counter("korrigo_outbox_published", "Rows moved to the broker.", ["schema"])
REFUSED = Counter(
    "korrigo_outbox_refused", "Rows that the broker did not take, to be tried again.", ["schema"]
)
