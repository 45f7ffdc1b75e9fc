"""Deployments: what each is told, how it is asked for its health, how it leaves."""

import pytest

from .chart import Manifest, Values, environment, render, secrets_of

GRPC = ("ingest", "grading", "notification")


def pod(name: str, values: Values | None = None, case: str = "minimal") -> Manifest:
    found: Manifest = render(values, case=case).of("Deployment")[name]["spec"]["template"]
    return found


def container(name: str, values: Values | None = None, case: str = "minimal") -> Manifest:
    found: Manifest = pod(name, values, case)["spec"]["containers"][0]
    return found


def test_there_are_eight() -> None:
    assert set(render().of("Deployment")) == {
        *("gateway", "rasterizer"),
        *(f"{service}{role}" for service in GRPC for role in ("", "-consume")),
    }


@pytest.mark.parametrize("service", GRPC)
def test_server_and_consumer_are_one_image_with_different_arguments(service: str) -> None:
    server, consumer = container(service), container(f"{service}-consume")

    assert server["image"] == consumer["image"] == f"korrigo/{service}:0.1.0"
    assert (server["args"], consumer["args"]) == (["serve"], ["consume"])
    assert server["name"] == consumer["name"] == service  # as alerts select containers


@pytest.mark.parametrize("name", ["ingest", "ingest-consume", "rasterizer"])
def test_a_pod_that_starts_in_an_outage_is_not_restarted(name: str) -> None:
    assert container(name)["startupProbe"]["httpGet"]["path"] == "/livez"
    assert container(name)["livenessProbe"]["httpGet"]["path"] == "/livez"


def test_the_gateway_is_not_ready_before_it_listens() -> None:
    assert container("gateway")["startupProbe"]["tcpSocket"] == {"port": "http"}


def test_readiness_is_asked_by_grpc_where_it_is_spoken() -> None:
    assert all(container(service)["readinessProbe"]["grpc"] == {"port": 50051} for service in GRPC)
    assert container("gateway")["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "ops"}


def test_connections_have_left_before_sigterm() -> None:
    assert container("grading")["lifecycle"]["preStop"] == {"sleep": {"seconds": 14}}
    assert container("gateway")["lifecycle"]["preStop"] == {"sleep": {"seconds": 5}}
    assert "lifecycle" not in container("rasterizer")
    assert pod("grading")["spec"]["terminationGracePeriodSeconds"] == 60


def test_an_older_kubelet_sleeps_by_a_command() -> None:
    old = render(kube_version="1.28").of("Deployment")["grading"]["spec"]["template"]["spec"]["containers"][0]

    assert old["lifecycle"]["preStop"] == {"exec": {"command": ["sleep", "14"]}}


def test_a_new_pod_is_ready_before_an_old_one_leaves() -> None:
    assert render().of("Deployment")["gateway"]["spec"]["strategy"]["rollingUpdate"] == {
        "maxSurge": 1,
        "maxUnavailable": 0,
    }


def test_peers_are_those_it_talks_to() -> None:
    told = {name for name in environment(container("ingest")) if name.endswith("_ADDRESS")}

    assert told == {"KORRIGO_GRADING_ADDRESS"}
    assert environment(container("gateway"))["KORRIGO_INGEST_ADDRESS"] == "ingest:50051"


def test_each_service_reads_its_own_secret_only() -> None:
    spec = pod("notification-consume")["spec"]

    assert secrets_of(spec) == {
        "notification": {"dsn", "nats-url", "signing-key", "smtp-url"},
        "public-keys": {"public-keys"},
    }


def test_the_rasterizer_knows_no_database_and_no_key() -> None:
    spec = pod("rasterizer")["spec"]

    assert secrets_of(spec) == {"rasterizer": {"nats-url", "s3-access-key", "s3-secret-key"}}


@pytest.mark.parametrize("name", ["gateway", "ingest-consume", "notification", "rasterizer"])
def test_every_file_that_is_named_is_mounted(name: str) -> None:
    spec = pod(name)["spec"]
    named = {value for key, value in environment(spec["containers"][0]).items() if key.endswith("_FILE")}

    assert named == {f"/run/secrets/korrigo/{key}" for keys in secrets_of(spec).values() for key in keys}


def test_operators_are_told_by_what_lies_in_notifications_secret() -> None:
    told = pod("notification-consume", case="full")

    assert {"operators", "alert-token"} <= secrets_of(told["spec"])["notification"]
    assert environment(told["spec"]["containers"][0])["KORRIGO_PRIVATE_HOSTS"] == "chat.school.example"


def test_pods_with_an_identity_of_their_own_need_no_s3_keys() -> None:
    spec = pod("ingest", case="full")["spec"]

    assert secrets_of(spec)["ingest"] == {"dsn", "nats-url", "signing-key"}


def test_own_settings_win_over_the_defaults_and_those_over_the_charts() -> None:
    values = {
        "defaults": {"env": {"KORRIGO_POOL_SIZE": "5", "KORRIGO_LOG_LEVEL": "WARNING"}},
        "services": {"grading": {"env": {"KORRIGO_POOL_SIZE": "20"}}},
    }
    told = environment(container("grading", values))

    assert (told["KORRIGO_POOL_SIZE"], told["KORRIGO_LOG_LEVEL"]) == ("20", "WARNING")


def test_a_setting_without_value_is_not_told() -> None:
    assert "" not in environment(container("gateway")).values()
    assert "KORRIGO_OTLP_ENDPOINT" not in environment(container("gateway"))
    assert environment(container("gateway", case="full"))["KORRIGO_TRACE_SHARE"] == "0.1"


def test_placement_follows_the_values() -> None:
    spec = pod("grading", case="full")["spec"]

    assert spec["priorityClassName"] == "exams"
    assert spec["topologySpreadConstraints"][0]["whenUnsatisfiable"] == "DoNotSchedule"
    assert "requiredDuringSchedulingIgnoredDuringExecution" in spec["affinity"]["podAntiAffinity"]
    assert spec["nodeSelector"] == {"kubernetes.io/arch": "amd64"}
    assert "affinity" not in pod("grading", {"defaults": {"antiAffinity": "none"}})["spec"]


def test_an_autoscaled_deployment_names_no_number() -> None:
    deployments = render().of("Deployment")

    assert "replicas" not in deployments["gateway"]["spec"]
    assert deployments["grading"]["spec"]["replicas"] == 2


def test_prometheus_finds_pods_by_annotations_if_asked() -> None:
    annotated = pod("rasterizer", {"metrics": {"annotations": True}})["metadata"]

    assert annotated["annotations"]["prometheus.io/port"] == "9000"
    assert "annotations" not in pod("rasterizer")["metadata"]
