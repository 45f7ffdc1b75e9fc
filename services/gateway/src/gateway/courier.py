"""
The loop that tells notification what it is still to be told: contacts, and one-time links to send.

A wish is a row of the transaction that caused it, so it survives any crash and waits for notification
while that is away. A link is made only when it is sent. After a courier that crashed before it could forget
the wish, the next makes the same link again, and notification sends it no second time.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid4, uuid5

import grpc
from kit import telemetry
from kit.db import Conflict, Database
from kit.errors import Refusal, Unavailable
from korrigo.notification.v1 import notification_pb2, notification_service_pb2

from gateway.auth import Auth
from gateway.store import Account, Accounts, AccountState, Errand, Errands, LinkKind

if TYPE_CHECKING:
    from korrigo.notification.v1.notification_service_pb2_grpc import NotificationServiceAsyncStub

#: Errands carried side by side.
BATCH = 16
#: How often new errands are looked for when there was none.
IDLE = 0.5
#: How soon an errand is tried again when notification is away.
OUTAGE_PAUSE = timedelta(seconds=5)
#: How soon when it was refused, which only a correction can change.
REFUSED_PAUSE = timedelta(minutes=10)

log = telemetry.get_logger()


class Courier:
    """Carries errands to notification; several may run side by side."""

    def __init__(self, database: Database, auth: Auth, notification: NotificationServiceAsyncStub) -> None:
        self._database = database
        self._auth = auth
        self._notification = notification

    async def loop(self, stopping: asyncio.Event) -> None:
        """Carry errands until told to stop; a lost database is waited for."""
        while not stopping.is_set():
            try:
                is_busy = await self.carry_due() == BATCH
            except (Unavailable, Conflict) as error:
                log.warning("courier_waits", reason=error.reason)
                is_busy = False
            if not is_busy:
                await _pause(stopping)

    async def carry_due(self) -> int:
        """Try what is due now once, up to a batch; tells how much that was."""
        async with self._database.transaction() as session:
            due = await Errands(session).claim(BATCH)
        await asyncio.gather(*(self._carry(errand) for errand in due))
        return len(due)

    async def _carry(self, errand: Errand) -> None:
        try:
            await self._tell(errand)
        except (Unavailable, Conflict) as away:
            await self._postpone(errand, OUTAGE_PAUSE, away.reason)
        except Refusal as refusal:
            await self._postpone(errand, REFUSED_PAUSE, refusal.reason)
        except grpc.RpcError as error:  # a bug over there; browsers are served all the same
            await self._postpone(errand, REFUSED_PAUSE, str(error))
        else:
            async with self._database.transaction() as session:
                await Errands(session).finish(errand)

    async def _tell(self, errand: Errand) -> None:
        async with self._database.transaction() as session:
            account = await Accounts(session).known(errand.account_id)
        await self._notification.PutContact(_contact(account))
        if errand.kind is not None and account.state is not AccountState.DISABLED:
            await self._send(errand, errand.kind)

    async def _send(self, errand: Errand, kind: LinkKind) -> None:
        async with self._database.transaction() as session:
            link = await self._auth.make_link(session, errand.account_id, kind, occasion=errand.link_id)
        request = notification_service_pb2.SendLinkRequest(
            request_id=str(uuid5(NAMESPACE_URL, link)),
            account_id=str(errand.account_id),
            kind=kind.name,
            link=link,
            exam_name=errand.exam_name,
        )
        await self._notification.SendLink(request)

    async def _postpone(self, errand: Errand, pause: timedelta, reason: str) -> None:
        log.warning("errand_postponed", account_id=str(errand.account_id), reason=reason)
        async with self._database.transaction() as session:
            await Errands(session).postpone(errand, pause)


def _contact(account: Account) -> notification_service_pb2.PutContactRequest:
    contact = notification_pb2.Contact(
        account_id=str(account.id), email=account.email, name=account.name, language=account.language
    )
    return notification_service_pb2.PutContactRequest(request_id=str(uuid4()), contact=contact)


async def _pause(stopping: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(IDLE):
            await stopping.wait()
    except TimeoutError:
        return
