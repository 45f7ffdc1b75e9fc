"""What a pod with the operations' settings can try: database, broker, buckets, mail server."""

import asyncio
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from smtplib import SMTP, SMTP_SSL
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import psycopg
from kit.blobs import Blobs
from kit.events import Broker
from kit.events.streams import DEAD, FACTS, STRIKES, WORK
from kit.settings import BlobSettings
from pydantic import SecretStr

from ctl.backup.dumps import SCHEMAS
from ctl.checks.verdict import Check, checked
from ctl.failure import Failure
from ctl.settings import OperationsSettings

#: Tokens between services are valid a minute, and forgive ten seconds.
_CLOCK_SECONDS = 5.0
_MAIL_SECONDS = 10
#: Limits that every service's role must have on the server.
_LIMITS = {"lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"}


async def inside(settings: OperationsSettings) -> list[Check]:
    """Try every neighbour, all at once."""
    return list(await asyncio.gather(*_checks(settings)))


def _checks(settings: OperationsSettings) -> Iterator[asyncio.Future[Check]]:
    looks = {
        "database": partial(_database, settings.dsn),
        "clock": partial(_clock, settings.dsn),
        "broker": partial(_broker, settings.nats_url),
        "files": partial(_bucket, settings),
        "backups": partial(_bucket, settings.backups()),
    }
    if settings.scratch_dsn is not None:
        looks["scratch database"] = partial(_scratch, settings.scratch_dsn)
    if settings.smtp_url is not None:
        looks["mail"] = partial(asyncio.to_thread, _mail, settings.smtp_url)
    for name, look in looks.items():
        yield asyncio.ensure_future(checked(name, look))


async def _database(dsn: SecretStr) -> str:
    """See every schema, and that the services' roles cannot wait for ever."""
    async with await psycopg.AsyncConnection.connect(dsn.get_secret_value(), connect_timeout=5) as connection:
        rows = await connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)", [list(SCHEMAS)]
        )
        missing = set(SCHEMAS) - {row[0] for row in await rows.fetchall()}
        if missing:
            raise Failure(f"has no schema {', '.join(sorted(missing))}: korrigoctl migrate --wait")
        roles = await connection.execute(
            "SELECT rolname, coalesce(rolconfig, '{}') FROM pg_roles WHERE rolname = ANY(%s)", [list(SCHEMAS)]
        )
        for role, kept in await roles.fetchall():
            if unlimited := _LIMITS - {setting.split("=")[0] for setting in kept}:
                raise Failure(f"role {role} has no {', '.join(sorted(unlimited))}: run roles.sql again")
        version = await (await connection.execute("SHOW server_version")).fetchone()
    return f"PostgreSQL {version[0] if version else '?'}, {len(SCHEMAS)} schemas"


async def _clock(dsn: SecretStr) -> str:
    async with await psycopg.AsyncConnection.connect(dsn.get_secret_value(), connect_timeout=5) as connection:
        before = datetime.now(UTC)
        row = await (await connection.execute("SELECT clock_timestamp()")).fetchone()
        after = datetime.now(UTC)
    assert row is not None
    apart = max((row[0] - after).total_seconds(), (before - row[0]).total_seconds(), 0.0)
    if apart > _CLOCK_SECONDS:
        raise Failure(f"this pod and the database are {apart:.1f} s apart: look at the nodes' time service")
    return f"within {apart:.1f} s of the database"


async def _scratch(dsn: SecretStr) -> str:
    async with await psycopg.AsyncConnection.connect(dsn.get_secret_value(), connect_timeout=5) as connection:
        query = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
        row = await (await connection.execute(query)).fetchone()
    if not row or not row[0]:
        raise Failure("the role of scratch-dsn may not create databases: ALTER ROLE … CREATEDB")
    return "may create databases"


async def _broker(url: SecretStr) -> str:
    async with Broker(url) as broker:
        await broker.ready(within=5)
        sizes = {}
        for stream in (FACTS, WORK, DEAD, STRIKES):
            sizes[stream] = (await broker.jetstream.stream_info(stream)).state.messages
    return ", ".join(f"{stream} {messages}" for stream, messages in sizes.items())


async def _bucket(settings: BlobSettings) -> str:
    """Write a file, read it back, remove it."""
    blobs, key = Blobs.open(settings), f"doctor/{uuid4().hex}"
    await blobs.put(key, b"POPULAR-CURTAINS")
    try:
        if await blobs.get(key) != b"POPULAR-CURTAINS":
            raise Failure(f"{settings.blobs_url} gives back something else than was written")
    finally:
        await blobs.delete(key)
    return f"{settings.blobs_url}: writes, reads, removes"


def _mail(url: SecretStr) -> str:
    """Greet the mail server as a delivery would, and send nothing."""
    parts = urlsplit(url.get_secret_value())
    host, port = parts.hostname or "", parts.port or (465 if parts.scheme == "smtps" else 25)
    server = (
        SMTP_SSL(host, port, timeout=_MAIL_SECONDS)
        if parts.scheme == "smtps"
        else SMTP(host, port, timeout=_MAIL_SECONDS)
    )
    with server:
        server.ehlo()
        if parts.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.noop()
    return f"{host}:{port} greets" + (" and knows us" if parts.username else "")
