"""The loop that hands waiting deliveries to the mail server."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from email.message import EmailMessage

import aiosmtplib
from kit import telemetry
from kit.db import Conflict, Database
from kit.errors import Unavailable

from notification import metrics
from notification.domain import CLAIM, Contact, Delivery, letter
from notification.settings import NotificationSettings
from notification.smtp import mail_client
from notification.store import Store

BATCH = 50
#: How often new deliveries are looked for when none is due.
IDLE = 1.0

log = telemetry.get_logger()


class Sender:
    """Sends what is due, one connection a batch; several may run side by side."""

    def __init__(self, database: Database, settings: NotificationSettings) -> None:
        self._database = database
        self._settings = settings

    async def loop(self, stopping: asyncio.Event) -> None:
        """Send until told to stop; a lost database is waited for."""
        while not stopping.is_set():
            try:
                sent = await self.send_due(stopping)
            except (Unavailable, Conflict) as error:
                log.warning("sender_waits", reason=error.reason)
                sent = 0
            if not sent:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), IDLE)

    async def send_due(self, stopping: asyncio.Event | None = None) -> int:
        """Try everything that is due now once; tells how many that was."""
        async with self._database.transaction() as session:
            due = deque(await Store(session).claim(BATCH))
        claimed = len(due)
        if due:
            await self._send_all(due, stopping or asyncio.Event())
        return claimed

    async def _send_all(self, due: deque[Delivery], stopping: asyncio.Event) -> None:
        """
        Hand over one after the other; what was not reached is put back.

        A slow server gets fewer: nobody else may take a mail that is still in hand.
        """
        end = time.monotonic() + (CLAIM / 3).total_seconds()
        try:
            async with mail_client(self._settings.smtp_url) as client:
                while due and time.monotonic() < end and not stopping.is_set():
                    await self._send(client, due[0])
                    due.popleft()
        except (aiosmtplib.SMTPException, OSError) as error:
            await self._postpone(due, str(error))
            return
        async with self._database.transaction() as session:
            await Store(session).give_back([one.id for one in due])

    async def _send(self, client: aiosmtplib.SMTP, delivery: Delivery) -> None:
        async with self._database.transaction() as session:
            contact = await Store(session).contact(delivery.account_id)
        if contact is None:
            delivery.fail("CONTACT_UNKNOWN")
        else:
            await self._hand_over(client, delivery, contact)
        async with self._database.transaction() as session:
            await Store(session).save(delivery)
        metrics.DELIVERIES.labels(delivery.kind, delivery.state).inc()

    async def _hand_over(self, client: aiosmtplib.SMTP, delivery: Delivery, contact: Contact) -> None:
        try:
            await client.send_message(self._mail(delivery, contact))
        except aiosmtplib.SMTPResponseException as error:
            _refused(delivery, error.code, error.message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            _refused(delivery, error.recipients[0].code, error.recipients[0].message)
        except aiosmtplib.SMTPNotSupported:
            delivery.fail("ADDRESS_NOT_SUPPORTED")
        else:
            delivery.send()
            waited = datetime.now(UTC) - delivery.created_at
            metrics.DELIVERY_SECONDS.observe(waited.total_seconds())
            log.info("mail_sent", delivery_id=str(delivery.id), kind=delivery.kind)

    async def _postpone(self, due: Iterable[Delivery], reason: str) -> None:
        """Put back what was not tried; the first was in hand when the server went away."""
        log.warning("mail_server_unreachable", reason=reason)
        metrics.OUTAGES.inc()
        async with self._database.transaction() as session:
            for place, delivery in enumerate(due):
                delivery.postpone(reason, was_in_hand=place == 0)
                await Store(session).save(delivery)

    def _mail(self, delivery: Delivery, contact: Contact) -> EmailMessage:
        said = letter(delivery, contact, self._settings.public_url)
        mail = EmailMessage()
        mail["From"] = self._settings.mail_from
        mail["To"] = contact.email
        mail["Subject"] = said.subject
        mail["Date"] = datetime.now(UTC)
        # The same however often it is tried, so that mail servers recognise a repeat.
        mail["Message-ID"] = f"<{delivery.id}@korrigo>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["Content-Language"] = contact.language
        mail.set_content(said.text)
        return mail


def _refused(delivery: Delivery, code: int, message: str) -> None:
    delivery.refuse(f"{code} {message}", is_final=500 <= code < 600)
