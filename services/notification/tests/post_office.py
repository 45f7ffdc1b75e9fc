"""A real mail server that a test can make slow, strict or absent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope, Session
from local.ports import free_port


@dataclass
class PostOffice:
    """What arrived, and what is answered to a recipient or to a mail."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    to_recipient: Callable[[str], str] = lambda _: "250 ok"
    to_mail: Callable[[], str] = lambda: "250 kept"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"smtp://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def open(self, *, utf8: bool = True) -> AsyncIterator[PostOffice]:
        """Take mail while the context lasts."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(self, enable_SMTPUTF8=utf8, hostname="test"), "127.0.0.1", self.port
        )
        async with server:
            yield self

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Judge a recipient."""
        answer = self.to_recipient(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Judge a mail, and keep it if it is taken."""
        answer = self.to_mail()
        if answer.startswith("250"):
            content = cast(bytes, envelope.content)
            self.mails.append(message_from_bytes(content, policy=policy.default))
            self.recipients.extend(envelope.rcpt_tos)
        return answer


def post_office() -> PostOffice:
    """A mail server that is not there yet."""
    return PostOffice(free_port())
