"""Whom to tell, as the settings list them: by mail, by signed webhook, by a chat on the allow-list."""

from __future__ import annotations

import base64
import binascii
import json
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from notification.domain import ADDRESS

#: Chats of known hosts, and two that schools run themselves.
CHATS = frozenset(
    {"slack", "discord", "workflows", "gchat", "tgram", "zulip", "wxteams", "mmosts", "rockets", "matrixs"}
)
SECRET_BYTES = 24


class Channel(StrEnum):
    MAIL = "mail"
    WEBHOOK = "webhook"
    CHAT = "chat"


class Target(BaseModel):
    """One place where operators look."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, Field(pattern=r"[a-z][a-z0-9-]{0,39}")]
    #: mailto:somebody@school.example, https://…, or a chat's address as Apprise writes it.
    url: SecretStr
    #: Of a webhook: whsec_ and base64, as Standard Webhooks has it.
    secret: SecretStr | None = None

    @property
    def channel(self) -> Channel:
        """Tell how it is reached."""
        scheme = urlsplit(self.url.get_secret_value()).scheme
        return {"mailto": Channel.MAIL, "https": Channel.WEBHOOK, "http": Channel.WEBHOOK}.get(
            scheme, Channel.CHAT
        )

    @property
    def address(self) -> str:
        """Give the e-mail address of a mail target."""
        return urlsplit(self.url.get_secret_value()).path

    @model_validator(mode="after")
    def _can_be_reached(self) -> Target:
        url = urlsplit(self.url.get_secret_value())
        match self.channel:
            case Channel.MAIL if not ADDRESS.fullmatch(url.path):
                raise ValueError(f"{self.name}: needs one e-mail address after mailto:")
            case Channel.WEBHOOK if not url.hostname or not _is_secret(self.secret):
                raise ValueError(f"{self.name}: a webhook needs a host, and a secret of 24 bytes as whsec_…")
            case Channel.CHAT if url.scheme not in CHATS:
                raise ValueError(f"{self.name}: must be mailto:, https: or one of {', '.join(sorted(CHATS))}")
        return self


def parse(value: SecretStr) -> tuple[Target, ...]:
    """Read a JSON list of targets; ValueError says what is wrong, without quoting secrets."""
    try:
        targets = TypeAdapter(tuple[Target, ...]).validate_python(json.loads(value.get_secret_value()))
    except ValidationError as error:
        first: Any = error.errors()[0]
        raise ValueError(first["msg"].removeprefix("Value error, ")) from None
    except ValueError:
        raise ValueError(
            'must be a JSON list: [{"name": "sre", "url": "mailto:sre@school.example"}]'
        ) from None
    if len({target.name for target in targets}) < len(targets):
        raise ValueError("names a target twice")
    return targets


def _check(value: SecretStr) -> SecretStr:
    parse(value)
    return value


def _is_secret(secret: SecretStr | None) -> bool:
    try:
        text = secret.get_secret_value().removeprefix("whsec_") if secret else ""
        return len(base64.b64decode(text, validate=True)) >= SECRET_BYTES
    except binascii.Error:
        return False


Targets = Annotated[SecretStr, AfterValidator(_check)]
