"""Who may say what on NATS: a service its own facts and the work it orders, nothing of another's."""

from local.broker import Rights
from local.keys import Secrets

#: The work that each service's outbox orders.
ORDERS = {
    "ingest": ("work.InspectScan", "work.RenderSides", "work.ExtractCopy"),
    "grading": ("work.StampCopy",),
    "notification": (),
    "rasterizer": (),
    "gateway": (),
}

#: What hearing takes: fetch from a durable, look at it, acknowledge.
_HEAR = (
    "$JS.API.INFO",
    "$JS.API.CONSUMER.MSG.NEXT.>",
    "$JS.API.CONSUMER.INFO.>",
    "$JS.API.STREAM.INFO.>",
    "$JS.API.STREAM.NAMES",
    "$JS.API.DIRECT.GET.STRIKES.>",
    "$JS.ACK.>",
)

#: What the browsers' live events take: an ordered consumer of the facts for each gateway, made and dropped.
_FOLLOW = ("$JS.API.CONSUMER.CREATE.FACTS.>", "$JS.API.CONSUMER.DELETE.FACTS.>", "$JS.FC.>")


def users(secrets: Secrets) -> dict[str, Rights]:
    """List the users of the broker: the services, and `migrate`, which declares streams and durables."""
    services = {
        service: Rights(secrets.password(f"nats.{service}"), _publish(service), ("_INBOX.>",))
        for service in ORDERS
    }
    return services | {"migrate": Rights(secrets.password("nats.migrate"), ("$JS.API.>",), ("_INBOX.>",))}


def _publish(service: str) -> tuple[str, ...]:
    own = (f"korrigo.{service}.v1.>", f"dead.{service}.>", f"strikes.{service}.>", *ORDERS[service])
    return (*own, *_HEAR, *(_FOLLOW if service == "gateway" else ()))
