"""Every case renders with both Helms, into objects that every supported Kubernetes takes."""

from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from kubernetes_validate.utils import all_versions, schema_contents

from .chart import CASES, CHART, HELMS, Manifest, lint, render

KUBERNETES = [f"1.{minor}" for minor in range(28, 36)]
#: Kinds that Kubernetes itself doesn't know, behind switches that are off; only their versions are checked.
CUSTOM = {
    "Certificate": "cert-manager.io/v1",
    "HTTPRoute": "gateway.networking.k8s.io/v1",
    "PrometheusRule": "monitoring.coreos.com/v1",
    "ScaledObject": "keda.sh/v1alpha1",
    "ServiceMonitor": "monitoring.coreos.com/v1",
}


def test_every_file_of_values_is_a_case() -> None:
    assert {f"ci/{path.name}" for path in (CHART / "ci").iterdir()} <= {
        file for files in CASES.values() for file in files
    }


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


def test_an_unknown_field_would_be_found() -> None:
    service = render().of("Service")["gateway"] | {"specs": {}}

    with pytest.raises(jsonschema_rs.ValidationError, match="specs"):
        _check(service, KUBERNETES[0])


def _check(each: Manifest, kubernetes: str) -> None:
    if each["kind"] in CUSTOM:
        assert each["apiVersion"] == CUSTOM[each["kind"]]
    else:
        _validator(kubernetes, each["kind"], each["apiVersion"]).validate(each)


@cache
def _validator(kubernetes: str, kind: str, api: str) -> jsonschema_rs.Validator:
    group, _, version = api.rpartition("/")
    name = "-".join([kind.lower(), *filter(None, [group.split(".")[0]]), version])
    return jsonschema_rs.validator_for(_schema(kubernetes, name), registry=_definitions(kubernetes))


@cache
def _definitions(kubernetes: str) -> jsonschema_rs.Registry:
    """Read what all schemas of a version refer to; it is too large to read for each."""
    definitions = _schema(kubernetes, "_definitions")
    return jsonschema_rs.Registry([(definitions["$id"], definitions)])


def _schema(kubernetes: str, name: str) -> Any:
    version = next(each for each in all_versions() if each.startswith(f"{kubernetes}."))
    return schema_contents(f"kubernetes-json-schema/v{version}-local-strict/{name}.json", kubernetes)
