"""What is heard is told, what is ordered is done, and each service says only what is its own."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import nats
import pytest
from ctl import rights
from google.protobuf.descriptor import FileDescriptor
from local.system import System

SOURCES = Path(__file__).parents[2] / "services"
TELLERS = ("ingest", "grading", "notification", "rasterizer")


def messages(module: str) -> list[str]:
    """List the messages that a file of the contract declares itself."""
    descriptor: FileDescriptor = import_module(module).DESCRIPTOR
    return list(descriptor.message_types_by_name)


def facts(service: str) -> list[str]:
    """List the facts that a service may tell."""
    declared = messages(f"korrigo.{service}.v1.{service}_events_pb2")
    return [name for name in declared if name.endswith(PAST_TENSES)]


#: Told by the kit wherever something goes wrong that a service cannot mend.
FAULT = "FaultRaised"
#: The other messages of an events file are parts of facts.
PAST_TENSES = ("ed", "Ready", "Unreadable", "Unextractable", "Unstampable")
ORDERS = ("InspectScan", "RenderSides", "ExtractCopy", "StampCopy")


def made(service: str) -> set[str]:
    """List the names that a service's code calls: messages are made by calling their class."""
    return {name for file in (SOURCES / service / "src").rglob("*.py") for name in _called(file)}


def _called(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", ""))


@pytest.fixture(scope="module")
async def heard(system: System) -> dict[str, set[str]]:
    """The subjects that each durable of the running system reads, by its stream."""
    client = await nats.connect(str(system.address["nats"]))
    stream = client.jetstream()
    found: dict[str, set[str]] = {}
    for name in ("FACTS", "WORK"):
        for durable in await stream.consumers_info(name):
            if durable.config.durable_name:
                subjects = durable.config.filter_subjects or [durable.config.filter_subject or ">"]
                found.setdefault(name, set()).update(subjects)
    await client.close()
    return found


def test_every_fact_of_the_contract_is_told_by_its_service() -> None:
    told_here = {service: made(service) | {FAULT} for service in TELLERS}
    untold = {(service, fact) for service in TELLERS for fact in set(facts(service)) - told_here[service]}

    assert untold == set()


async def test_every_fact_that_is_heard_is_told_by_someone(heard: dict[str, set[str]]) -> None:
    told = {f"korrigo.{service}.v1.{fact}" for service in TELLERS for fact in facts(service)}

    assert heard["FACTS"]
    assert heard["FACTS"] <= told


async def test_every_order_is_written_by_one_service_and_done_by_another(heard: dict[str, set[str]]) -> None:
    written = {f"work.{order}" for service in ("ingest", "grading") for order in set(ORDERS) & made(service)}

    assert heard["WORK"] == written == {f"work.{order}" for order in ORDERS}


def test_a_service_may_publish_only_its_own_facts_and_orders() -> None:
    for service in (*TELLERS, "gateway"):
        told = {subject for subject in rights.publishes(service) if subject.startswith("korrigo.")}
        assert told == {f"korrigo.{service}.v1.>"}
