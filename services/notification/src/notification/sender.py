"""The loop that hands waiting deliveries to the mail server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib
from kit import telemetry
from kit.db import Database
from kit.errors import Unavailable

from notification import metrics
from notification.domain import Contact, Delivery, letter
from notification.settings import NotificationSettings
from notification.store import Store

BATCH = 50
#: How often new deliveries are looked for when none is due.
IDLE = 1.0
TIMEOUT = 20.0

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
                sent = await self.send_due()
            except Unavailable as error:
                log.warning("sender_waits", reason=str(error))
                sent = 0
            if not sent:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), IDLE)

    async def send_due(self) -> int:
        """Try everything that is due now once; tells how many that was."""
        async with self._database.transaction() as session:
            due = await Store(session).claim(BATCH)
        if due:
            await self._send_all(due)
        return len(due)

    async def _send_all(self, due: Sequence[Delivery]) -> None:
        url = urlsplit(self._settings.smtp_url.get_secret_value())
        client = aiosmtplib.SMTP(
            hostname=url.hostname,
            port=url.port,
            username=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            use_tls=url.scheme == "smtps",
            start_tls=url.scheme == "smtp+starttls",
            timeout=TIMEOUT,
        )
        try:
            async with client:
                for delivery in due:
                    await self._send(client, delivery)
        except (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPServerDisconnected, OSError) as error:
            await self._postpone(due, str(error))
        except aiosmtplib.SMTPException as error:
            log.error("mail_server_refused", reason=str(error))
            await self._postpone(due, str(error))

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
            delivery.refuse(f"{error.code} {error.message}", is_final=500 <= error.code < 600)
        except aiosmtplib.SMTPRecipientsRefused as error:
            code = error.recipients[0].code
            delivery.refuse(f"{code} {error.recipients[0].message}", is_final=500 <= code < 600)
        else:
            delivery.send()
            log.info("mail_sent", delivery_id=str(delivery.id), kind=delivery.kind)

    async def _postpone(self, due: Sequence[Delivery], reason: str) -> None:
        """Put back what was not tried."""
        log.warning("mail_server_unreachable", reason=reason)
        metrics.OUTAGES.inc()
        async with self._database.transaction() as session:
            for delivery in due:
                if not delivery.news and not delivery.pause:
                    delivery.postpone(reason)
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
