"""Domain values as messages of the contract."""

from __future__ import annotations

from google.protobuf.message import Message
from korrigo.notification.v1 import notification_events_pb2 as events
from korrigo.notification.v1 import notification_pb2 as pb

from notification import domain


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
