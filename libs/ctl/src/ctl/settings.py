"""What the operator's commands are told where they do their work: in a pod of their own."""

import os
from typing import Annotated, Self

from kit import telemetry
from kit.settings import (
    PREFIX,
    Address,
    BlobSettings,
    BrokerSettings,
    DatabaseSettings,
    Settings,
    TlsSettings,
)
from pydantic import AfterValidator, Field, SecretStr, TypeAdapter


def _backup_url(value: str) -> str:
    return TypeAdapter(BlobSettings).validate_python({"blobs_url": value}).blobs_url


class TellingSettings(TlsSettings, Settings):
    """What it takes to tell operators how an operation went."""

    service: str = "ctl"
    #: Without it nobody hears of a failure but whoever looks.
    notification_address: Address | None = None
    signing_key: SecretStr | None = None

    @classmethod
    def start(cls) -> Self:
        """Read the settings, and write logs as every process does: to standard error, a line each."""
        settings = cls.load()
        telemetry.start(settings)
        return settings


class OperationsSettings(DatabaseSettings, BrokerSettings, BlobSettings, TellingSettings):
    """Settings of the commands that need what the services need; the database's role only reads."""

    #: A role that may create databases, to rehearse a restore in one of them.
    scratch_dsn: SecretStr | None = None
    #: A role that may make and drop the services' schemas; needed only to restore.
    restore_dsn: SecretStr | None = None
    #: Where backups go; best another bucket than that of the files, under other rights.
    backup_url: Annotated[str, AfterValidator(_backup_url)]
    #: An age public key: dumps are encrypted for it.
    backup_recipient: str | None = None
    #: Its private half, needed only to restore and to rehearse.
    backup_identity: SecretStr | None = None
    #: How many backups stay.
    backup_keep: int = Field(default=14, ge=1)
    smtp_url: SecretStr | None = None

    def backups(self) -> BlobSettings:
        """Give the settings of the backups' store: the same server and keys, another place."""
        return BlobSettings(
            blobs_url=self.backup_url,
            s3_endpoint=self.s3_endpoint,
            s3_region=self.s3_region,
            s3_access_key=self.s3_access_key,
            s3_secret_key=self.s3_secret_key,
        )


def are_here() -> bool:
    """Tell whether this process has been given what it takes to reach the database and the rest."""
    return any(f"{PREFIX}DSN{suffix}" in os.environ for suffix in ("", "_FILE"))
