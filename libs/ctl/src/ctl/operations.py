"""An operation on the installation as a whole: done, timed, and told, however it ends."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from kit.telemetry import get_logger

from ctl.settings import OperationsSettings

T = TypeVar("T")

log = get_logger()


@dataclass(frozen=True)
class Operation:
    """What is told of an operation: a sentence, and its figures."""

    summary: str
    figures: Mapping[str, float] = field(default_factory=dict)


async def told(
    settings: OperationsSettings, kind: str, act: Callable[[], Awaitable[tuple[T, Operation]]]
) -> T:
    """Carry out an operation and tell how it went; its failure goes up once it is told."""
    try:
        answer, operation = await act()
    except Exception as error:
        log.error("operation_failed", kind=kind, reason=str(error))
        raise
    log.info("operation_done", kind=kind, summary=operation.summary, **operation.figures)
    return answer
