"""The end of what a service told operators of, once they have mended it."""

from uuid import uuid4

from kit.events import Broker
from korrigo.grading.v1 import grading_events_pb2 as grading
from korrigo.ingest.v1 import ingest_events_pb2 as ingest
from korrigo.notification.v1 import notification_events_pb2 as notification
from korrigo.rasterizer.v1 import rasterizer_events_pb2 as rasterizer

_FACTS = {
    "ingest": ingest.FaultRaised,
    "grading": grading.FaultRaised,
    "notification": notification.FaultRaised,
    "rasterizer": rasterizer.FaultRaised,
}


async def end(broker: Broker, service: str, name: str, about: str) -> None:
    """Tell, in the name of the service that raised it, that a fault is over."""
    if kind := _FACTS.get(service):
        fact = kind(name=name, about=about, is_over=True)
        headers = {"Nats-Msg-Id": str(uuid4())}
        await broker.publish(kind.DESCRIPTOR.full_name, fact.SerializeToString(), headers, patience=10)
