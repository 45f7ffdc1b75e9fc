"""What notification counts."""

from prometheus_client import Counter, Gauge, Histogram

DELIVERIES = Counter(
    "korrigo_notification_deliveries_total", "Tries to deliver an e-mail.", ["kind", "state"]
)
DELIVERY_SECONDS = Histogram(
    "korrigo_notification_delivery_seconds",
    "From noticing somebody to the mail server's taking the e-mail.",
    buckets=(1, 2, 5, 10, 30, 60, 300, 900, 3600, 14400),
)
OUTAGES = Counter("korrigo_notification_mail_outages_total", "Times that no mail server was reached.")
WAITING = Gauge("korrigo_notification_waiting", "E-mails that have not been sent yet.")
OLDEST = Gauge("korrigo_notification_oldest_seconds", "Age of the oldest e-mail that has not been sent.")
TOLD = Counter(
    "korrigo_notification_operators_told_total",
    "Tries to tell operators, by how it ended.",
    ["channel", "outcome"],
)
MESSAGES = Gauge(
    "korrigo_notification_operator_messages", "Messages to operators of a day, by state.", ["state"]
)
LAST_SUCCESS = Gauge(
    "korrigo_operation_last_success_timestamp_seconds", "When an operation last ended well.", ["kind"]
)
LAST_OUTCOME = Gauge("korrigo_operation_last_outcome", "1 if the last one ended well.", ["kind"])
LAST_SECONDS = Gauge("korrigo_operation_last_seconds", "How long the last one took.", ["kind"])
LAST_FIGURE = Gauge("korrigo_operation_last_figure", "What the last one counted.", ["kind", "figure"])
STREAM_MESSAGES = Gauge("korrigo_stream_messages", "Messages that a stream keeps.", ["stream"])
STREAM_BYTES = Gauge("korrigo_stream_bytes", "Bytes that a stream keeps.", ["stream"])
