"""What notification counts."""

from prometheus_client import Counter

DELIVERIES = Counter(
    "korrigo_notification_deliveries_total", "Tries to deliver an e-mail.", ["kind", "state"]
)
OUTAGES = Counter("korrigo_notification_mail_outages_total", "Times that no mail server was reached.")
