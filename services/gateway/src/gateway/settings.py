"""What the gateway is told at its start."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from kit.settings import (
    Address,
    BlobSettings,
    BrokerSettings,
    DatabaseSettings,
    HttpUrl,
    IdentitySettings,
    PeerSettings,
    Port,
    Settings,
)
from pydantic import Field, field_validator

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class GatewaySettings(
    DatabaseSettings, BrokerSettings, BlobSettings, IdentitySettings, PeerSettings, Settings
):
    """Settings of `python -m gateway serve`."""

    service: str = "gateway"
    http_port: Port = 0
    #: Where browsers reach Korrigo; decides the cookie's name and the links in e-mails.
    public_url: str
    #: The built web app.
    web_root: Path | None = None
    ingest_address: Address
    grading_address: Address
    notification_address: Address
    #: Proxies whose X-Forwarded-For is believed, comma separated.
    trusted_proxies: str = "127.0.0.1"
    max_upload_bytes: int = Field(default=4 * 1024**3, ge=1)
    session_hours: int = Field(default=14, ge=1)
    link_hours: int = Field(default=72, ge=1)
    #: How long an upload may rest before it is forgotten; ingest's `chunk_hours` must be more.
    upload_hours: int = Field(default=72, ge=1, le=24 * 30)
    source_url: HttpUrl = "https://korrigo.example/source"

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
