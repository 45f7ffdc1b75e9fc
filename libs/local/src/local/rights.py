"""Who may say what on NATS: a service its own facts and the work it orders, nothing of another's."""

from local.broker import Rights
from local.keys import Secrets

#: The work that each service's outbox orders.
ORDERS: dict[str, tuple[str, ...]] = {
    "ingest": ("work.InspectScan", "work.RenderSides", "work.ExtractCopy"),
    "grading": ("work.StampCopy",),
    "notification": (),
    "rasterizer": (),
    "gateway": (),
}

#: The durables that each service reads, as `<stream>.<durable>`.
READS: dict[str, tuple[str, ...]] = {
    "ingest": ("FACTS.ingest", "FACTS.ingest-files"),
    "grading": ("FACTS.grading",),
    "notification": ("FACTS.notification",),
    "rasterizer": ("WORK.InspectScan", "WORK.RenderSides", "WORK.ExtractCopy", "WORK.StampCopy"),
    "gateway": (),
}

#: What the browsers' live events take: a passing reader of the facts for each gateway.
_LIVE = (
    "$JS.API.STREAM.INFO.FACTS",
    "$JS.API.CONSUMER.CREATE.FACTS.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.FACTS.>",
    "$JS.API.CONSUMER.DELETE.FACTS.>",
    "$JS.API.CONSUMER.INFO.FACTS.*",
    "$JS.API.CONSUMER.MSG.NEXT.FACTS.*",
    "$JS.FC.>",
)


def users(secrets: Secrets) -> dict[str, Rights]:
    """List the users of the broker: the services, and `migrate`, which declares streams and durables."""
    publish = {service: publishes(service) for service in ORDERS} | {"migrate": ("$JS.API.>",)}
    return {
        user: Rights(secrets.password(f"nats.{user}"), subjects, ("_INBOX.>",))
        for user, subjects in publish.items()
    }


def publishes(service: str) -> tuple[str, ...]:
    """List the subjects that a service may publish to."""
    own = (f"korrigo.{service}.v1.>", f"dead.{service}.>", *ORDERS[service])
    strikes = (f"strikes.{service}.>", f"$JS.API.DIRECT.GET.STRIKES.strikes.{service}.>")
    reads = tuple(subject for read in READS[service] for subject in _reads(read))
    return (*own, *strikes, *reads, *(_LIVE if service == "gateway" else ()))


def _reads(durable: str) -> tuple[str, ...]:
    return (
        f"$JS.API.CONSUMER.MSG.NEXT.{durable}",
        f"$JS.API.CONSUMER.INFO.{durable}",
        f"$JS.ACK.{durable}.>",
    )
