"""Every case renders with both Helms, into objects that every supported Kubernetes takes."""

import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator, validate
from kubernetes_validate.utils import all_versions, schema_contents
from referencing import Registry, Resource

from .chart import CASES, CHART, HELMS, Manifest, lint, render

KUBERNETES = [f"1.{minor}" for minor in range(28, 36)]
#: Kinds that Kubernetes itself doesn't know, checked against their own definitions.
CUSTOM = {path.stem: json.loads(path.read_text()) for path in (CHART / "tests/schemas").glob("*.json")}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("helm", HELMS)
def test_helm_finds_nothing_to_complain_about(case: str, helm: str) -> None:
    lint(case, helm)


@pytest.mark.parametrize("case", CASES)
def test_both_helms_render_the_same(case: str) -> None:
    old, new = (render(case=case, helm=helm) for helm in HELMS)

    assert old.objects == new.objects


@pytest.mark.parametrize("kubernetes", KUBERNETES)
@pytest.mark.parametrize("case", CASES)
def test_kubernetes_knows_every_field(case: str, kubernetes: str) -> None:
    for each in render(case=case, kube_version=kubernetes).objects:
        _check(each, kubernetes)


def test_the_fullest_case_has_every_kind_of_the_templates() -> None:
    rendered = {each["kind"] for each in render(case="full").objects}

    assert set(CUSTOM) <= rendered | {"PrometheusRule"}
    assert len(rendered) >= 17


def _check(each: Manifest, kubernetes: str) -> None:
    if each["kind"] in CUSTOM:
        validate(each, CUSTOM[each["kind"]])
        return
    group, _, version = each["apiVersion"].rpartition("/")
    name = "-".join([each["kind"].lower(), *filter(None, [group.split(".")[0]]), version])
    Draft202012Validator(_schema(kubernetes, name), registry=_definitions(kubernetes)).validate(each)


@cache
def _definitions(kubernetes: str) -> Registry[Any]:
    """Read what all schemas of a version refer to; it is too large to read for each object."""
    return Resource.from_contents(_schema(kubernetes, "_definitions")) @ Registry()


@cache
def _schema(kubernetes: str, name: str) -> Any:
    version = next(each for each in all_versions() if each.startswith(f"{kubernetes}."))
    folder = f"kubernetes-json-schema/v{version}-local-strict"
    return schema_contents(f"{folder}/{name}.json", kubernetes)
