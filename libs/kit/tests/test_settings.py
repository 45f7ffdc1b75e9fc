"""Settings: right ones load, wrong ones stop the process with one line each."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from kit import identity
from kit.settings import (
    EX_CONFIG,
    Address,
    BlobSettings,
    BrokerSettings,
    DatabaseSettings,
    IdentitySettings,
    RpcSettings,
    Settings,
)

KEY = identity.new_key("grading")
SECRET = "correct-horse-battery"  # long enough
GOOD = {
    "KORRIGO_DSN": f"postgresql://grading:{SECRET}@db:5432/korrigo",
    "KORRIGO_NATS_URL": f"nats://grading:{SECRET}@nats:4222",
    "KORRIGO_BLOBS_URL": "s3://korrigo",
    "KORRIGO_SIGNING_KEY": KEY,
    "KORRIGO_PUBLIC_KEYS": identity.public_keys(KEY),
    "KORRIGO_GRPC_PORT": "50051",
}


class GradingSettings(
    Settings, DatabaseSettings, BrokerSettings, BlobSettings, IdentitySettings, RpcSettings
):
    """Everything at once."""

    service: str = "grading"
    ingest_address: Address = "ingest:50051"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def problems(capsys: pytest.CaptureFixture[str]) -> list[str]:
    with pytest.raises(SystemExit) as caught:
        GradingSettings.load()
    assert caught.value.code == EX_CONFIG
    return capsys.readouterr().err.splitlines()


def test_good_settings_load_with_safe_defaults() -> None:
    settings = GradingSettings.load()

    assert (settings.service, settings.environment, settings.debug) == ("grading", "production", False)
    assert (settings.host, settings.grpc_port, settings.pool_size) == ("127.0.0.1", 50051, 10)
    assert settings.version


def test_secrets_come_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dsn = f"postgresql://other:{SECRET}@db/korrigo"
    (tmp_path / "dsn").write_text(dsn + "\n")
    monkeypatch.delenv("KORRIGO_DSN")
    monkeypatch.setenv("KORRIGO_DSN_FILE", str(tmp_path / "dsn"))

    assert GradingSettings.load().dsn.get_secret_value() == dsn


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "port").write_text("1")
    monkeypatch.setenv("KORRIGO_GRPC_PORT_FILE", str(tmp_path / "port"))

    assert GradingSettings.load().grpc_port == 50051


def test_a_file_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KORRIGO_DSN_FILE", "/nowhere/dsn")

    assert problems(capsys) == ["korrigo: KORRIGO_DSN_FILE: cannot read /nowhere/dsn: FileNotFoundError"]


def test_a_certificate_may_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting is the path itself, not a value in a file."""
    for name in ("CERT", "KEY", "CA"):
        monkeypatch.setenv(f"KORRIGO_TLS_{name}_FILE", f"/nowhere/{name}")

    assert GradingSettings.load().tls_key_file == Path("/nowhere/KEY")


def test_every_problem_has_its_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KORRIGO_DSN")
    monkeypatch.setenv("KORRIGO_BLOBS_URL", "ftp://x")

    assert sorted(problems(capsys)) == [
        "korrigo: KORRIGO_BLOBS_URL: must be file:///directory or s3://bucket",
        "korrigo: KORRIGO_DSN: is missing; set it or KORRIGO_DSN_FILE",
    ]


def without(key: str, name: str) -> str:
    return json.dumps({field: value for field, value in json.loads(key).items() if field != name})


