"""For each alert the metrics with which it must fire, and those, nearly the same, with which it must not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Series by name, with values in promtool's notation, one a minute.
Series = Mapping[str, str]

#: Longer than any case looks, in minutes.
LONG = 500


@dataclass(frozen=True)
class Case:
    """When to look, at what, and at what instead."""

    fires: Series
    quiet: Series
    minutes: int = 30
    #: What both have.
    beside: Series = field(default_factory=dict)


def steady(value: float) -> str:
    """Stay the same."""
    return f"{value}x{LONG}"


def growing(by: float, start: float = 0) -> str:
    """Grow by so much a minute."""
    return f"{start}+{by}x{LONG}"


def gauge(name: str, fires: float, quiet: float, *, minutes: int = 30) -> Case:
    """Compare two values of one gauge."""
    return Case({name: steady(fires)}, {name: steady(quiet)}, minutes)


def counter(name: str, fires: float, quiet: float, *, minutes: int = 30) -> Case:
    """Compare two speeds of one counter, in events a minute."""
    return Case({name: growing(fires)}, {name: growing(quiet)}, minutes)


REQUESTS = 'korrigo_http_requests_total{method="GET", route="/api/v1/exams", status="%s"}'
SERVED = 'korrigo_rpc_server_seconds_count{service="korrigo.%s.v1.X", method="Y", code="%s"}'
PAGE = 'container="grading", namespace="exams", pod="grading-1"'
BUILDS = {
    f'korrigo_build_info{{service="{service}", version="1"}}': steady(1)
    for service in ("gateway", "ingest", "grading", "notification", "rasterizer")
}
GRADING_BUILD = 'korrigo_build_info{service="grading", version="1"}'

CASES: Mapping[str, Case] = {
    "ErrorBudgetBurnsFast": Case(
        fires={REQUESTS % 200: growing(97), REQUESTS % 500: growing(3)},
        quiet={REQUESTS % 200: growing(1000), REQUESTS % 500: growing(0.5), REQUESTS % 422: growing(500)},
        minutes=90,
    ),
    "ErrorBudgetBurnsSlowly": Case(
        fires={SERVED % ("grading", "OK"): growing(995), SERVED % ("grading", "INTERNAL"): growing(5)},
        quiet={SERVED % ("grading", "OK"): growing(999.5), SERVED % ("grading", "NOT_FOUND"): growing(50)},
        minutes=8 * 60,
    ),
    "ServiceDown": gauge('up{job="grading", instance="grading-1"}', 0, 1),
    "ServiceMissing": Case(
        fires={name: value for name, value in BUILDS.items() if name != GRADING_BUILD}, quiet=BUILDS
    ),
    "DependencyDown": gauge('korrigo_dependency_up{job="grading", part="database"}', 0, 1),
    "MigrationPending": gauge('korrigo_dependency_up{job="grading", part="schema"}', 0, 1),
    "ClockSkew": gauge('korrigo_clock_skew_seconds{job="grading", schema="grading"}', -6, -1),
    "CertificateExpires": gauge(
        'korrigo_certificate_expiry_timestamp_seconds{job="grading"}', 13 * 86400, 60 * 86400, minutes=90
    ),
    "QueueLag": gauge('korrigo_queue_oldest_seconds{consumer="ingest"}', 400, 100),
    "QueueStuck": Case(
        fires={'korrigo_event_heard_total{consumer="ingest", outcome="done"}': steady(7)},
        quiet={'korrigo_event_heard_total{consumer="ingest", outcome="done"}': growing(1)},
        beside={'korrigo_queue_waiting{consumer="ingest"}': steady(5)},
    ),
    "ConsumerPaused": gauge('korrigo_event_paused{consumer="ingest"}', 1, 0),
    "Redeliveries": counter('korrigo_event_redelivered_total{consumer="ingest"}', 30, 1),
    "DeadLetters": gauge('korrigo_stream_messages{stream="DEAD"}', 2, 0),
    "OutboxStuck": gauge('korrigo_outbox_oldest_seconds{schema="ingest"}', 90, 2),
    "StreamGrows": gauge('korrigo_stream_bytes{stream="FACTS"}', 5e9, 1e9),
    "RasterizerSaturated": Case(
        fires={'korrigo_queue_oldest_seconds{consumer="RenderSides"}': steady(200)},
        quiet={'korrigo_queue_oldest_seconds{consumer="RenderSides"}': steady(3)},
        beside={
            'korrigo_event_in_hand{job="rasterizer", consumer="RenderSides"}': steady(4),
            'korrigo_rasterizer_slots{job="rasterizer", consumer="RenderSides"}': steady(4),
        },
    ),
    "SandboxKills": counter('korrigo_rasterizer_sandbox_kills_total{reason="MEMORY"}', 1, 0.05),
    "FinalizeFails": counter('korrigo_grading_finalize_failures_total{reason="DAMAGED"}', 0.1, 0),
    "LedgerImbalance": gauge("korrigo_ingest_ledger_imbalance", 1, 0),
    "PoolExhausted": Case(
        fires={'korrigo_db_connections_in_use{job="grading", schema="grading"}': steady(10)},
        quiet={'korrigo_db_connections_in_use{job="grading", schema="grading"}': steady(6)},
        beside={'korrigo_db_pool_connections{job="grading", schema="grading"}': steady(10)},
    ),
    "ConnectionsNearLimit": Case(
        fires={'korrigo_db_server_connections{schema="grading"}': steady(90)},
        quiet={'korrigo_db_server_connections{schema="grading"}': steady(50)},
        beside={'korrigo_db_server_connections_limit{schema="grading"}': steady(100)},
    ),
    "Deadlocks": counter('korrigo_db_failures_total{schema="grading", kind="deadlock"}', 1, 0.1),
    "LockTimeouts": counter('korrigo_db_failures_total{schema="grading", kind="lock_timeout"}', 3, 0.5),
    "StatementTimeouts": counter(
        'korrigo_db_failures_total{schema="grading", kind="statement_timeout"}', 1, 0.1
    ),
    "TransactionTooLong": gauge('korrigo_db_longest_transaction_seconds{schema="grading"}', 150, 5),
    "MigrationFailed": gauge('korrigo_operation_last_outcome{kind="migrate"}', 0, 1),
    "BackupLate": Case(
        fires={'korrigo_operation_last_success_timestamp_seconds{kind="backup"}': steady(-27 * 3600)},
        quiet={'korrigo_operation_last_success_timestamp_seconds{kind="backup"}': growing(60)},
        minutes=180,
    ),
    "DrillFailed": gauge('korrigo_operation_last_outcome{kind="drill"}', 0, 1),
    "SweepFailed": Case(
        fires={'korrigo_operation_last_success_timestamp_seconds{kind="sweep-ingest"}': steady(-5 * 3600)},
        quiet={'korrigo_operation_last_success_timestamp_seconds{kind="sweep-ingest"}': growing(60)},
        minutes=60,
    ),
    "OrphansFound": gauge('korrigo_operation_last_figure{kind="sweep-ingest", figure="orphans"}', 5000, 3),
    "BucketNearlyFull": Case(
        fires={'korrigo_operation_last_figure{kind="backup", figure="file_bytes"}': steady(90)},
        quiet={'korrigo_operation_last_figure{kind="backup", figure="file_bytes"}': steady(50)},
        beside={"korrigo_blobs_quota_bytes": steady(100)},
    ),
    "LoginAttack": counter('korrigo_gateway_sign_ins_total{outcome="wrong"}', 60, 3),
    "MailStuck": gauge("korrigo_notification_oldest_seconds", 1000, 20),
    "OperatorsNotTold": counter(
        'korrigo_notification_operators_told_total{channel="mail", outcome="failed"}', 1, 0.1
    ),
    "MemoryNearLimit": Case(
        fires={f"container_memory_working_set_bytes{{{PAGE}}}": steady(95)},
        quiet={f"container_memory_working_set_bytes{{{PAGE}}}": steady(60)},
        beside={f'kube_pod_container_resource_limits{{{PAGE}, resource="memory"}}': steady(100)},
    ),
    "OOMKilled": Case(
        fires={f"kube_pod_container_status_restarts_total{{{PAGE}}}": f"0x20 {growing(0, 1)}"},
        quiet={f"kube_pod_container_status_restarts_total{{{PAGE}}}": steady(1)},
        beside={f'kube_pod_container_status_last_terminated_reason{{{PAGE}, reason="OOMKilled"}}': steady(1)},
    ),
    "CrashLooping": counter(f"kube_pod_container_status_restarts_total{{{PAGE}}}", 1, 0.1),
    "PodsMissing": Case(
        fires={'kube_deployment_status_replicas_available{namespace="x", deployment="grading"}': steady(1)},
        quiet={'kube_deployment_status_replicas_available{namespace="x", deployment="grading"}': steady(2)},
        beside={'kube_deployment_spec_replicas{namespace="x", deployment="grading"}': steady(2)},
    ),
    "JobFailed": gauge('kube_job_status_failed{namespace="x", job_name="backup-1"}', 1, 0),
    "DiskNearlyFull": Case(
        fires={'kubelet_volume_stats_available_bytes{persistentvolumeclaim="data"}': steady(10)},
        quiet={'kubelet_volume_stats_available_bytes{persistentvolumeclaim="data"}': steady(30)},
        beside={'kubelet_volume_stats_capacity_bytes{persistentvolumeclaim="data"}': steady(100)},
    ),
}

#: The other promises, which the alerts on budgets measure too: what is late, and what is in time.
LATE: Mapping[str, Case] = {
    slo: Case(
        fires={
            f"{metric}_count{{{label}}}": growing(100),
            f'{metric}_bucket{{{label}le="{limit}"}}': growing(share),
        },
        quiet={
            f"{metric}_count{{{label}}}": growing(100),
            f'{metric}_bucket{{{label}le="{limit}"}}': growing(100),
        },
        minutes=90,
    )
    for slo, metric, label, limit, share in (
        ("upload", "korrigo_ingest_first_page_seconds", "", "60.0", 20),
        ("page_turn", "korrigo_browser_seconds", 'what="page_turn",', "0.5", 20),
        ("autosave", "korrigo_browser_seconds", 'what="autosave",', "1.0", 80),
        ("finalize", "korrigo_grading_finalize_seconds", "", "60.0", 80),
        ("notice", "korrigo_notification_delivery_seconds", "", "60.0", 80),
    )
}
