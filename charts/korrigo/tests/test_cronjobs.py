"""What runs by the clock: sweeping, backups, the drill."""

import pytest

from .chart import Manifest, Values, environment, render, secrets_of


def cron_job(name: str, values: Values | None = None, case: str = "minimal") -> Manifest:
    found: Manifest = render(values, case=case).of("CronJob")[name]["spec"]
    return found


def container(name: str, values: Values | None = None, case: str = "minimal") -> Manifest:
    found: Manifest = pod(name, values, case)["containers"][0]
    return found


def pod(name: str, values: Values | None = None, case: str = "minimal") -> Manifest:
    found: Manifest = cron_job(name, values, case)["jobTemplate"]["spec"]["template"]["spec"]
    return found


@pytest.mark.parametrize("name", render().of("CronJob"))
def test_a_run_never_overlaps_and_always_ends(name: str) -> None:
    spec = cron_job(name)

    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] > 0
    assert spec["startingDeadlineSeconds"] > 0
    assert (spec["successfulJobsHistoryLimit"], spec["failedJobsHistoryLimit"]) == (1, 3)
    assert spec["timeZone"] == "Etc/UTC"


def test_a_sweep_removes_only_if_it_may() -> None:
    assert container("sweep-ingest")["args"] == ["sweep", "--delete"]
    assert container("sweep-ingest", {"sweep": {"delete": False}})["args"] == ["sweep"]


def test_a_sweep_is_its_services_image_and_secret() -> None:
    assert container("sweep-grading")["image"] == "korrigo/grading:0.1.0"
    assert "grading" in secrets_of(pod("sweep-grading"))


def test_the_backup_knows_where_and_for_whom() -> None:
    told = environment(container("backup", case="full"))

    assert told["KORRIGO_BACKUP_URL"] == "s3://exams-backups/korrigo"
    assert told["KORRIGO_BACKUP_KEEP"] == "30"
    assert told["KORRIGO_BACKUP_RECIPIENT"].startswith("age1")


def test_only_who_restores_can_open_an_encrypted_backup() -> None:
    jobs = ("backup", "drill", "operations")
    mounted = {name: secrets_of(pod(name, case="full"))["operations"] for name in jobs}

    assert [name for name, keys in mounted.items() if "backup-identity" in keys] == ["drill", "operations"]
    assert "backup-identity" not in secrets_of(pod("drill"))["operations"]


def test_operations_wait_for_korrigoctl_and_may_try_the_mail() -> None:
    assert cron_job("operations")["suspend"] is True
    assert secrets_of(pod("operations"))["operator"] == {"nats-url", "restore-dsn"}
    assert secrets_of(pod("operations"))["notification"] == {"smtp-url"}


def test_a_cronjob_can_be_left_out() -> None:
    left = render({"cronJobs": {"drill": {"enabled": False}}}).of("CronJob")

    assert "drill" not in left
    assert "backup" in left


def test_a_failed_backup_is_tried_again() -> None:
    assert cron_job("backup")["jobTemplate"]["spec"]["backoffLimit"] == 2
    assert cron_job("drill")["jobTemplate"]["spec"]["backoffLimit"] == 0
