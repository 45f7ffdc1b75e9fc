"""What others may ask of notification, over a real socket and a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from google.protobuf.message import Message
from kit import events
from kit.errors import InvalidArgument, NotFound, PermissionDenied
from kit.events import Broker
from kit.identity import Caller, acting_as
from kit.testing import ServeRpc
from korrigo.ingest.v1.ingest_events_pb2 import FaultRaised, ResultsAnnounced, SweepEnded
from korrigo.notification.v1 import notification_pb2 as nouns
from korrigo.notification.v1 import notification_service_pb2 as pb
from korrigo.notification.v1 import notification_service_pb2_grpc as pb_grpc
from notification.consumers import consumer
from notification.domain import Kind, State
from notification.operators.alerts import Operation, Outcome
from notification.operators.census import Census
from notification.operators.store import Operators
from notification.rpc import NotificationService
from prometheus_client import REGISTRY
from sqlalchemy import text

from services.notification.tests.conftest import LINK, Desk

SERVICE = "korrigo.notification.v1.NotificationService"
PEOPLE = ("admin", "operator", "office", "marker", "student")
Call = Callable[[Any], Awaitable[object]]


@pytest_asyncio.fixture
async def gateway(desk: Desk, serve_rpc: ServeRpc) -> pb_grpc.NotificationServiceAsyncStub:
    """Give the service as the gateway calls it."""
    return await _as(desk, serve_rpc, "gateway")


async def _as(desk: Desk, serve_rpc: ServeRpc, caller: str) -> pb_grpc.NotificationServiceAsyncStub:
    add = pb_grpc.add_NotificationServiceServicer_to_server
    peer = await serve_rpc("notification", (add, NotificationService(desk.database), SERVICE), caller=caller)
    return peer.stub(pb_grpc.NotificationServiceStub)


def _put(account: str, request_id: str = "", **changes: str) -> pb.PutContactRequest:
    told = {"email": "ada@school.example", "name": "Ada", "language": "fr"} | changes
    contact = nouns.Contact(account_id=account, **told)
    return pb.PutContactRequest(request_id=request_id or str(uuid4()), contact=contact)


def _send(account: str, request_id: str = "", kind: str = "INVITATION") -> pb.SendLinkRequest:
    return pb.SendLinkRequest(
        request_id=request_id or str(uuid4()), account_id=account, kind=kind, link=LINK, exam_name="Maths"
    )


def _done(kind: str, outcome: str = "SUCCEEDED", **figures: float) -> pb.RecordOperationRequest:
    operation = nouns.Operation(kind=kind, summary="It took a while.", figures=figures)
    operation.outcome = nouns.Operation.Outcome.Value(f"OUTCOME_{outcome}")
    operation.started_at.FromSeconds(1_790_000_000)
    operation.ended_at.FromSeconds(1_790_000_060)
    return pb.RecordOperationRequest(request_id=str(uuid4()), operation=operation)


CALLS: dict[str, Call] = {
    "PutContact": lambda stub: stub.PutContact(_put(str(uuid4()))),
    "SendLink": lambda stub: stub.SendLink(_send(str(uuid4()))),
    "ListNotices": lambda stub: stub.ListNotices(pb.ListNoticesRequest()),
    "MarkNoticesRead": lambda stub: stub.MarkNoticesRead(pb.MarkNoticesReadRequest(request_id="1")),
    "ListDeliveries": lambda stub: stub.ListDeliveries(pb.ListDeliveriesRequest()),
    "RecordOperation": lambda stub: stub.RecordOperation(_done("backup")),
    "ListAlerts": lambda stub: stub.ListAlerts(pb.ListAlertsRequest()),
}
ALLOWED = {
    "PutContact": {"gateway"},
    "SendLink": {"gateway"},
    "ListNotices": {*PEOPLE},
    "MarkNoticesRead": {*PEOPLE},
    "ListDeliveries": {"admin", "operator"},
    "RecordOperation": {"gateway", "ingest", "grading"},
    "ListAlerts": {"admin", "operator", "gateway", "ingest", "grading"},
}


def test_every_method_is_in_the_matrix() -> None:
    methods = {name for name, each in vars(NotificationService).items() if hasattr(each, "__allowed__")}

    assert methods == CALLS.keys() == ALLOWED.keys()


@pytest.mark.parametrize("method", CALLS)
async def test_a_method_lets_in_whom_it_names(
    gateway: pb_grpc.NotificationServiceAsyncStub, desk: Desk, serve_rpc: ServeRpc, method: str
) -> None:
    admitted = set()
    for role in (*PEOPLE, "nobody"):
        with acting_as(Caller("gateway", str(uuid4()), role)):
            admitted |= {role} if await _is_admitted(CALLS[method](gateway)) else set()
    for service in ("gateway", "ingest", "grading"):
        stub = await _as(desk, serve_rpc, service)
        admitted |= {service} if await _is_admitted(CALLS[method](stub)) else set()

    assert admitted == ALLOWED[method]


async def test_a_link_is_sent_to_a_known_contact_once_per_request(
    gateway: pb_grpc.NotificationServiceAsyncStub, desk: Desk
) -> None:
    account, request = str(uuid4()), str(uuid4())
    await gateway.PutContact(_put(account))

    first, second = [await gateway.SendLink(_send(account, request)) for _ in range(2)]

    delivery = await desk.one()
    assert first.delivery_id == second.delivery_id == str(delivery.id)
    assert (delivery.kind, delivery.link, delivery.exam_name) == (Kind.INVITATION, LINK, "Maths")


async def test_a_link_for_nobody_is_refused(gateway: pb_grpc.NotificationServiceAsyncStub) -> None:
    with pytest.raises(NotFound) as refused:
        await gateway.SendLink(_send(str(uuid4())))

    assert refused.value.reason == "CONTACT_UNKNOWN"


@pytest.mark.parametrize(
    ("method", "asked", "reason"),
    [
        ("PutContact", _put("no-id"), "ID_INVALID"),
        ("PutContact", _put(str(uuid4()), language="de"), "CONTACT_INVALID"),
        ("PutContact", _put(str(uuid4()), email="nowhere"), "CONTACT_INVALID"),
        ("SendLink", _send("no-id"), "ID_INVALID"),
        ("SendLink", _send(str(uuid4()), kind="NEWSLETTER"), "KIND_UNKNOWN"),
        ("RecordOperation", _done("holiday"), "OPERATION_INVALID"),
        ("RecordOperation", _done("backup", "UNSPECIFIED"), "OPERATION_INVALID"),
        ("RecordOperation", _done("backup", "FAILED", Ada=1), "OPERATION_INVALID"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_reason(
    gateway: pb_grpc.NotificationServiceAsyncStub, method: str, asked: Message, reason: str
) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await getattr(gateway, method)(asked)

    assert refused.value.reason == reason


async def test_a_contact_is_replaced_by_a_newer_one(
    gateway: pb_grpc.NotificationServiceAsyncStub, desk: Desk
) -> None:
    account = str(uuid4())
    await gateway.PutContact(_put(account))
    await gateway.PutContact(_put(account, email="new@school.example", language="en"))

    async with desk.database.transaction() as session:
        rows = (await session.execute(text("SELECT email, language FROM contacts"))).all()
    assert [tuple(row) for row in rows] == [("new@school.example", "en")]


async def test_people_read_and_mark_their_own_notices_only(
    gateway: pb_grpc.NotificationServiceAsyncStub, desk: Desk
) -> None:
    ada, bob = await desk.contact(), await desk.contact()
    await desk.notify(ada, bob, kind=Kind.RESULTS_RELEASED, exam_name="Maths", occasion="1")
    with acting_as(Caller("gateway", str(bob), "student")):
        [own] = (await gateway.ListNotices(pb.ListNoticesRequest())).notices
    with acting_as(Caller("gateway", str(ada), "student")):
        await gateway.MarkNoticesRead(pb.MarkNoticesReadRequest(request_id="1", notice_ids=[own.id]))
    with acting_as(Caller("gateway", str(bob), "student")):
        [still] = (await gateway.ListNotices(pb.ListNoticesRequest())).notices
        await gateway.MarkNoticesRead(pb.MarkNoticesReadRequest(request_id="2", notice_ids=[own.id]))
        [then] = (await gateway.ListNotices(pb.ListNoticesRequest())).notices

    assert (own.exam_name, own.is_read, still.is_read, then.is_read) == ("Maths", False, False, True)


async def test_lists_come_in_pages_newest_first(
    gateway: pb_grpc.NotificationServiceAsyncStub, desk: Desk
) -> None:
    account = await desk.contact()
    for number in range(5):
        await desk.notify(account, exam_name=str(number))
    names: list[str] = []
    request = pb.ListNoticesRequest(page_size=2)
    with acting_as(Caller("gateway", str(account), "student")):
        while True:
            page = await gateway.ListNotices(request)
            names += [notice.exam_name for notice in page.notices]
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token

    assert names == ["4", "3", "2", "1", "0"]


async def test_a_delivery_shows_its_state_and_never_its_link(
    gateway: pb_grpc.NotificationServiceAsyncStub, desk: Desk
) -> None:
    await desk.notify(await desk.contact())
    with acting_as(Caller("gateway", str(uuid4()), "operator")):
        found = await gateway.ListDeliveries(pb.ListDeliveriesRequest())

    assert [one.state for one in found.deliveries] == [nouns.Delivery.STATE_WAITING]
    assert LINK not in str(found)


def test_the_wire_has_the_states_of_the_domain() -> None:
    words = {name.removeprefix("STATE_").lower() for name, _ in nouns.Delivery.State.items()}

    assert words == {*State, "unspecified"}


async def test_announced_results_are_told_once_however_often_they_are_heard(
    desk: Desk, hearing: Callable[[ResultsAnnounced, str], Awaitable[None]]
) -> None:
    ada, bob = await desk.contact(), await desk.contact()
    fact = ResultsAnnounced(exam_id="exam", exam_name="Maths", release=1, account_ids=[str(ada), str(bob)])

    await hearing(fact, "fact-1")
    await hearing(fact, "fact-1")
    await hearing(fact, "fact-2")
    fact.release = 2
    await hearing(fact, "fact-3")
    await _until(desk, deliveries=4, heard=3)

    assert [one.exam_name for one in await desk.deliveries()] == ["Maths"] * 4


@pytest_asyncio.fixture
async def hearing(
    desk: Desk, broker: Broker
) -> AsyncIterator[Callable[[ResultsAnnounced, str], Awaitable[None]]]:
    """Give a way to tell a fact to the running consumer, as a relay does."""
    reader, stopping = consumer(desk.database, broker), asyncio.Event()
    await events.declare(broker, consumers=[reader])
    running = asyncio.create_task(reader.loop(stopping))

    async def tell(fact: ResultsAnnounced, event_id: str) -> None:
        headers = {"Nats-Msg-Id": event_id}
        await broker.jetstream.publish(fact.DESCRIPTOR.full_name, fact.SerializeToString(), headers=headers)

    yield tell
    stopping.set()
    await running


async def _until(desk: Desk, *, deliveries: int, heard: int) -> None:
    async with asyncio.timeout(20):
        while True:
            async with desk.database.transaction() as session:
                count = await session.scalar(text("SELECT count(*) FROM inbox"))
            if (len(await desk.deliveries()), count) == (deliveries, heard):
                return
            await asyncio.sleep(0.02)


async def _is_admitted(call: Awaitable[object]) -> bool:
    try:
        await call
    except PermissionDenied:
        return False
    except (NotFound, InvalidArgument):
        return True
    return True


async def test_an_operation_is_kept_and_its_failure_a_problem_until_the_next_success(
    gateway: pb_grpc.NotificationServiceAsyncStub, desk: Desk, broker: Broker
) -> None:
    await gateway.RecordOperation(_done("backup", bytes=10))
    await gateway.RecordOperation(_done("backup", "FAILED"))
    await gateway.RecordOperation(_done("backup", "BUSY"))
    failed = await gateway.ListAlerts(pb.ListAlertsRequest())
    await Census(desk.database, broker).count()
    outcome = REGISTRY.get_sample_value("korrigo_operation_last_outcome", {"kind": "backup"})
    await gateway.RecordOperation(_done("backup"))
    mended = await gateway.ListAlerts(pb.ListAlertsRequest())

    assert [(one.name, one.is_firing) for one in failed.alerts] == [("OperationFailed", True)]
    assert [(one.kind, one.outcome) for one in failed.operations] == [
        ("backup", nouns.Operation.OUTCOME_FAILED)
    ]
    assert outcome == 0
    assert [one.is_firing for one in mended.alerts] == [False]


async def test_the_streams_of_the_broker_are_measured(desk: Desk, broker: Broker) -> None:
    await broker.publish("korrigo.ingest.v1.FaultRaised", b"", {})

    await Census(desk.database, broker).count_streams()

    assert REGISTRY.get_sample_value("korrigo_stream_messages", {"stream": "FACTS"}) == 1


async def test_a_fault_that_a_service_raises_is_one_problem_until_it_is_over(
    gateway: pb_grpc.NotificationServiceAsyncStub, desk: Desk, broker: Broker
) -> None:
    hearing, stopping = consumer(desk.database, broker), asyncio.Event()
    await events.declare(broker, consumers=[hearing])
    running = asyncio.create_task(hearing.loop(stopping))
    told = FaultRaised(name="LedgerImbalance", about="the ledger", detail="2 sides")
    over = FaultRaised(name="LedgerImbalance", about="the ledger", is_over=True)
    name, shown = told.DESCRIPTOR.full_name, list[nouns.Alert]()
    for facts, reports in (((told, told), 2), ((over,), 1)):
        for number, fact in enumerate(facts):
            await broker.publish(name, fact.SerializeToString(), {"Nats-Msg-Id": f"{fact.is_over} {number}"})
        async with asyncio.timeout(10):
            while not await _has_reports(gateway, reports):  # noqa: ASYNC110 -- the state is in the database
                await asyncio.sleep(0)
        shown += (await gateway.ListAlerts(pb.ListAlertsRequest())).alerts
    stopping.set()
    await running

    assert [(one.name, one.service, one.is_firing) for one in shown] == [
        ("LedgerImbalance", "ingest", True),
        ("LedgerImbalance", "ingest", False),
    ]


async def test_a_sweep_that_a_service_tells_of_is_an_operation(desk: Desk, broker: Broker) -> None:
    hearing, stopping = consumer(desk.database, broker), asyncio.Event()
    await events.declare(broker, consumers=[hearing])
    told = SweepEnded(ordered_again=2, orphans=7)
    told.started_at.FromSeconds(1_790_000_000)
    told.ended_at.FromSeconds(1_790_000_060)
    running = asyncio.create_task(hearing.loop(stopping))
    await broker.publish(told.DESCRIPTOR.full_name, told.SerializeToString(), {"Nats-Msg-Id": "1"})
    async with asyncio.timeout(10):
        while not (found := await _operations(desk)):  # noqa: ASYNC110 -- the state is in the database
            await asyncio.sleep(0)
    stopping.set()
    await running

    [done] = found
    assert (done.kind, done.outcome, done.figures["orphans"]) == ("sweep-ingest", Outcome.SUCCEEDED, 7)


async def _operations(desk: Desk) -> list[Operation]:
    async with desk.database.transaction() as session:
        return await Operators(session).newest_operations()


async def _has_reports(stub: pb_grpc.NotificationServiceAsyncStub, count: int) -> bool:
    alerts = (await stub.ListAlerts(pb.ListAlertsRequest())).alerts
    return sum(one.count for one in alerts) >= count
