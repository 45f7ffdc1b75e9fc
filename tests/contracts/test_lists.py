"""Every list has pages, in the contract and over HTTP."""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor

SERVICES = ("ingest", "grading", "notification")
API: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "services" / "gateway" / "openapi.json").read_text(encoding="utf-8")
)
#: Lists of the gateway's own that are as short as what they belong to.
SHORT = {
    "/api/v1/sessions",  # the browsers of one person
    "/api/v1/exams/{exam_id}/members",  # who works on one exam
}
#: Lists of things that are known beforehand, and few.
KNOWN = {"ListAlerts"}


def _lists() -> Iterator[MethodDescriptor]:
    for name in SERVICES:
        service = import_module(f"korrigo.{name}.v1.{name}_service_pb2").DESCRIPTOR
        for described in service.services_by_name.values():
            yield from (
                one for one in described.methods if one.name.startswith("List") and one.name not in KNOWN
            )


@pytest.mark.parametrize("method", _lists(), ids=lambda method: method.name)
def test_a_list_of_the_contract_has_pages(method: MethodDescriptor) -> None:
    asked, answered = method.input_type.fields_by_name, method.output_type.fields_by_name

    assert asked["page_size"].type == FieldDescriptor.TYPE_INT32
    assert asked["page_token"].type == FieldDescriptor.TYPE_STRING
    assert answered["next_page_token"].type == FieldDescriptor.TYPE_STRING


def _answer(described: dict[str, Any]) -> dict[str, Any]:
    """Find the JSON object that a GET is answered with."""
    shown = described["responses"].get("200", {}).get("content", {}).get("application/json", {})
    name = shown.get("schema", {}).get("$ref", "").rpartition("/")[2]
    fields: dict[str, Any] = API["components"]["schemas"].get(name, {}).get("properties", {})
    return fields


def _read() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in API["paths"].items():
        if "get" in methods and {"items", "next_page_token"} & _answer(methods["get"]).keys():
            yield path, methods["get"]


@pytest.mark.parametrize(("path", "described"), _read(), ids=lambda one: one if isinstance(one, str) else "")
def test_a_list_over_http_has_pages(path: str, described: dict[str, Any]) -> None:
    asked = {parameter["name"]: parameter for parameter in described.get("parameters", ())}

    if path in SHORT:
        assert "next_page_token" not in _answer(described)
        return
    assert (
        asked["page_size"]["schema"] | {"minimum": 1, "maximum": 1000, "default": 200}
        == (asked["page_size"]["schema"])
    )
    assert "page_token" in asked
    assert "next_page_token" in _answer(described)
