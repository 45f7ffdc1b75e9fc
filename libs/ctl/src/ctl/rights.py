"""Who may say what on NATS: a service its own facts and the work it orders, nothing of another's."""

from collections.abc import Mapping
from dataclasses import dataclass

from ctl.keys import Passwords


@dataclass(frozen=True)
class Rights:
    """What one user may do: subjects to publish to and to subscribe to, nothing else."""

    #: Of letters, digits, "-" and "_": the NATS client takes it from its address as it stands.
    password: str
    publish: tuple[str, ...] = (">",)
    subscribe: tuple[str, ...] = (">",)


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

#: What measuring the streams takes.
_SIZES = tuple(f"$JS.API.STREAM.INFO.{stream}" for stream in ("FACTS", "WORK", "DEAD", "STRIKES"))

_MORE = {"gateway": _LIVE, "notification": _SIZES}

#: What seeing the streams and how far each durable has come takes.
_LOOK = (
    "$JS.API.INFO",
    "$JS.API.STREAM.NAMES",
    "$JS.API.STREAM.LIST",
    "$JS.API.STREAM.INFO.*",
    "$JS.API.CONSUMER.NAMES.*",
    "$JS.API.CONSUMER.LIST.*",
    "$JS.API.CONSUMER.INFO.*.*",
)

#: What reading, replaying and dropping dead letters takes: a replay may be of any message.
_DEAD = (
    "$JS.API.DIRECT.GET.DEAD",
    "$JS.API.DIRECT.GET.DEAD.>",
    "$JS.API.STREAM.MSG.DELETE.DEAD",
    "korrigo.>",
    "work.>",
)

#: What a restore takes: the streams hold what happened after the backup.
_EMPTY = tuple(f"$JS.API.STREAM.PURGE.{stream}" for stream in ("FACTS", "WORK", "STRIKES"))

#: The users that are no service: who declares streams and durables, the jobs, and the people behind them.
OTHERS = {"migrate": ("$JS.API.>",), "ctl": _LOOK, "operator": (*_LOOK, *_DEAD, *_EMPTY)}


def users(passwords: Passwords) -> dict[str, Rights]:
    """List the users of the broker with their passwords and rights."""
    publish = {service: publishes(service) for service in ORDERS} | OTHERS
    return {
        user: Rights(passwords.password(f"nats.{user}"), subjects, ("_INBOX.>",))
        for user, subjects in publish.items()
    }


def publishes(service: str) -> tuple[str, ...]:
    """List the subjects that a service may publish to."""
    own = (f"korrigo.{service}.v1.>", f"dead.{service}.>", *ORDERS[service])
    strikes = (f"strikes.{service}.>", f"$JS.API.DIRECT.GET.STRIKES.strikes.{service}.>")
    reads = tuple(subject for read in READS[service] for subject in _reads(read))
    return (*own, *strikes, *reads, *_MORE.get(service, ()))


def authorization(users: Mapping[str, Rights]) -> dict[str, object]:
    """Write users and rights as the block `authorization` of the server's configuration."""
    return {"users": [_user(name, rights) for name, rights in users.items()]}


def _user(name: str, rights: Rights) -> dict[str, object]:
    permissions = {"publish": {"allow": rights.publish}, "subscribe": {"allow": rights.subscribe}}
    return {"user": name, "password": rights.password, "permissions": permissions}


def _reads(durable: str) -> tuple[str, ...]:
    return (
        f"$JS.API.CONSUMER.MSG.NEXT.{durable}",
        f"$JS.API.CONSUMER.INFO.{durable}",
        f"$JS.ACK.{durable}.>",
    )
