"""What holds for every pod, whoever makes it."""

import pytest

from .chart import CASES, Manifest, render

PODS = [
    pytest.param(case, name, spec, id=f"{case}:{name}")
    for case in CASES
    for name, spec in render(case=case).pods()
]


def containers(spec: Manifest) -> list[Manifest]:
    return [*spec.get("initContainers", []), *spec["containers"]]


@pytest.mark.parametrize(("case", "name", "spec"), PODS)
def test_a_pod_is_restricted(case: str, name: str, spec: Manifest) -> None:
    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["enableServiceLinks"] is (name == "Pod/test-stranger")
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    for each in containers(spec):
        assert each["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@pytest.mark.parametrize(("case", "name", "spec"), PODS)
def test_a_pod_asks_for_what_it_needs_and_has_a_limit_of_memory(case: str, name: str, spec: Manifest) -> None:
    for each in containers(spec):
        assert {"cpu", "memory"} <= set(each["resources"]["requests"])
        assert "memory" in each["resources"]["limits"]


@pytest.mark.parametrize(("case", "name", "spec"), PODS)
def test_every_empty_volume_has_a_size(case: str, name: str, spec: Manifest) -> None:
    empty = [each["emptyDir"] for each in spec.get("volumes", []) if "emptyDir" in each]

    assert all("sizeLimit" in each for each in empty)


@pytest.mark.parametrize(("case", "name", "spec"), PODS)
def test_every_mount_has_its_volume(case: str, name: str, spec: Manifest) -> None:
    mounted = {mount["name"] for each in containers(spec) for mount in each.get("volumeMounts", [])}

    assert mounted == {each["name"] for each in spec.get("volumes", [])}


@pytest.mark.parametrize(("case", "name", "spec"), PODS)
def test_only_jobs_that_write_events_have_a_token(case: str, name: str, spec: Manifest) -> None:
    writes = spec["serviceAccountName"] in {"migrate", "migrate-back", "backup", "drill", "operations"}

    assert spec["automountServiceAccountToken"] is writes


def test_jobs_go_where_pods_go() -> None:
    pods = dict(render(case="full").pods())
    taint = [{"key": "exams", "operator": "Exists", "effect": "NoSchedule"}]

    assert [name for name, spec in pods.items() if spec["tolerations"] != taint] == []
    assert [
        name for name, spec in pods.items() if spec["nodeSelector"] != {"kubernetes.io/arch": "amd64"}
    ] == []


def test_a_service_may_go_elsewhere() -> None:
    values = {"services": {"rasterizer": {"tolerations": [], "nodeSelector": {"pool": "large"}}}}
    spec = dict(render(values, case="full").pods())["Deployment/rasterizer"]

    assert "tolerations" not in spec
    assert spec["nodeSelector"]["pool"] == "large"


def test_openshift_chooses_the_user() -> None:
    for _, spec in render({"runAsUser": None, "fsGroup": None}).pods():
        assert not {"runAsUser", "runAsGroup", "fsGroup"} & set(spec["securityContext"])


def test_images_come_from_the_mirror_pinned_by_tag_or_digest() -> None:
    pods = dict(render(case="full").pods())

    gateway, rasterizer = (pods[f"Deployment/{name}"] for name in ("gateway", "rasterizer"))
    assert gateway["containers"][0]["image"] == "registry.school.example/korrigo/gateway:1.2.3"
    assert rasterizer["containers"][0]["image"].startswith(
        "registry.school.example/korrigo/rasterizer@sha256:0123"
    )
    assert gateway["imagePullSecrets"] == [{"name": "registry"}]


def test_one_image_can_have_a_tag_of_its_own() -> None:
    pods = dict(render({"image": {"tags": {"ingest": "dirty"}}}).pods())

    images = [pods[f"Deployment/{name}"]["containers"][0]["image"] for name in ("ingest-consume", "grading")]
    assert images == ["korrigo/ingest:dirty", "korrigo/grading:0.1.0"]
