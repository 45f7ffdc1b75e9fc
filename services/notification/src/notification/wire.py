"""Domain values as messages of the contract."""

from __future__ import annotations

from datetime import UTC

from google.protobuf.message import Message
from korrigo.grading.v1 import grading_events_pb2 as grading
from korrigo.ingest.v1 import ingest_events_pb2 as ingest
from korrigo.notification.v1 import notification_events_pb2 as events
from korrigo.notification.v1 import notification_pb2 as pb

from notification import domain
from notification.operators.alerts import LONGEST_TEXT, Alert, Operation, OperationInvalid, Outcome


def announce(news: domain.DeliveryEnded) -> Message:
    """The fact that a domain event becomes."""
    return events.DeliveryEnded(delivery_id=str(news.delivery_id), is_sent=news.is_sent, reason=news.reason)


def notice(one: domain.Notice) -> pb.Notice:
    message = pb.Notice(
        id=str(one.id), kind=one.kind, exam_id=one.exam_id, exam_name=one.exam_name, is_read=one.is_read
    )
    message.created_at.FromDatetime(one.created_at)
    return message


def delivery(one: domain.Delivery) -> pb.Delivery:
    message = pb.Delivery(
        id=str(one.id),
        account_id=str(one.account_id),
        kind=one.kind,
        state=pb.Delivery.State.Value(f"STATE_{one.state.name}"),
        attempts=one.attempts,
        reason=one.reason,
    )
    message.created_at.FromDatetime(one.created_at)
    return message


def operation_of(told: pb.Operation) -> Operation:
    """Read an operation, or refuse one that says too little."""
    name = pb.Operation.Outcome.Name(told.outcome).removeprefix("OUTCOME_").lower()
    if name not in list(Outcome) or not told.started_at.seconds or not told.ended_at.seconds:
        raise OperationInvalid(kind=told.kind[:50])
    return Operation(
        kind=told.kind,
        outcome=Outcome(name),
        started_at=told.started_at.ToDatetime(UTC),
        ended_at=told.ended_at.ToDatetime(UTC),
        summary=told.summary[:LONGEST_TEXT],
        figures=dict(told.figures),
    )


def operation(one: Operation) -> pb.Operation:
    outcome = pb.Operation.Outcome.Value(f"OUTCOME_{one.outcome.name}")
    message = pb.Operation(kind=one.kind, outcome=outcome, summary=one.summary, figures=one.figures)
    message.started_at.FromDatetime(one.started_at)
    message.ended_at.FromDatetime(one.ended_at)
    return message


def alert(one: Alert) -> pb.Alert:
    shown = {name: getattr(one, name) for name in ("name", "severity", "service", "summary", "is_firing")}
    message = pb.Alert(**shown, count=one.count)
    if one.since:
        message.since.FromDatetime(one.since)
    return message


def swept(kind: str, told: ingest.SweepEnded | grading.SweepEnded) -> Operation:
    """Read how a sweep went."""
    figures = {name: float(getattr(told, name)) for name in ("ordered_again", "orphans", "removed")}
    return Operation(
        kind=kind,
        outcome=Outcome.SUCCEEDED,
        started_at=told.started_at.ToDatetime(UTC),
        ended_at=told.ended_at.ToDatetime(UTC),
        summary=", ".join(f"{name} {figure:g}" for name, figure in figures.items()),
        figures=figures,
    )
