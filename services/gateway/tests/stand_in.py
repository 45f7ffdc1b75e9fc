"""The other services as the gateway sees them: real gRPC servers whose answers a test chooses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from google.protobuf import descriptor_pool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from kit.identity import Caller
from kit.rpc import allowed, caller

ROLES = ("admin", "operator", "office", "marker", "student", "person")
Answer = Message | Exception | Callable[[Any], Message]


class StandIn:
    """A servicer that answers every method of a service: as a test says, or with nothing in it."""

    def __init__(self, service: str) -> None:
        self.answers: dict[str, Answer] = {}
        self.heard: list[tuple[str, Any, Caller]] = []
        for method in descriptor_pool.Default().FindServiceByName(service).methods:
            setattr(self, method.name, self._method(method.name, GetMessageClass(method.output_type)))

    def requests(self, method: str) -> Sequence[Any]:
        """What a method was asked."""
        return [request for name, request, _ in self.heard if name == method]

    def callers(self, method: str) -> Sequence[Caller]:
        """By whom a method was asked."""
        return [who for name, _, who in self.heard if name == method]

    def _method(self, name: str, kind: type[Message]) -> Callable[[Message, Any], Awaitable[Message]]:
        @allowed(*ROLES, services=("gateway",))
        async def answer(request: Message, context: Any) -> Message:
            self.heard.append((name, request, caller()))
            said = self.answers.get(name, kind())
            if isinstance(said, Exception):
                raise said
            return said if isinstance(said, Message) else said(request)

        return answer
