"""A state has one name: in the contract, in the domain and in its table of moves."""

from importlib import import_module
from typing import Any

import pytest
from google.protobuf.descriptor import EnumDescriptor

from tests.contracts.services import ask

#: Enum of the contract, and where the domain says the same.
TWINS = {
    "korrigo.ingest.v1.Scan.State": "ingest.domain.scan.State",
    "korrigo.ingest.v1.StagedCopy.State": "ingest.domain.copy.State",
    "korrigo.ingest.v1.Export.State": "ingest.domain.export.State",
    "korrigo.ingest.v1.BatchMode": "ingest.domain.batch.Mode",
    "korrigo.ingest.v1.Crop": "ingest.domain.batch.Crop",
    "korrigo.ingest.v1.Student.Presence": "ingest.domain.student.Presence",
    "korrigo.grading.v1.Exam.State": "grading.domain.exam.State",
    "korrigo.grading.v1.Copy.State": "grading.domain.copy.State",
    "korrigo.grading.v1.ActOutcome.State": "grading.domain.acts.OutcomeState",
    "korrigo.grading.v1.Annotation.Kind": "grading.domain.marks.AnnotationKind",
    "korrigo.notification.v1.Delivery.State": "notification.domain.State",
    "korrigo.notification.v1.Operation.Outcome": "notification.operators.alerts.Outcome",
    "korrigo.rasterizer.v1.Crop": "rasterizer.geometry.Crop",
}
NAMES = """
import importlib, json, sys
module, name = sys.argv[1].rsplit(".", 1)
found = importlib.import_module(module)
moves = getattr(found, "MOVES", {}) if name == "State" else {}
print(json.dumps({
    "members": [member.name for member in getattr(found, name)],
    "moved": sorted({state.name for sources, target in moves.values() for state in (*sources, target)}),
}))
"""
FILES = (
    "ingest.v1.ingest",
    "grading.v1.grading",
    "notification.v1.notification",
    "rasterizer.v1.rasterizer_work",
)


def contract(name: str) -> set[str]:
    """List the values of an enum of the contract without their prefix and the zero."""
    enum = _enums()[name]
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    return {value.name.removeprefix(prefix) for value in enum.values[1:]}


def _enums() -> dict[str, EnumDescriptor]:
    found: dict[str, EnumDescriptor] = {}
    for file in FILES:
        descriptor = import_module(f"korrigo.{file}_pb2").DESCRIPTOR
        enums = [*descriptor.enum_types_by_name.values()]
        enums += [
            enum for message in descriptor.message_types_by_name.values() for enum in message.enum_types
        ]
        found |= {enum.full_name: enum for enum in enums}
    return found


@pytest.fixture(scope="module", params=TWINS)
def twins(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return request.param, ask(NAMES, TWINS[request.param])


def test_the_contract_and_the_domain_name_the_same_choices(twins: tuple[str, dict[str, Any]]) -> None:
    name, domain = twins

    assert set(domain["members"]) == contract(name)


def test_every_state_is_in_the_table_of_moves(twins: tuple[str, dict[str, Any]]) -> None:
    _, domain = twins

    assert domain["moved"] in ([], sorted(domain["members"]))


def test_every_enum_of_the_contract_has_a_twin() -> None:
    assert _enums().keys() == TWINS.keys()
