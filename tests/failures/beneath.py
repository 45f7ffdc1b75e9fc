"""Look beneath the HTTP API: outboxes, streams and dead letters of a running system."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import nats
import psycopg
from ctl import rights
from ctl.roles import STATEFUL
from local.broker import Nats
from local.keys import Secrets
from local.ports import Ports
from local.postgres import Postgres
from local.system import System
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.client import JetStreamContext

from tests.waiting import until

MESSAGE_ID = "Nats-Msg-Id"
_OUTBOXES = " UNION ALL ".join(
    f"SELECT '{schema}' AS schema, id::text, subject, payload, published_at FROM {schema}.outbox"
    for schema in STATEFUL
)


@dataclass(frozen=True)
class Message:
    """A fact or a piece of work as it was told once."""

    teller: str
    subject: str
    id: str
    payload: bytes

    @property
    def is_work(self) -> bool:
        """Tell whether it is done once rather than heard by many."""
        return self.subject.startswith("work.")


class Beneath:
    """The servers of a running system, seen by who may see everything."""

    def __init__(self, system: System) -> None:
        ports, secrets = Ports(system.home.ports), Secrets(system.home.secrets)
        password = secrets.password("postgres.superuser")
        self._postgres = Postgres(system.home.postgres, port=ports["postgres"], password=password)
        self._nats = Nats(system.home.nats, port=ports["nats"], users=rights.users(secrets))

    def come_to_rest(self, *, seconds: float = 90) -> None:
        """Wait until everything is told, heard and done; fail if anybody gave up on a message."""
        until(self._is_at_rest, "everything to be told, heard and done", seconds=seconds)
        assert self.dead_letters() == [], "no message is given up"

    def dead_letters(self) -> list[str]:
        """List the subjects of the messages that were given up."""
        return [message.subject for message in self.stored("DEAD")]

    def outboxes(self) -> list[Message]:
        """Read everything that the services told in their own transactions, oldest first."""
        return [Message(schema, subject, id, payload) for schema, id, subject, payload, _ in self._rows()]

    def stored(self, stream: str) -> list[Message]:
        """Read everything that a stream holds."""
        return asyncio.run(self._stored(stream))

    def facts_told(self) -> Counter[str]:
        """Count how often the stream holds each fact of the outboxes."""
        held = Counter(message.id for message in self.stored("FACTS"))
        return Counter({message.id: held[message.id] for message in self.outboxes() if not message.is_work})

    def tell_again(self, about: str) -> int:
        """Publish every fact and every work about a thing again, under new ids; return how many."""
        facts = [message for message in self.stored("FACTS") if about.encode() in message.payload]
        work = [one for one in self.outboxes() if one.is_work and about.encode() in one.payload]
        for message in (again := [*facts, *work]):
            asyncio.run(self._publish(message))
        return len(again)

    def swap_file(self, scan_id: str, sha256: str) -> None:
        """Have a scan be another file of the store from now on, as if a reader had been mended."""
        with psycopg.connect(self._postgres.dsn()) as connection:
            connection.execute("UPDATE ingest.scans SET sha256 = %s WHERE id = %s", (sha256, scan_id))

    def _rows(self) -> list[tuple[str, str, str, bytes, object]]:
        with psycopg.connect(self._postgres.dsn()) as connection:
            return connection.execute(f"{_OUTBOXES} ORDER BY schema, published_at").fetchall()

    def _is_at_rest(self) -> bool:
        return all(row[-1] for row in self._rows()) and asyncio.run(self._is_heard())

    async def _is_heard(self) -> bool:
        """Tell whether no queue and no durable has anything waiting or in hand."""
        async with self._jetstream("migrate") as jetstream:
            infos = [info for stream in ("FACTS", "WORK") for info in await jetstream.consumers_info(stream)]
        return not any((info.num_pending or 0) + (info.num_ack_pending or 0) for info in infos if info.name)

    async def _stored(self, stream: str) -> list[Message]:
        async with self._jetstream("migrate") as jetstream:
            count = (await jetstream.stream_info(stream)).state.messages
            config = ConsumerConfig(ack_policy=AckPolicy.NONE)
            reader = await jetstream.pull_subscribe(">", stream=stream, config=config)
            found: list[Message] = []
            while len(found) < count:
                found += [
                    Message(one.subject.split(".")[1], one.subject, (one.headers or {})[MESSAGE_ID], one.data)
                    for one in await reader.fetch(min(500, count - len(found)), timeout=10)
                ]
            return found

    async def _publish(self, message: Message) -> None:
        async with self._jetstream(message.teller) as jetstream:
            await jetstream.publish(
                message.subject, message.payload, headers={MESSAGE_ID: str(uuid4())}, timeout=10
            )

    @asynccontextmanager
    async def _jetstream(self, user: str) -> AsyncIterator[JetStreamContext]:
        client: Client = await nats.connect(self._nats.url(user), connect_timeout=10)
        try:
            yield client.jetstream(timeout=10)
        finally:
            await client.close()
