"""An operation on the installation as a whole: done, timed, and told, however it ends."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from google.protobuf.timestamp_pb2 import Timestamp
from kit.errors import Refusal
from kit.identity import Signer
from kit.rpc import Certificates, Peer
from kit.telemetry import get_logger
from korrigo.notification.v1 import notification_pb2 as pb
from korrigo.notification.v1.notification_service_pb2 import RecordOperationRequest
from korrigo.notification.v1.notification_service_pb2_grpc import NotificationServiceStub

from ctl import event
from ctl.settings import TellingSettings

if TYPE_CHECKING:
    from korrigo.notification.v1.notification_service_pb2_grpc import NotificationServiceAsyncStub

T = TypeVar("T")
Outcome = pb.Operation.Outcome

log = get_logger()


@dataclass(frozen=True)
class Operation:
    """What is told of an operation: a sentence, and its figures."""

    summary: str
    figures: Mapping[str, float] = field(default_factory=dict)
    outcome: Outcome.ValueType = pb.Operation.OUTCOME_SUCCEEDED


async def told(settings: TellingSettings, kind: str, act: Callable[[], Awaitable[tuple[T, Operation]]]) -> T:
    """Carry out an operation and tell how it went; its failure goes up once it is told."""
    started = datetime.now(UTC)
    try:
        answer, operation = await act()
    except Exception as error:
        log.error("operation_failed", kind=kind, reason=str(error))
        failed = Operation(str(error) or type(error).__name__, outcome=pb.Operation.OUTCOME_FAILED)
        event.tell(f"{kind.capitalize()}Failed", failed.summary, is_warning=True)
        await tell(settings, kind, failed, started)
        raise
    log.info("operation_done", kind=kind, summary=operation.summary, **operation.figures)
    event.tell(f"{kind.capitalize()}Done", operation.summary, is_warning=False)
    await tell(settings, kind, operation, started)
    return answer


async def tell(settings: TellingSettings, kind: str, operation: Operation, started: datetime) -> None:
    """Tell notification, which tells operators; where it cannot be reached, the log and the exit code do."""
    if settings.notification_address is None or settings.signing_key is None:
        return
    request = RecordOperationRequest(
        request_id=str(uuid4()),
        operation=pb.Operation(
            kind=kind,
            outcome=operation.outcome,
            started_at=_timestamp(started),
            ended_at=_timestamp(datetime.now(UTC)),
            summary=operation.summary,
            figures=operation.figures,
        ),
    )
    try:
        await _record(settings.notification_address, Signer(settings.signing_key), settings, request)
    except (Refusal, OSError) as problem:  # the first migration is there before its certificate
        log.warning("operation_not_told", kind=kind, reason=str(problem))


async def _record(
    address: str, signer: Signer, settings: TellingSettings, request: RecordOperationRequest
) -> None:
    shown = Certificates.of(settings)
    async with Peer(address, "notification", signer, certificates=shown) as peer:
        stub: NotificationServiceAsyncStub = peer.stub(NotificationServiceStub)
        await stub.RecordOperation(request)


def _timestamp(moment: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(moment)
    return made
