"""What surrounds every served call: who asks, how long, and what becomes of an exception."""

from collections.abc import Awaitable, Callable, Mapping, Set
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import Message

from kit import errors, telemetry
from kit.identity import TokenMissing, Verifier
from kit.rpc import tls
from kit.rpc.access import Access, NotAllowed, called_by
from kit.rpc.deadline import ending_in
from kit.rpc.metrics import SERVED, measured
from kit.rpc.status import status_of

REQUEST_ID = "x-request-id"

Context: TypeAlias = "grpc.aio.ServicerContext[Message, Message]"
Behaviour = Callable[[Message, Context], Awaitable[Message]]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"

log = telemetry.get_logger()


class Gate(grpc.aio.ServerInterceptor):
    """Admits only calls that their method's `allowed` names; health and reflection are open to all."""

    def __init__(
        self, domain: str, verifier: Verifier, rules: Mapping[str, Access], names: Set[str] = frozenset()
    ) -> None:
        """Guard the methods in *rules*, keyed by path; *names* must stand in the caller's certificate."""
        self._domain = domain
        self._verifier = verifier
        self._rules = rules
        self._names = names

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable["Handler | None"]],
        details: grpc.HandlerCallDetails,
    ) -> "Handler | None":
        """Wrap the handler of a guarded method."""
        handler = await continuation(details)
        access = self._rules.get(details.method)
        if handler is None or access is None:
            return handler
        return grpc.unary_unary_rpc_method_handler(
            self._answering(details.method, self._admitting(access, _behaviour(handler))),
            handler.request_deserializer,
            handler.response_serializer,
        )

    def _answering(self, path: str, behaviour: Behaviour) -> Behaviour:
        """Turn a refusal into its status, and anything else into INTERNAL, logged once."""

        async def answer(request: Message, context: Context) -> Message:
            request_id = _metadata(context).get(REQUEST_ID)
            with telemetry.bind(rpc=path, **({"request_id": request_id} if request_id else {})):
                try:
                    with measured(SERVED, path, _note):
                        return await behaviour(request, context)
                except errors.Refusal as refusal:
                    status = status_of(refusal, self._domain)
                    await context.abort(status.code, status.details or "", status.trailing_metadata or ())
                except grpc.aio.AbortError:
                    raise
                except Exception:
                    log.exception("rpc_failed")
                    await context.abort(grpc.StatusCode.INTERNAL, "Something went wrong; it was noted.")

        return answer

    def _admitting(self, access: Access, behaviour: Behaviour) -> Behaviour:
        """Let the call in if its token names someone whom *access* admits."""

        async def admit(request: Message, context: Context) -> Message:
            if self._names and self._names.isdisjoint(tls.names(context.auth_context())):
                raise NotAllowed("This certificate is of no workload that may call here.")
            caller = self._verifier.verify(_token(context))
            if not access.admits(caller):
                raise NotAllowed(role=caller.role)
            with called_by(caller), ending_in(context.time_remaining()):
                return await behaviour(request, context)

        return admit


def _note(code: str, seconds: float) -> None:
    log.info("rpc_served", code=code, seconds=round(seconds, 4), chatty=code == "OK")


def _behaviour(handler: Handler) -> Behaviour:
    behaviour: Any = handler.unary_unary
    if behaviour is None:
        raise AssertionError("streaming methods are not served: a stream would outlive its connection's age")
    return behaviour  # type: ignore[no-any-return]  # the handler is untyped


def _token(context: Context) -> str:
    scheme, _, token = _metadata(context).get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenMissing
    return token


def _metadata(context: Context) -> dict[str, str]:
    return {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
