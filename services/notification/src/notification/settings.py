"""What notification is told at its start."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Annotated
from urllib.parse import urlsplit

from kit.settings import (
    WEAK_PASSWORD_LENGTH,
    BrokerSettings,
    DatabaseSettings,
    HttpUrl,
    IdentitySettings,
    RpcSettings,
    Settings,
)
from pydantic import AfterValidator, Field, SecretStr

from notification.operators.targets import Targets


def _smtp(value: SecretStr) -> SecretStr:
    url = urlsplit(value.get_secret_value())
    if url.scheme not in ("smtp", "smtp+starttls", "smtps") or not url.hostname:
        raise ValueError("must be smtp://, smtp+starttls:// or smtps:// with a host")
    return value


def _sender(value: str) -> str:
    if "@" not in parseaddr(value)[1]:
        raise ValueError("must be an e-mail address, perhaps with a name: Korrigo <exams@school.example>")
    return value


class NotificationSettings(DatabaseSettings, BrokerSettings, IdentitySettings, RpcSettings, Settings):
    """Settings of `python -m notification`."""

    service: str = "notification"
    smtp_url: Annotated[SecretStr, AfterValidator(_smtp)]
    mail_from: Annotated[str, AfterValidator(_sender)]
    #: Whom to tell of problems, as a JSON list of targets with `name`, `url` and, for a webhook, `secret`.
    operators: Targets = SecretStr("[]")
    #: What Alertmanager presents; without it nothing is taken from it.
    alert_token: Annotated[SecretStr, Field(min_length=WEAK_PASSWORD_LENGTH)] | None = None
    #: Hosts inside the network that webhooks may call, comma separated.
    private_hosts: str = ""
    #: Where the pages of docs/runbooks can be read; for the links in what operators are told.
    runbooks_url: HttpUrl = "https://korrigo.example/source/docs/runbooks"
    #: Where browsers reach Korrigo; for the links in e-mails.
    public_url: HttpUrl
