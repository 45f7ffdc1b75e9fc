"""What request bodies share."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request
from google.protobuf.message import Message
from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from gateway.shape import as_message

API = "/api/v1"

M = TypeVar("M", bound=Message)

#: Fields that a body may leave to a header.
HEADERS = {"request_id": "Idempotency-Key", "version": "If-Match"}
_told: ContextVar[Mapping[str, str]] = ContextVar("told", default=MappingProxyType({}))


async def read_headers(request: Request) -> None:
    """Keep what a request's headers tell in place of its body."""
    found = {field: request.headers.get(header) for field, header in HEADERS.items()}
    _told.set({field: value.removeprefix("W/").strip('"') for field, value in found.items() if value})


class Body(BaseModel):
    """A request body; unknown fields, and characters that no text has, are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @field_validator("*")
    @classmethod
    def _has_no_nul(cls, value: Any) -> Any:
        if isinstance(value, str) and "\0" in value:
            raise ValueError("must not contain a NUL character")
        return value

    def to(self, kind: type[M], **path: UUID | str | int) -> M:
        """The service's request that this body and the ids of the path make."""
        values: dict[str, Any] = self.model_dump(mode="json")
        return as_message(kind, values | {name: _plain(value) for name, value in path.items()})


class Mutation(Body):
    """A body that changes something; the same request id again changes nothing more."""

    request_id: UUID

    @model_validator(mode="before")
    @classmethod
    def _take_from_headers(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in _told.get().items() if name in cls.model_fields} | values


class JustOnce(Mutation):
    """Nothing but the request id."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of a list is asked for; the token is of the page before it."""

    size: Annotated[int, Query(alias="page_size", ge=1, le=1000)] = 200
    token: Annotated[str, Query(alias="page_token", max_length=2000)] = ""


#: Asks for a page of a list by `page_size` and `page_token`.
Paged = Annotated[Page, Depends()]


def _plain(value: UUID | str | int) -> str | int:
    return str(value) if isinstance(value, UUID) else value
