"""The plan tells each process what it needs and no secret of another's."""

import json
from itertools import chain
from pathlib import Path

import pytest
from ctl import rights
from ctl.roles import STATEFUL
from local.home import Home
from local.keys import Secrets
from local.plan import Options, Plan, Process


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(
        Home(tmp_path), Options(environment={"*": {"KORRIGO_LOG_LEVEL": "DEBUG"}, "grading": {"A": "1"}})
    )


def processes(plan: Plan) -> dict[str, Process]:
    return {each.name: each for each in chain.from_iterable(stage.processes for stage in plan.stages())}


def secrets_told(plan: Plan, process: Process) -> set[str]:
    """List the names of the passwords that the process is told."""
    told = " ".join(process.environment.values())
    roles = [f"postgres.{role}" for service in STATEFUL for role in (service, f"{service}_owner")]
    names = ["postgres.superuser", *roles, *(f"nats.{user}" for user in rights.users(plan.secrets))]
    return {name for name in names if plan.secrets.password(name) in told}


@pytest.mark.parametrize("service", STATEFUL)
def test_a_service_is_told_its_own_passwords_alone(plan: Plan, service: str) -> None:
    told = secrets_told(plan, processes(plan)[service])

    assert told == {f"postgres.{service}", f"nats.{service}"}


def test_the_rasterizer_is_told_nothing_but_its_queue(plan: Plan) -> None:
    rasterizer = processes(plan)["rasterizer"]

    assert secrets_told(plan, rasterizer) == {"nats.rasterizer"}
    assert not any("KEY" in name for name in rasterizer.environment if name.startswith("KORRIGO_"))


def test_only_a_migration_may_change_the_schema(plan: Plan) -> None:
    told = secrets_told(plan, processes(plan)["ingest-migrate"])

    assert told == {"postgres.ingest", "postgres.ingest_owner", "nats.migrate"}


def test_every_process_has_ports_of_its_own(plan: Plan) -> None:
    ports = [each.ops_port for each in processes(plan).values() if each.ops_port]

    assert len(set(ports)) == len(ports) == 8


def test_chosen_settings_reach_the_processes_they_name(plan: Plan) -> None:
    found = processes(plan)

    assert found["ingest"].environment["KORRIGO_LOG_LEVEL"] == "DEBUG"
    assert found["grading"].environment["A"] == "1"
    assert "A" not in found["ingest"].environment


def test_settings_of_the_caller_are_not_inherited(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KORRIGO_OTLP_ENDPOINT", "http://elsewhere:4317")

    assert all("KORRIGO_OTLP_ENDPOINT" not in each.environment for each in processes(plan).values())


@pytest.mark.parametrize("service", rights.ORDERS)
def test_a_service_speaks_for_itself_alone(service: str) -> None:
    allowed = rights.publishes(service)

    facts = [subject for subject in allowed if subject.startswith("korrigo.")]
    assert facts == [f"korrigo.{service}.v1.>"]
    assert ">" not in allowed
    assert not any(subject.startswith("$JS.API.STREAM.") and "INFO" not in subject for subject in allowed)


def test_every_work_has_one_owner_and_one_reader(tmp_path: Path) -> None:
    ordered = [verb.removeprefix("work.") for verbs in rights.ORDERS.values() for verb in verbs]
    read = [durable.removeprefix("WORK.") for durable in rights.READS["rasterizer"]]

    assert sorted(ordered) == sorted(read)
    assert set(rights.users(Secrets(tmp_path))) == {*rights.ORDERS, *rights.OTHERS}


def test_observers_scrape_every_process_and_post_to_notification(tmp_path: Path) -> None:
    plan = Plan(Home(tmp_path), Options(observe=True))

    found = processes(plan)
    for name in ("prometheus", "alertmanager"):
        prepare = found[name].prepare
        assert prepare
        prepare()
    scrapes = json.loads((tmp_path / "observe" / "prometheus.yml").read_text())["scrape_configs"]
    receivers = (tmp_path / "observe" / "alertmanager.yml").read_text()

    assert {one["job_name"] for one in scrapes} == {each.name for each in found.values() if each.ops_port}
    assert f":{found['notification'].ops_port}/webhooks/alertmanager" in receivers
    assert plan.alert_token in receivers