BAD = [
    ("DSN", "mysql://a:b@db/x", "must be a URL that begins with postgresql:// or postgres://"),
    ("DSN", f"postgresql://a:{SECRET}@db", "names no database"),
    ("DSN", f"postgresql://:{SECRET}@db/x", "names no user"),
    ("DSN", f"postgresql://a:{SECRET}@/x", "names no host"),
    ("DSN", "postgresql://a:hunter2/@db/x", "is no URL; special characters in a password are written as %XX"),
    ("DSN", "postgresql://a@db/x", "needs a password of at least 16 characters for db"),
    ("DSN", "postgresql://a:hunter2@db/x", "needs a password of at least 16 characters for db"),
    ("MIGRATE_DSN", "postgresql://a:hunter2@db/x", "needs a password of at least 16 characters for db"),
    ("NATS_URL", "http://nats", "must be a URL that begins with nats:// or tls://"),
    ("NATS_URL", "nats://a:hunter2@nats", "needs a password of at least 16 characters for nats"),
    ("BLOBS_URL", "file://relative/path", "must be file:///directory or s3://bucket"),
    ("S3_ENDPOINT", "seaweed:8333", "must be a URL that begins with http:// or https://"),
    ("OTLP_ENDPOINT", "collector:4317", "must be a URL that begins with http:// or https://"),
    ("INGEST_ADDRESS", "http://ingest:50051", "must be host:port"),
    ("INGEST_ADDRESS", "ingest", "must be host:port"),
    ("SIGNING_KEY", "-----BEGIN", "is not JSON"),
    ("SIGNING_KEY", '{"kty": "RSA"}', "must hold Ed25519 keys as JWK (kty OKP, crv Ed25519)"),
    ("SIGNING_KEY", without(KEY, "d"), "is a public key; the private one is needed to sign"),
    ("SIGNING_KEY", without(KEY, "iss"), "has a key without iss"),
    ("PUBLIC_KEYS", KEY, 'must be a JSON Web Key Set: {"keys": [...]}'),
    ("PUBLIC_KEYS", f'{{"keys": [{KEY}]}}', "holds a private key; give the public parts only"),
    ("LOG_LEVEL", "LOUD", "Input should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
    ("OPS_PORT", "70000", "Input should be less than or equal to 65535"),
    ("DEBUG", "1", "must be off in production; it shows internals to anyone who asks"),
]


QUOTABLE = [(field, value) for field, value, _ in BAD if ":" in value]


def _names(cases: Sequence[tuple[str, ...]]) -> list[str]:
    """Name cases alike in every process: keys are new in each."""
    return [f"{case[0]}-{number}" for number, case in enumerate(cases)]


@pytest.mark.parametrize(("field", "value", "sentence"), BAD, ids=_names(BAD))
def test_a_bad_value_is_refused_with_a_sentence(
    field: str,
    value: str,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(f"KORRIGO_{field}", value)

    assert problems(capsys) == [f"korrigo: KORRIGO_{field}: {sentence}"]


@pytest.mark.parametrize(("field", "value"), QUOTABLE, ids=_names(QUOTABLE))
def test_no_refusal_shows_a_secret(
    field: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"KORRIGO_{field}", value)
    shown = "".join(problems(capsys))

    assert not [secret for secret in ("hunter2", SECRET, json.loads(KEY)["d"]) if secret in shown]


def test_printing_the_settings_shows_no_secret() -> None:
    assert SECRET not in repr(GradingSettings.load())


def test_half_a_store_credential_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KORRIGO_S3_ACCESS_KEY", "a")

    assert problems(capsys) == [
        "korrigo: KORRIGO_S3_ACCESS_KEY and KORRIGO_S3_SECRET_KEY: set both or neither"
    ]


def test_half_a_certificate_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "tls.crt").write_text("a certificate")
    monkeypatch.setenv("KORRIGO_TLS_CERT_FILE", str(tmp_path / "tls.crt"))

    assert problems(capsys) == [
        "korrigo: KORRIGO_TLS_CERT_FILE, KORRIGO_TLS_KEY_FILE, KORRIGO_TLS_CA_FILE: set all or none"
    ]


def test_naming_callers_is_refused_where_nobody_shows_a_certificate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KORRIGO_TLS_CALLERS", "spiffe://cluster.local/ns/exams/sa/gateway")

    assert problems(capsys) == [
        "korrigo: KORRIGO_TLS_CALLERS: needs KORRIGO_TLS_CA_FILE, or nobody shows a certificate"
    ]


def test_this_machine_needs_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KORRIGO_DSN", "postgresql://app@127.0.0.1:5432/korrigo")
    monkeypatch.setenv("KORRIGO_NATS_URL", "nats://127.0.0.1:4222")

    assert GradingSettings.load().dsn.get_secret_value().endswith("/korrigo")


@pytest.mark.parametrize(
    "address", ["ingest:50051", "127.0.0.1:1", "[::1]:50051", "dns:///ingest.korrigo:50051"]
)
def test_a_peer_has_a_name_and_a_port(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("KORRIGO_INGEST_ADDRESS", address)

    assert GradingSettings.load().ingest_address == address


def test_debug_is_for_development(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KORRIGO_DEBUG", "1")
    monkeypatch.setenv("KORRIGO_ENVIRONMENT", "development")

    assert GradingSettings.load().debug
