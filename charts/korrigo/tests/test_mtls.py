"""Certificates between services."""

from .chart import Manifest, Values, environment, render

MTLS: Values = {"mtls": {"enabled": True}}


def spec_of(name: str, values: Values | None = MTLS) -> Manifest:
    found: Manifest = render(values).of("Deployment")[name]["spec"]["template"]["spec"]
    return found


def secret_of(spec: Manifest) -> list[str]:
    return [each["secret"]["secretName"] for each in spec["volumes"] if each["name"] == "tls"]


def test_who_calls_or_answers_has_a_certificate_of_its_own() -> None:
    assert secret_of(spec_of("gateway")) == ["gateway-tls"]
    assert secret_of(spec_of("grading")) == ["grading-tls"]
    assert secret_of(spec_of("ingest-consume")) == ["ingest-consume-tls"]


def test_who_does_neither_has_none() -> None:
    for name in ("rasterizer", "grading-consume"):
        assert secret_of(spec_of(name)) == []
        assert "KORRIGO_TLS_CERT_FILE" not in environment(spec_of(name)["containers"][0])


def test_a_server_takes_calls_of_those_that_talk_to_it() -> None:
    told = environment(spec_of("grading")["containers"][0])

    callers = told["KORRIGO_TLS_CALLERS"].split(",")
    assert {"gateway", "ingest", "ingest-consume"} <= set(callers)
    assert not {"notification", "rasterizer"} & set(callers)


def test_probes_have_no_certificate_and_find_health_on_a_port_of_its_own() -> None:
    container = spec_of("grading")["containers"][0]

    assert container["readinessProbe"]["grpc"]["port"] == 50052
    assert environment(container)["KORRIGO_HEALTH_PORT"] == "50052"


def test_without_the_switch_nothing_is_told_of_certificates() -> None:
    told = environment(spec_of("grading", None)["containers"][0])

    assert not [name for name in told if "TLS" in name or "HEALTH" in name]
    assert not render().of("Certificate")


def test_cert_manager_makes_the_secrets_that_are_mounted() -> None:
    rendered = render(case="full")
    made = {each["spec"]["secretName"] for each in rendered.of("Certificate").values()}
    mounted = {name for _, spec in rendered.pods() if "volumes" in spec for name in secret_of(spec)}

    assert made == mounted


def test_a_certificate_carries_the_name_that_callers_use() -> None:
    certificate = render(case="full").of("Certificate")["grading"]["spec"]

    assert certificate["dnsNames"][0] == "grading"
    assert {"server auth", "client auth"} <= set(certificate["usages"])
    assert certificate["issuerRef"]["name"] == "korrigo"


def test_secrets_of_ones_own_need_no_cert_manager() -> None:
    assert not render(MTLS).of("Certificate")
