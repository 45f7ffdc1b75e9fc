"""`korrigoctl secrets` and `certificates` print what an installation and its neighbours take as it is."""

import json
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store
from kit.settings import IdentitySettings
from local.postgres import Postgres
from psycopg.conninfo import conninfo_to_dict, make_conninfo

SERVICES = ("gateway", "ingest", "grading", "notification", "rasterizer")


def printed(*arguments: str) -> dict[str, dict[str, Any]]:
    """Run a command and read what it prints, by name."""
    command = [sys.executable, "-m", "ctl", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return {each["metadata"]["name"]: each for each in yaml.safe_load_all(done.stdout)}


@pytest.fixture(scope="module")
def secrets() -> dict[str, dict[str, Any]]:
    return printed("secrets", "-n", "exams", "--smtp", "smtps://a:b@mail.example:465")


@pytest.fixture(scope="module")
def server(
    secrets: dict[str, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Postgres]:
    """PostgreSQL with the printed roles."""
    made = Postgres(tmp_path_factory.mktemp("roles") / "postgres", durable=False, password="superuser")
    made.start()
    made.create_database()
    with psycopg.connect(made.dsn(), autocommit=True) as connection:
        for _ in range(2):
            connection.execute(secrets["postgres-server"]["stringData"]["roles.sql"])
    yield made
    made.kill()


def connect(server: Postgres, dsn: str) -> psycopg.Connection:
    """Connect as a printed address says, to where the server is."""
    parts = conninfo_to_dict(dsn) | {"host": "127.0.0.1", "port": server.port}
    return psycopg.connect(make_conninfo("", **parts), autocommit=True)


def test_every_object_is_in_the_namespace(secrets: dict[str, dict[str, Any]]) -> None:
    assert {each["metadata"]["namespace"] for each in secrets.values()} == {"exams"}


def test_no_secret_is_printed_twice(secrets: dict[str, dict[str, Any]]) -> None:
    passwords = [secrets[service]["stringData"]["nats-url"] for service in SERVICES]
    keys = [
        secrets[service]["stringData"]["s3-secret-key"] for service in SERVICES if service != "notification"
    ]

    assert len({*passwords, *keys}) == len(passwords) + len(keys)
    assert printed("secrets")["gateway"] != secrets["gateway"]


def test_a_service_is_told_what_it_needs_alone(secrets: dict[str, dict[str, Any]]) -> None:
    told = {service: set(secrets[service]["stringData"]) for service in SERVICES}

    assert told["rasterizer"] == {"nats-url", "s3-access-key", "s3-secret-key"}
    assert told["notification"] == {"dsn", "nats-url", "signing-key", "smtp-url", "alert-token"}
    assert told["gateway"] == {"dsn", "nats-url", "signing-key", "s3-access-key", "s3-secret-key"}


def test_services_take_the_keys(secrets: dict[str, dict[str, Any]]) -> None:
    public = secrets["public-keys"]["data"]["jwks"]

    for holder in ("gateway", "operations"):
        IdentitySettings(signing_key=secrets[holder]["stringData"]["signing-key"], public_keys=public)

    issuers = [key["iss"] for key in json.loads(public)["keys"]]
    assert issuers == ["ingest", "grading", "notification", "gateway", "ctl"]


def test_nats_takes_its_configuration(secrets: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    file = tmp_path / "nats.conf"
    file.write_text(secrets["nats-server"]["stringData"]["nats.conf"])
    program = Path(sysconfig.get_path("scripts")) / "nats-server"

    done = subprocess.run([program, "-t", "-c", file], capture_output=True, text=True, timeout=30)

    assert done.returncode == 0, done.stderr


def test_a_service_migrates_and_uses_its_own_schema(
    server: Postgres, secrets: dict[str, dict[str, Any]]
) -> None:
    with connect(server, secrets["migrations"]["stringData"]["ingest-migrate-dsn"]) as owner:
        owner.execute("CREATE TABLE pile (id int); GRANT SELECT ON pile TO ingest")

    with connect(server, secrets["ingest"]["stringData"]["dsn"]) as ingest:
        assert ingest.execute("SELECT count(*) FROM pile").fetchone() == (0,)
    with (
        connect(server, secrets["grading"]["stringData"]["dsn"]) as grading,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        grading.execute("SELECT count(*) FROM ingest.pile")


def test_operations_read_everything_and_write_nothing(
    server: Postgres, secrets: dict[str, dict[str, Any]]
) -> None:
    with connect(server, secrets["migrations"]["stringData"]["gateway-migrate-dsn"]) as owner:
        owner.execute("CREATE TABLE visit (id int)")

    with connect(server, secrets["operations"]["stringData"]["dsn"]) as operations:
        assert operations.execute("SELECT count(*) FROM gateway.visit").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            operations.execute("INSERT INTO gateway.visit VALUES (1)")


def test_scratch_databases_are_made_apart_from_the_real_one(
    server: Postgres, secrets: dict[str, dict[str, Any]]
) -> None:
    with connect(server, secrets["operations"]["stringData"]["scratch-dsn"]) as scratch:
        scratch.execute("CREATE DATABASE rehearsal")
        scratch.execute("DROP DATABASE rehearsal")

        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            scratch.execute("DROP DATABASE korrigo")


def test_an_existing_key_of_a_store_is_handed_out() -> None:
    made = printed("secrets", "--s3-access-key", "AKIA", "--s3-secret-key", "given")

    assert made["ingest"]["stringData"]["s3-secret-key"] == "given"
    assert "s3-server" not in made


def test_the_authority_vouches_for_every_workload() -> None:
    made = printed("certificates", "-n", "exams", "--host", "exams.example")

    for name in ("grading-tls", "ingest-consume-tls", "exams-example-tls"):
        content = made[name]["stringData"]
        authority = x509.load_pem_x509_certificate(content["ca.crt"].encode())
        shown = x509.load_pem_x509_certificate(content["tls.crt"].encode())
        verifier = PolicyBuilder().store(Store([authority])).build_client_verifier()
        assert verifier.verify(shown, []).subjects


def test_a_kept_authority_signs_again(tmp_path: Path) -> None:
    file = tmp_path / "authority.pem"

    first, second = (printed("certificates", "--authority", str(file))["grading-tls"] for _ in range(2))

    assert first["stringData"]["ca.crt"] == second["stringData"]["ca.crt"]
    assert first["stringData"]["tls.crt"] != second["stringData"]["tls.crt"]
    assert file.stat().st_mode & 0o077 == 0
