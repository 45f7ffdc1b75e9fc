"""Helm's Jobs: migrations forward before an upgrade, and back before a rollback."""

from .chart import Manifest, environment, render, secrets_of

ORDER = ["ingest", "grading", "notification", "gateway", "rasterizer"]
BEFORE = {"migrations": {"backupMaxAge": "26h"}}


def spec_of(job: str = "migrate", case: str = "minimal") -> Manifest:
    found: Manifest = render(case=case).of("Job")[job]["spec"]["template"]["spec"]
    return found


def step(name: str, spec: Manifest) -> Manifest:
    found: Manifest = next(each for each in spec["initContainers"] if each["name"] == name)
    return found


def test_a_mesh_is_told_of_jobs_too() -> None:
    job = render(case="full").of("Job")["migrate"]["spec"]["template"]
    cron_job = render(case="full").of("CronJob")["backup"]["spec"]["jobTemplate"]["spec"]["template"]

    assert (
        job["metadata"]["annotations"]
        == cron_job["metadata"]["annotations"]
        == {"linkerd.io/inject": "disabled"}
    )


def test_helm_migrates_before_pods_change_and_back_before_older_pods_come() -> None:
    hooks = {name: job["metadata"]["annotations"]["helm.sh/hook"] for name, job in render().of("Job").items()}

    assert hooks == {"migrate": "pre-install,pre-upgrade", "migrate-back": "pre-rollback"}


def test_every_image_migrates_its_own_schema_in_order_after_the_backup_is_known() -> None:
    steps = [each["name"] for each in spec_of()["initContainers"]]

    assert steps == ["backup", *ORDER]
    assert [each["name"] for each in spec_of()["containers"]] == ["conclude"]


def test_a_step_writes_its_report_for_the_conclusion() -> None:
    assert step("grading", spec_of())["args"] == ["migrate", "up", "--report", "/report/grading.json"]
    assert step("grading", spec_of("migrate-back"))["args"][:2] == ["migrate", "back"]
    assert spec_of()["containers"][0]["args"] == ["migrations", "conclude", "/report"]


def test_a_step_is_the_schemas_owner_and_nobody_elses() -> None:
    assert secrets_of(spec_of(), "secrets-ingest") == {
        "ingest": {"dsn", "signing-key", "s3-access-key", "s3-secret-key"},
        "migrations": {"nats-url", "migrate-dsn"},
        "public-keys": {"public-keys"},
    }
    assert secrets_of(spec_of(), "secrets-rasterizer")["migrations"] == {"nats-url"}
    assert (
        environment(step("ingest", spec_of()))["KORRIGO_MIGRATE_DSN_FILE"]
        == "/run/secrets/korrigo/migrate-dsn"
    )


def test_a_step_has_the_settings_of_its_service() -> None:
    assert environment(step("ingest", spec_of()))["KORRIGO_GRADING_ADDRESS"] == "grading:50051"


def test_streams_are_kept_by_as_many_servers_as_there_are() -> None:
    assert environment(step("ingest", spec_of(case="full")))["KORRIGO_NATS_REPLICAS"] == "3"


def test_what_is_allowed_and_approved_reaches_every_step() -> None:
    for service in ORDER:
        told = environment(step(service, spec_of(case="full")))
        assert told["KORRIGO_MIGRATE_ALLOW"] == "grading:0007_drop_rounds"
        assert told["KORRIGO_MIGRATE_APPROVAL"] == "required"
        assert told["KORRIGO_MIGRATE_APPROVED"] == "grading:0008_rounds"
        assert told["KORRIGO_MIGRATE_BACKUP_FILE"] == "/report/backup.json"


def test_a_backups_age_is_judged_on_upgrades_only() -> None:
    first = render(BEFORE).of("Job")["migrate"]["spec"]["template"]["spec"]
    later = render(BEFORE, is_upgrade="true").of("Job")["migrate"]["spec"]["template"]["spec"]

    assert "--max-age" not in step("backup", first)["args"]
    assert step("backup", later)["args"][-2:] == ["--max-age", "26h"]


def test_without_backups_none_is_asked_for() -> None:
    none = {"cronJobs": {"backup": {"enabled": False}, "drill": {"enabled": False}}}
    spec = render(none).of("Job")["migrate"]["spec"]["template"]["spec"]

    assert [each["name"] for each in spec["initContainers"]] == ORDER
    assert "KORRIGO_MIGRATE_BACKUP_FILE" not in environment(step("ingest", spec))


def test_the_way_back_waits_for_no_backup() -> None:
    back = spec_of("migrate-back")

    assert [each["name"] for each in back["initContainers"]] == ORDER
    assert "KORRIGO_MIGRATE_BACKUP_FILE" not in environment(step("ingest", back))


def test_a_failed_migration_is_not_repeated_but_kept_to_be_read() -> None:
    job = render().of("Job")["migrate"]

    assert job["spec"]["backoffLimit"] == 0
    assert job["metadata"]["annotations"]["helm.sh/hook-delete-policy"] == "before-hook-creation"
    assert "ttlSecondsAfterFinished" not in job["spec"]


def test_the_conclusion_knows_its_job_to_tell_an_event_of_it() -> None:
    names = {each["name"] for each in spec_of()["containers"][0]["env"]}

    assert {"KORRIGO_JOB", "KORRIGO_JOB_UID", "KORRIGO_POD", "KORRIGO_NAMESPACE"} <= names


def test_korrigoctl_makes_the_same_migration_of_a_cronjob() -> None:
    cron_job = render().of("CronJob")["migrate"]["spec"]

    assert cron_job["suspend"] is True
    assert cron_job["jobTemplate"]["spec"] == render().of("Job")["migrate"]["spec"]


def test_the_first_migration_does_not_wait_for_a_certificate() -> None:
    tls = next(each for each in spec_of(case="full")["volumes"] if each["name"] == "tls")

    assert tls["secret"] == {"secretName": "migrate-tls", "defaultMode": 0o440, "optional": True}
