"""What the gateway is told at its start."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from kit.settings import (
    BlobSettings,
    BrokerSettings,
    DatabaseSettings,
    IdentitySettings,
    Settings,
)
from pydantic import field_validator

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class GatewaySettings(DatabaseSettings, BrokerSettings, BlobSettings, IdentitySettings, Settings):
    """Settings of `python -m gateway serve`."""

    service: str = "gateway"
    http_port: int = 0
    #: Where browsers reach Korrigo; decides the cookie's name and the links in e-mails.
    public_url: str
    #: The built web app.
    web_root: Path | None = None
    ingest_address: str
    grading_address: str
    notification_address: str
    #: Proxies whose X-Forwarded-For is believed, comma separated.
    trusted_proxies: str = "127.0.0.1"
    max_upload_bytes: int = 4 * 1024**3
    session_hours: int = 14
    link_hours: int = 72
    source_url: str = "https://korrigo.example/source"

    CHUNK_BYTES: ClassVar[int] = 8 * 1024**2

    @field_validator("public_url")
    @classmethod
    def _is_safe_for_cookies(cls, value: str) -> str:
        url = urlsplit(value)
        if url.scheme == "https" and url.hostname:
            return value.rstrip("/")
        if url.scheme == "http" and url.hostname in LOOPBACK:
            return value.rstrip("/")
        raise ValueError("must be an https address, or http on a loopback host")

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by https."""
        return self.public_url.startswith("https:")

    @property
    def cookie(self) -> str:
        """Name of the session cookie."""
        return "__Host-korrigo" if self.is_secure else "korrigo"
