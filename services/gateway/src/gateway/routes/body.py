"""What request bodies share."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.message import Message
from pydantic import BaseModel, ConfigDict

from gateway.shape import as_message

M = TypeVar("M", bound=Message)


class Body(BaseModel):
    """A request body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")

    def to(self, kind: type[M], **path: UUID | str | int) -> M:
        """The service's request that this body and the ids of the path make."""
        values: dict[str, Any] = self.model_dump(mode="json")
        return as_message(kind, values | {name: _plain(value) for name, value in path.items()})


class Mutation(Body):
    """A body that changes something; the same request id again changes nothing more."""

    request_id: UUID


class JustOnce(Mutation):
    """Nothing but the request id."""


def _plain(value: UUID | str | int) -> str | int:
    return str(value) if isinstance(value, UUID) else value
