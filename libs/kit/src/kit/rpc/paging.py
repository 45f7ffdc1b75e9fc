"""Lists in pages: bounded in items and bytes, in an order that stays, by tokens that say nothing."""

import base64
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, Self, TypeAlias, TypeVar
from uuid import UUID

import orjson
from google.protobuf.message import Message

from kit.errors import InvalidArgument

DEFAULT_SIZE = 200
LARGEST_SIZE = 1000
#: Of the items of one page; gRPC refuses messages of 4 MiB.
BYTES = 2 * 1024**2

T = TypeVar("T")
Q = TypeVar("Q", bound="OfPages")
A = TypeVar("A", bound="OnePage")
M = TypeVar("M", bound=Message)
#: Where an item stands in its list; what orders it, and last what tells it from its equals.
Key: TypeAlias = tuple[Any, ...]

#: Reads a part of a key out of a token, or refuses it by ValueError or TypeError.
Reader: TypeAlias = Callable[[Any], Any]

_LARGEST_NUMBER = 2**63 - 1


def number(part: Any) -> int:
    """Read a number that a database can hold."""
    if not isinstance(part, int) or abs(part) > _LARGEST_NUMBER:
        raise ValueError
    return part


def words(part: Any) -> str:
    """Read a text that a database can hold."""
    if not isinstance(part, str) or "\0" in part:
        raise ValueError
    return part


def uid(part: Any) -> str:
    """Read an id."""
    return str(UUID(part))


day = date.fromisoformat
moment = datetime.fromisoformat


class PageSizeInvalid(InvalidArgument):
    """A page has at least one item."""


class PageTokenInvalid(InvalidArgument):
    """The page token is not one of this list."""


class OfPages(Protocol):
    """A request for a page of a list."""

    page_size: int
    page_token: str


class OnePage(Protocol):
    """A page of a list."""

    next_page_token: str


@dataclass(frozen=True)
class Paging:
    """Which page was asked for: so many items after a place."""

    size: int
    after: Key | None
    _list: str

    @classmethod
    def of(cls, request: OfPages, *readers: Reader) -> Self:
        """
        Read what a request for a page of a list asks; *readers* read the parts of its keys.

        The token of another list, or of the same with other filters, is refused.
        """
        return cls.of_list(_name(request), request.page_size, request.page_token, *readers)

    @classmethod
    def of_list(cls, name: str, size: int, token: str, *readers: Reader) -> Self:
        """Read the same of a list that has no message, by its name."""
        if size < 0:
            raise PageSizeInvalid
        after = _key(token, name, readers) if token else None
        return cls(min(size or DEFAULT_SIZE, LARGEST_SIZE), after, name)

    @property
    def limit(self) -> int:
        """Tell how many items to read: one more shows that there are more."""
        return self.size + 1

    def page(
        self, found: Sequence[T], *, key: Callable[[T], Key], show: Callable[[T], M]
    ) -> tuple[list[M], str]:
        """Show what fits on the page, at least one item, and give the token of the next one."""
        shown: list[M] = []
        room = BYTES
        for item in found[: self.size]:
            message = show(item)
            room -= message.ByteSize()
            if shown and room < 0:
                break
            shown.append(message)
        return shown, self._token(found, len(shown), key)

    def rows(self, found: Sequence[T], *, key: Callable[[T], Key]) -> tuple[Sequence[T], str]:
        """Give the items of the page where bytes are no matter, and the token of the next one."""
        shown = found[: self.size]
        return shown, self._token(found, len(shown), key)

    def _token(self, found: Sequence[T], shown: int, key: Callable[[T], Key]) -> str:
        if shown == len(found):
            return ""
        told = orjson.dumps([self._list, *key(found[shown - 1])])
        return base64.urlsafe_b64encode(told).decode().rstrip("=")


async def read_all(call: Callable[[Q], Awaitable[A]], request: Q) -> list[A]:
    """Read a whole list page by page; *request* asks for the first page and is changed on the way."""
    pages = [await call(request)]
    while token := pages[-1].next_page_token:
        request.page_token = token
        pages.append(await call(request))
    return pages


def _name(request: OfPages) -> str:
    """Name a list by its method and everything that chooses its items."""
    assert isinstance(request, Message)
    plain = type(request)()
    plain.CopyFrom(request)
    plain.ClearField("page_size")
    plain.ClearField("page_token")
    told = f"{request.DESCRIPTOR.full_name}/".encode() + plain.SerializeToString(deterministic=True)
    return hashlib.sha256(told).hexdigest()[:12]


def _key(token: str, name: str, readers: Sequence[Reader]) -> Key:
    try:
        padded = token + "=" * (-len(token) % 4)
        said = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        found, *key = said
        read = tuple(reader(part) for reader, part in zip(readers, key, strict=True))
    except (ValueError, TypeError, AttributeError) as error:
        raise PageTokenInvalid from error
    if found != name:
        raise PageTokenInvalid
    return read
