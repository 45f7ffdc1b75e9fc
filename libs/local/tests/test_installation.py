"""What an installation chose once stays: ports, passwords, keys, roles."""

import json
import shutil
import smtplib
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from socket import create_server, socket

import psycopg
import pytest
from local import database, mail, migrations
from local.home import Home
from local.keys import Secrets
from local.ports import LOOPBACK, Ports, free_port, is_free
from local.postgres import Postgres


def test_ports_are_kept(tmp_path: Path) -> None:
    chosen = Ports(tmp_path / "ports.json")["nats"]

    assert Ports(tmp_path / "ports.json")["nats"] == chosen


def test_a_kept_port_is_chosen_by_nobody_else_and_its_server_listens(tmp_path: Path) -> None:
    kept = Ports(tmp_path / "ports.json")
    port = kept["nats"]

    with socket() as stranger, pytest.raises(OSError, match="in use"):
        stranger.bind((LOOPBACK, port))

    with create_server((LOOPBACK, port)) as server:
        assert server.getsockname()[1] == kept["nats"]


def test_secrets_are_kept_and_private(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path)
    chosen = secrets.password("postgres"), secrets.signing_key("ingest").read_text()

    again = Secrets(tmp_path)

    assert (again.password("postgres"), again.signing_key("ingest").read_text()) == chosen
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_public_keys_hold_no_private_part(tmp_path: Path) -> None:
    keys = json.loads(Secrets(tmp_path).public_keys(["ingest", "gateway"]).read_text())["keys"]

    assert [key["iss"] for key in keys] == ["ingest", "gateway"]
    assert not any("d" in key for key in keys)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    made = Postgres(tmp_path_factory.mktemp("roles") / "postgres", durable=False, password="superuser")
    made.start()
    yield made
    made.kill()


@pytest.fixture(scope="module")
def secrets(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Secrets:
    made = Secrets(tmp_path_factory.mktemp("secrets"))
    for _ in range(2):
        database.set_up(server, ("ingest", "grading"), made)
    return made


def connect(server: Postgres, secrets: Secrets, role: str) -> psycopg.Connection:
    return psycopg.connect(server.dsn("korrigo", role, secrets.password(f"postgres.{role}")), autocommit=True)


def test_a_service_role_cannot_touch_another_schema(server: Postgres, secrets: Secrets) -> None:
    with connect(server, secrets, "grading_owner") as owner:
        owner.execute("CREATE TABLE mark (points int)")

    with connect(server, secrets, "ingest") as ingest, pytest.raises(psycopg.errors.InsufficientPrivilege):
        ingest.execute("SELECT * FROM grading.mark")


def test_a_service_role_makes_no_table(server: Postgres, secrets: Secrets) -> None:
    for place in ("public", "ingest"):
        with (
            connect(server, secrets, "ingest") as ingest,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            ingest.execute(f"CREATE TABLE {place}.mine (id int)")


def test_the_server_keeps_limits_for_each_role(server: Postgres, secrets: Secrets) -> None:
    limits = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")

    with connect(server, secrets, "ingest") as ingest:
        shown = [ingest.execute(f"SHOW {limit}").fetchone() for limit in limits]

    assert shown == [("2s",), ("10s",), ("10s",)]


def test_a_caught_mail_can_be_read(tmp_path: Path) -> None:
    port = free_port()
    catcher = subprocess.Popen([sys.executable, "-m", "local.mail", str(port), str(tmp_path)])
    try:
        poll(lambda: not is_free(port))
        deliver(port)
    finally:
        catcher.terminate()
        catcher.wait(10)

    [message] = mail.read(tmp_path)
    assert message["Subject"] == "Votre copie est publiée"
    assert message.get_content().strip() == "Bonjour Zoé"


def poll(condition: Callable[[], bool], within: float = 20) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def deliver(port: int) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "korrigo@localhost", "zoe@example.org"
    message["Subject"] = "Votre copie est publiée"
    message.set_content("Bonjour Zoé")
    with smtplib.SMTP(LOOPBACK, port, timeout=5) as client:
        client.send_message(message)


def test_migrated_data_is_known_until_one_server_is_emptied(tmp_path: Path) -> None:
    home, code = Home(tmp_path), migrations.fingerprint(["local"])
    assert not migrations.are_done(home, code)

    migrations.mark_done(home, code)

    assert migrations.are_done(home, code)
    assert not migrations.are_done(home, migrations.fingerprint([]))
    shutil.rmtree(home.nats)
    assert not migrations.are_done(home, code)
