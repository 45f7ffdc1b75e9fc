"""Hand a message to a target; whatever goes wrong is one exception with its reason."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime
from email.message import EmailMessage
from urllib.parse import urlsplit

import aiosmtplib
import apprise
import httpx2
import orjson
from kit.errors import Refusal
from pydantic import SecretStr
from standardwebhooks import Webhook

from notification.operators.alerts import Dispatch
from notification.operators.guard import public_address
from notification.operators.targets import Channel, Target
from notification.smtp import mail_client

TIMEOUT = 15.0


class NotDelivered(Exception):  # noqa: N818 -- an answer, not an error
    """The target did not take the message; the text says why."""


class Channels:
    """Every way to reach operators."""

    def __init__(self, smtp_url: SecretStr, mail_from: str, private_hosts: Collection[str]) -> None:
        self._smtp_url = smtp_url
        self._mail_from = mail_from
        self._private_hosts = frozenset(private_hosts)

    async def deliver(self, dispatch: Dispatch, target: Target) -> None:
        """Hand it over once; `NotDelivered` when it may not have arrived."""
        send = {Channel.MAIL: self._mail, Channel.WEBHOOK: self._webhook, Channel.CHAT: self._chat}
        try:
            async with asyncio.timeout(2 * TIMEOUT):
                await send[target.channel](dispatch, target)
        except (aiosmtplib.SMTPException, httpx2.HTTPError, OSError, TimeoutError) as error:
            raise NotDelivered(f"{type(error).__name__}: {error}") from error
        except Refusal as refusal:
            raise NotDelivered(refusal.reason) from refusal

    async def _mail(self, dispatch: Dispatch, target: Target) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"] = self._mail_from, target.address
        mail["Subject"], mail["Date"] = dispatch.subject, dispatch.created_at
        mail["Message-ID"] = f"<{dispatch.id}@korrigo>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(dispatch.text)
        async with mail_client(self._smtp_url) as client:
            await client.send_message(mail)

    async def _webhook(self, dispatch: Dispatch, target: Target) -> None:
        """Call the address that was checked, under the name that it has; follow no redirect."""
        assert target.secret
        url = httpx2.URL(target.url.get_secret_value())
        if url.scheme == "http" and url.host not in self._private_hosts:
            raise NotDelivered("http is for private hosts only; use https")
        port = url.port or {"https": 443, "http": 80}[url.scheme]
        address = await public_address(url.host, port, self._private_hosts)
        body, now = orjson.dumps(dispatch.payload).decode(), datetime.now(UTC)
        signature = Webhook(target.secret.get_secret_value()).sign(str(dispatch.id), now, body)
        headers = {
            "host": url.netloc.decode(),
            "content-type": "application/json",
            "webhook-id": str(dispatch.id),
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }
        async with httpx2.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
            answer = await client.post(
                url.copy_with(host=address),
                content=body,
                headers=headers,
                extensions={"sni_hostname": url.host},
            )
        if not answer.is_success:
            raise NotDelivered(f"the webhook answered {answer.status_code}")

    async def _chat(self, dispatch: Dispatch, target: Target) -> None:
        """Check a host that the operator chose; chats of known hosts name none."""
        url = target.url.get_secret_value()
        if urlsplit(url).scheme in ("mmosts", "rockets", "matrixs"):
            await public_address(urlsplit(url).hostname or "", 443, self._private_hosts)
        chat = apprise.Apprise()
        if not chat.add(url):
            raise NotDelivered("the chat's address is not complete")
        if not await asyncio.to_thread(chat.notify, dispatch.text, dispatch.subject):
            raise NotDelivered("the chat did not take it")
