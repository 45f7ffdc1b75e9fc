"""
Who did what: written by the acting transaction, chained afterwards, never changed.

A row holds ids and the salted hash of its personal payload; payload and salt lie beside it and may be
erased without breaking the chain.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import JsonValue
from sqlalchemy import ARRAY, BigInteger, LargeBinary, Row, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from kit import errors
from kit.db import Conflict, Database
from kit.events.waiting import pause
from kit.identity import Caller
from kit.telemetry import get_logger

_BATCH = 1000
_EVERY = 5.0
_START = bytes(32)

_APPEND = text("""
WITH entry AS (
  INSERT INTO audit (actor_issuer, actor_subject, actor_role, action, subject, exam_id, payload_hash)
  VALUES (:issuer, :actor, :role, :action, :subject, :exam_id, :payload_hash) RETURNING id)
INSERT INTO audit_payload (audit_id, salt, payload)
SELECT id, :salt, :payload FROM entry WHERE CAST(:has_payload AS boolean)
""").bindparams(bindparam("payload", type_=JSONB))

_COLUMNS = "id, at, actor_issuer, actor_subject, actor_role, action, subject, exam_id, payload_hash"
_SAID = ("actor_issuer", "actor_subject", "actor_role", "action", "subject", "exam_id")
_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtext('sealer'), hashtext(current_schema()))")
_LAST = text("SELECT seal, hash FROM audit WHERE seal IS NOT NULL ORDER BY seal DESC LIMIT 1")
_OPEN = text(f"SELECT {_COLUMNS} FROM audit WHERE seal IS NULL ORDER BY id LIMIT {_BATCH}")
_SEAL = text("""
UPDATE audit SET seal = new.seal, hash = new.hash
FROM unnest(:ids, :seals, :hashes) AS new (id, seal, hash) WHERE audit.id = new.id
""").bindparams(
    bindparam("ids", type_=ARRAY(BigInteger)),
    bindparam("seals", type_=ARRAY(BigInteger)),
    bindparam("hashes", type_=ARRAY(LargeBinary)),
)
_CHAIN = text(f"""
SELECT {_COLUMNS}, seal, hash, salt, payload FROM audit LEFT JOIN audit_payload ON audit_id = id
WHERE seal > :after ORDER BY seal LIMIT {_BATCH}
""")


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chain found: how many links hold, and the first that does not."""

    sealed: int
    broken_at: int | None = None


async def append(
    session: AsyncSession,
    *,
    actor: Caller,
    action: str,
    subject: str,
    exam_id: str | None,
    payload: Mapping[str, JsonValue] | None = None,
) -> None:
    """Write an entry with the caller's transaction; what names a person belongs into the payload."""
    salt = secrets.token_bytes(16)
    values = {
        "issuer": actor.issuer,
        "actor": actor.subject,
        "role": actor.role,
        "action": action,
        "subject": subject,
        "exam_id": exam_id,
        "salt": salt,
        "payload": dict(payload or {}),
        "payload_hash": _hash_payload(salt, payload or {}),
        "has_payload": bool(payload),
    }
    await session.execute(_APPEND, values)


class Sealer:
    """Chains the committed entries of a schema; any number may run, one at a time works."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._log = get_logger()

    async def loop(self, stopping: asyncio.Event) -> None:
        """Seal every few seconds until told to stop; sit out outages."""
        while not stopping.is_set():
            try:
                while await self.seal():
                    pass
            except (errors.Unavailable, Conflict) as outage:
                self._log.warning("sealer_paused", schema=self._database.schema, reason=outage.reason)
            await pause(stopping, _EVERY)

    async def seal(self) -> int:
        """Seal a batch; tell how many entries it had."""
        async with self._database.transaction() as session:
            if not await session.scalar(_LOCK):
                return 0
            last = (await session.execute(_LAST)).first()
            entries = (await session.execute(_OPEN)).all()
            if entries:
                links = _links(entries, *(last or (0, _START)))
                await session.execute(_SEAL, links)
        for entry, seal in zip(entries, links["seals"] if entries else (), strict=True):
            self._tell(entry, seal)
        return len(entries)

    def _tell(self, entry: Row[Any], seal: int) -> None:
        """Write a sealed entry to the log too, for whoever keeps that stream: ids only, as in the table."""
        said = {name: getattr(entry, name) for name in _SAID}
        self._log.info("audit_entry", stream="audit", schema=self._database.schema, seal=seal, **said)


async def verify(session: AsyncSession) -> Verdict:
    """Walk along the whole chain and stop at the first link that does not hold."""
    seal, previous = 0, _START
    while entries := (await session.execute(_CHAIN, {"after": seal})).all():
        for entry in entries:
            if entry.seal != seal + 1 or not _holds(entry, previous):
                return Verdict(sealed=seal, broken_at=entry.seal)
            seal, previous = entry.seal, bytes(entry.hash)
    return Verdict(sealed=seal)


def _links(entries: Any, seal: int, previous: bytes) -> dict[str, list[Any]]:
    links: dict[str, list[Any]] = {"ids": [], "seals": [], "hashes": []}
    for entry in entries:
        seal, previous = seal + 1, _hash_entry(entry, seal + 1, previous)
        links["ids"].append(entry.id)
        links["seals"].append(seal)
        links["hashes"].append(previous)
    return links


def _holds(entry: Row[Any], previous: bytes) -> bool:
    if entry.salt is not None and _hash_payload(entry.salt, entry.payload) != entry.payload_hash:
        return False
    return bool(_hash_entry(entry, entry.seal, previous) == entry.hash)


def _hash_entry(entry: Row[Any], seal: int, previous: bytes) -> bytes:
    fields = [
        seal,
        entry.id,
        entry.at.timestamp(),
        entry.actor_issuer,
        entry.actor_subject,
        entry.actor_role,
        entry.action,
        entry.subject,
        entry.exam_id,
        bytes(entry.payload_hash).hex(),
    ]
    return hashlib.sha256(previous + orjson.dumps(fields)).digest()


def _hash_payload(salt: bytes, payload: Mapping[str, JsonValue]) -> bytes:
    return hashlib.sha256(salt + orjson.dumps(dict(payload), option=orjson.OPT_SORT_KEYS)).digest()
