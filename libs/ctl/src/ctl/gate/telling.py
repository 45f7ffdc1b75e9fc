"""OP-02: a fault reaches an operator's inbox in under a minute, by the services' own events."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

import psycopg
from kit.events import Broker, letters
from psycopg.rows import dict_row

from ctl.commands.dead_letters import FAULT, dismiss
from ctl.gate.place import Place
from ctl.gate.verdict import Evidence, failed, judged, not_shown, shown
from ctl.settings import OperationsSettings

CLAIM, MAIL = "OP-02 told", "OP-02 mail"
LIMIT_SECONDS = 60.0
#: A fact that ingest hears, which nobody can read: ingest gives it up and says so.
SUBJECT = "korrigo.rasterizer.v1.SidesRendered"
_ABOUT = f"ingest {SUBJECT} UNREADABLE"
_PAUSE_SECONDS = 0.5

Row = dict[str, Any]

#: A message to operators that arrived, with what it said began with it; a row is due when it was last saved.
_SENT = """
SELECT alert->>'name' AS name, alert->>'service' AS service, alert->>'summary' AS summary,
  alert->>'fingerprint' AS fingerprint, dispatches.due_at AS arrived,
  extract(epoch FROM dispatches.due_at - (alert->>'since')::timestamptz)::float AS seconds
FROM notification.dispatches, jsonb_array_elements(dispatches.alerts) AS alert
WHERE dispatches.state = 'sent' AND (alert->>'is_firing')::boolean
  AND dispatches.created_at > now() - interval '30 days'
ORDER BY dispatches.created_at DESC LIMIT 500
"""
_WITHIN_THE_HOUR = """
SELECT count(DISTINCT created_at) FROM notification.dispatches WHERE created_at > now() - interval '1 hour'
"""
#: From how many on notification gathers news for longer.
_STORM = 10
_TOLD_BEFORE = "SELECT is_firing FROM notification.alerts WHERE fingerprint = %s"


async def observed(settings: OperationsSettings) -> AsyncIterator[Evidence]:
    """Find the last fault of a service that operators were told of, and how soon."""
    rows = await _sent(settings)
    faults = [row for row in rows if row["fingerprint"] == _fingerprint(row) and row["seconds"] < 4 * 3600]
    if not faults:
        yield not_shown(CLAIM, "no service has noticed a fault lately of which operators were told")
        return
    last = faults[0]
    said = f"{last['name']} of {last['service']} was delivered {last['seconds']:.1f} s after it was noticed"
    yield judged(
        CLAIM, holds=last["seconds"] < LIMIT_SECONDS, said=f"{said}, {last['arrived']:%Y-%m-%d %H:%M}"
    )


async def tried(settings: OperationsSettings) -> AsyncIterator[Evidence]:
    """Tell ingest something that nobody can read, and wait until operators were told of it."""
    id = f"gate-{uuid4()}"
    async with Broker(settings.nats_url) as broker:
        await broker.ready(within=10)
        if await _is_known(settings):
            yield failed(
                CLAIM, f"operators know of such a letter already: korrigoctl dead-letters ls ({_ABOUT})"
            )
            return
        known, began = await _messages(settings), time.monotonic()
        await broker.publish(SUBJECT, b"\xff no message", {"Nats-Msg-Id": id}, patience=10)
        try:
            await asyncio.wait_for(_delivered(settings, known), LIMIT_SECONDS)
            seconds = time.monotonic() - began
            yield shown(CLAIM, f"{FAULT} of ingest was delivered in {seconds:.1f} s")
        except TimeoutError:
            yield await _late(settings)
        finally:
            await dismiss(broker, [one.sequence async for one in letters(broker) if one.id == id])


def caught(place: Place, since: float) -> Iterator[Evidence]:
    """Read the mail itself where a catcher keeps it."""
    if (caught := place.mails(f"{FAULT}: ingest")) is not None:
        is_there = any(moment > since for moment in caught)
        yield judged(MAIL, holds=is_there, said=f"its mail {'lies' if is_there else 'is not'} in the catcher")


async def _delivered(settings: OperationsSettings, known: set[datetime]) -> None:
    """Wait until a message about the letter that was not known has been taken by a target."""
    while not await _messages(settings) - known:  # noqa: ASYNC110 -- another process tells, in the database
        await asyncio.sleep(_PAUSE_SECONDS)


async def _messages(settings: OperationsSettings) -> set[datetime]:
    """Tell when messages about such a letter arrived."""
    return {row["arrived"] for row in await _sent(settings) if row["summary"] == f"ingest: {_ABOUT}"}


async def _late(settings: OperationsSettings) -> Evidence:
    """Tell a message that is lost from one that waits because there were many within the hour."""
    async with await psycopg.AsyncConnection.connect(settings.dsn.get_secret_value()) as connection:
        row = await (await connection.execute(_WITHIN_THE_HOUR)).fetchone()
    told = row[0] if row else 0
    if told >= _STORM:
        storm = (
            f"operators were told {told} times within the hour: in such a storm news are gathered for minutes"
        )
        return not_shown(CLAIM, f"{storm}, try again later")
    return failed(CLAIM, f"no message about {FAULT} of ingest arrived within {LIMIT_SECONDS:.0f} s")


async def _sent(settings: OperationsSettings) -> list[Row]:
    async with await psycopg.AsyncConnection.connect(settings.dsn.get_secret_value()) as connection:
        rows = await connection.cursor(row_factory=dict_row).execute(_SENT)
        return await rows.fetchall()


async def _is_known(settings: OperationsSettings) -> bool:
    async with await psycopg.AsyncConnection.connect(settings.dsn.get_secret_value()) as connection:
        row = await (await connection.execute(_TOLD_BEFORE, [_named("ingest", FAULT, _ABOUT)])).fetchone()
    return bool(row and row[0])


def _fingerprint(row: Row) -> str:
    """Name the problem as notification names what a service noticed itself."""
    service = str(row["service"])
    return _named(service, str(row["name"]), str(row["summary"]).removeprefix(f"{service}: "))


def _named(service: str, name: str, about: str) -> str:
    return hashlib.sha256("\0".join(("fault", service, name, about)).encode()).hexdigest()[:32]
