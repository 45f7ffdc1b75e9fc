"""The mail server, as the settings name it."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import aiosmtplib
from pydantic import SecretStr

TIMEOUT = 20.0


def mail_client(smtp_url: SecretStr) -> aiosmtplib.SMTP:
    """Make a client that connects when it is entered."""
    url = urlsplit(smtp_url.get_secret_value())
    return aiosmtplib.SMTP(
        hostname=url.hostname,
        port=url.port,
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        use_tls=url.scheme == "smtps",
        start_tls=url.scheme == "smtp+starttls",
        timeout=TIMEOUT,
    )
