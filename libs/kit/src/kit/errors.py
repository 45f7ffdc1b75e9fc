"""The ways a request can be refused, and nothing else.

A service subclasses one of the categories per reason; `kit.rpc` carries it over gRPC and raises the same
category on the other side. Anything that is not a `Refusal` is a bug and surfaces as INTERNAL.
"""

import re
from collections.abc import Mapping
from typing import ClassVar


class Refusal(Exception):  # noqa: N818 -- a refusal is an answer, not an error
    """The request was refused."""

    #: The gRPC name of the category.
    code: ClassVar[str] = "UNKNOWN"
    #: What clients tell apart and translate; made from the class name.
    reason: str = "REFUSAL"

    def __init__(self, message: str | None = None, /, **metadata: str) -> None:
        """Refuse with *message*, by default the first line of the class's docstring."""
        super().__init__(message or (self.__doc__ or "").strip().partition("\n")[0])
        self.metadata = metadata

    def __init_subclass__(cls) -> None:
        """Name the reason after the class unless it names its own."""
        if "reason" not in cls.__dict__:
            cls.reason = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).upper()


class InvalidArgument(Refusal):
    """The request is wrong whatever the state of the world."""

    code = "INVALID_ARGUMENT"


class Unauthenticated(Refusal):
    """It is not known who asks; sign in and try again."""

    code = "UNAUTHENTICATED"


class PermissionDenied(Refusal):
    """You may not do this."""

    code = "PERMISSION_DENIED"


class NotFound(Refusal):
    """There is no such thing, or you may not know that there is."""

    code = "NOT_FOUND"


class FailedPrecondition(Refusal):
    """The request is right but the thing is not in a state for it."""

    code = "FAILED_PRECONDITION"


class Aborted(Refusal):
    """Someone else changed it first; read again and retry."""

    code = "ABORTED"


class ResourceExhausted(Refusal):
    """That is too much or too often; wait a little."""

    code = "RESOURCE_EXHAUSTED"


class Unavailable(Refusal):
    """Something this needs does not answer; try again in a moment."""

    code = "UNAVAILABLE"


CATEGORIES: Mapping[str, type[Refusal]] = {category.code: category for category in Refusal.__subclasses__()}


def refusal_of(code: str, reason: str, message: str, metadata: Mapping[str, str]) -> Refusal:
    """Rebuild a refusal that was raised elsewhere; KeyError when *code* is no category."""
    refusal = CATEGORIES[code](message, **metadata)
    refusal.reason = reason or refusal.reason
    return refusal
