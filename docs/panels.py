"""What the dashboards show: each panel a question, its unit, and the queries that answer it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Panel:
    """One picture: queries by legend; a figure instead of curves when only the present counts."""

    title: str
    unit: str
    queries: Mapping[str, str]
    is_figure: bool = False
    #: Above it something is wrong; shown as a line, or colours the figure.
    limit: float | None = None


@dataclass(frozen=True)
class Board:
    """One dashboard: rows of panels."""

    title: str
    rows: Mapping[str, tuple[Panel, ...]]


def _quantile(name: str, metric: str, unit: str = "s", *, by: str = "", where: str = "") -> Panel:
    """Ask for the middle and the slow end of a histogram."""
    legend = f"{{{{{by}}}}} " if by else ""
    grouped = f"le, {by}" if by else "le"
    buckets = f"sum by ({grouped}) (rate({metric}_bucket{{{where}}}[5m]))"
    queries = {f"{legend}{label}": f"histogram_quantile({q}, {buckets})" for label, q in _SHARES.items()}
    return Panel(name, unit, queries)


_SHARES = {"half": 0.5, "95 %": 0.95}


def _requests(service: str) -> tuple[Panel, ...]:
    """Rate, errors and duration of the calls that a service answers."""
    where = f'service="korrigo.{service}.v1.{service.title()}Service"'
    count = f"rate(korrigo_rpc_server_seconds_count{{{where}%s}}[5m])"
    return (
        Panel("Calls", "reqps", {"{{method}}": f"sum by (method) ({count % ''})"}),
        Panel("Calls not answered well", "reqps", {"{{code}}": f"sum by (code) ({count % _NOT_OK})"}),
        _quantile("Duration of calls", "korrigo_rpc_server_seconds", where=where),
    )


_NOT_OK = ', code!="OK"'


def _process(job: str) -> tuple[Panel, ...]:
    """What the processes of a service use."""
    where = f'job=~"{job}(-consume)?"'
    return (
        Panel("CPU", "short", {"{{job}}": f"sum by (job) (rate(process_cpu_seconds_total{{{where}}}[5m]))"}),
        Panel("Memory", "bytes", {"{{job}}": f"max by (job) (process_resident_memory_bytes{{{where}}})"}),
        Panel(
            "Dependencies",
            "bool",
            {"{{job}} {{part}}": f"min by (job, part) (korrigo_dependency_up{{{where}}})"},
        ),
    )


def _heard(consumer: str) -> tuple[Panel, ...]:
    """What a consumer hears, how it ends, how long it takes and waited."""
    where = f'consumer=~"{consumer}"'
    return (
        Panel(
            "Facts heard",
            "ops",
            {"{{outcome}}": f"sum by (outcome) (rate(korrigo_event_heard_total{{{where}}}[5m]))"},
        ),
        _quantile("Duration", "korrigo_event_seconds", where=where),
        _quantile("Wait in the queue", "korrigo_queue_wait_seconds", where=where),
    )


def _database(schema: str) -> tuple[Panel, ...]:
    where = f'schema="{schema}"'
    return (
        Panel("Connections in use", "short", {
            "in use": f"sum(korrigo_db_connections_in_use{{{where}}})",
            "there are": f"sum(korrigo_db_pool_connections{{{where}}})",
        }),
        _quantile("Transactions", "korrigo_db_transaction_seconds", where=where),
        Panel("Outbox", "s", {"oldest row": f"max(korrigo_outbox_oldest_seconds{{{where}}})"}, limit=60),
    )  # fmt: skip


OVERVIEW = Board("Overview", {
    "Promises": (
        Panel("Share that failed or was late, 5 minutes", "percentunit",
              {"{{slo}} {{service}}": "korrigo:errors:ratio5m"}),
        Panel("Pace at which the month's budget goes, 1 hour", "short",
              {"{{slo}} {{service}}": "korrigo:errors:ratio1h / on (slo) group_left () (1 - korrigo:objective)"}, limit=14.4),
        Panel("Alerts", "short", {"{{alertname}}": 'sum by (alertname) (ALERTS{alertstate="firing"})'}),
    ),
    "From upload to release": (
        Panel("Scans in the works", "short", {"": 'sum(korrigo_ingest_scans{state!~"settled|refused|duplicate|dismissed"})'}, is_figure=True),
        Panel("Sides on their way", "short", {"": "sum(korrigo_ingest_sides_out)"}, is_figure=True),
        Panel("Decisions waiting", "short", {"": "sum(korrigo_ingest_exceptions)"}, is_figure=True),
        Panel("Copies being prepared", "short", {"": 'sum(korrigo_ingest_copies{state="preparing"})'}, is_figure=True),
        Panel("Copies open", "short", {"": 'sum(korrigo_grading_copies{state="open"})'}, is_figure=True),
        Panel("Copies finalized", "short", {"": 'sum(korrigo_grading_copies{state=~"finalized|released"})'}, is_figure=True),
    ),
    "What people feel": (
        _quantile("Page turn, in the browser", "korrigo_browser_seconds", where='what="page_turn"'),
        _quantile("Autosave, in the browser", "korrigo_browser_seconds", where='what="autosave"'),
        _quantile("From upload to the first page", "korrigo_ingest_first_page_seconds"),
        _quantile("From finalize to the PDF", "korrigo_grading_finalize_seconds"),
        _quantile("From notice to the mail server", "korrigo_notification_delivery_seconds"),
        Panel("Pages a second", "ops", {"{{method}}": "sum by (method) (rate(korrigo_rasterizer_sides_total[1m]))"}),
    ),
    "Must be zero": (
        Panel("Ledger imbalance", "short", {"": "max(korrigo_ingest_ledger_imbalance)"}, is_figure=True, limit=1),
        Panel("Dead letters", "short", {"": 'max(korrigo_stream_messages{stream="DEAD"})'}, is_figure=True, limit=1),
        Panel("Oldest row in an outbox", "s", {"": "max(korrigo_outbox_oldest_seconds)"}, is_figure=True, limit=60),
        Panel("Dependencies away", "short", {"": "count(korrigo_dependency_up == 0) or vector(0)"}, is_figure=True, limit=1),
        Panel("Since the last backup", "s", {"": 'time() - max(korrigo_operation_last_success_timestamp_seconds{kind="backup"})'}, is_figure=True, limit=93600),
        Panel("Since the last rehearsal", "s", {"": 'time() - max(korrigo_operation_last_success_timestamp_seconds{kind="drill"})'}, is_figure=True, limit=691200),
    ),
})  # fmt: skip

GATEWAY = Board("Gateway", {
    "Requests": (
        Panel("Requests", "reqps", {"{{status}}": "sum by (status) (rate(korrigo_http_requests_total[5m]))"}),
        Panel("Busiest routes", "reqps", {"{{method}} {{route}}": "topk(8, sum by (method, route) (rate(korrigo_http_requests_total[5m])))"}),
        _quantile("Time to the first byte", "korrigo_http_request_seconds"),
        Panel("Slowest routes", "s", {"{{route}}": "topk(8, histogram_quantile(0.95, sum by (le, route) (rate(korrigo_http_request_seconds_bucket[5m]))))"}),
        Panel("Passwords tried", "ops", {"{{outcome}}": "sum by (outcome) (rate(korrigo_gateway_sign_ins_total[5m]))"}),
        Panel("Browsers that follow events", "short", {"streams": "sum(korrigo_gateway_event_streams)"}),
    ),
    "Calls to the others": (
        Panel("Calls", "reqps", {"{{service}}": "sum by (service) (rate(korrigo_rpc_client_seconds_count[5m]))"}),
        Panel("Calls not answered well", "reqps", {"{{service}} {{code}}": 'sum by (service, code) (rate(korrigo_rpc_client_seconds_count{code!="OK"}[5m]))'}),
        _quantile("Duration", "korrigo_rpc_client_seconds", by="service"),
    ),
    "Database": _database("gateway"),
    "Processes": _process("gateway"),
})  # fmt: skip

INGEST = Board("Ingest", {
    "Calls": _requests("ingest"),
    "Facts": _heard("ingest(-files)?"),
    "Paper": (
        Panel("Scans by state", "short", {"{{state}}": "sum by (state) (korrigo_ingest_scans)"}),
        Panel("Sides that came back", "ops", {"{{outcome}}": "sum by (outcome) (rate(korrigo_ingest_sides_total[5m]))"}),
        Panel("Uploads joined", "Bps", {"bytes": "sum(rate(korrigo_ingest_sealed_bytes_total[5m]))"}),
        Panel("Copies by state", "short", {"{{state}}": "sum by (state) (korrigo_ingest_copies)"}),
        Panel("Decisions waiting", "short", {"{{reason}}": "sum by (reason) (korrigo_ingest_exceptions)"}),
        _quantile("From validating to open", "korrigo_ingest_preparation_seconds"),
    ),
    "Database": _database("ingest"),
    "Processes": _process("ingest"),
})  # fmt: skip

GRADING = Board("Grading", {
    "Calls": _requests("grading"),
    "Facts": _heard("grading"),
    "Marking": (
        Panel("Copies by state", "short", {"{{state}}": "sum by (state) (korrigo_grading_copies)"}),
        Panel("Acts of markers", "ops", {"{{outcome}}": "sum by (outcome) (rate(korrigo_grading_acts_total[5m]))"}),
        Panel("PDFs that failed", "ops", {"{{reason}}": "sum by (reason) (rate(korrigo_grading_finalize_failures_total[5m]))"}),
    ),
    "Database": _database("grading"),
    "Processes": _process("grading"),
})  # fmt: skip

NOTIFICATION = Board("Notification", {
    "Calls": _requests("notification"),
    "Facts": _heard("notification"),
    "Mail": (
        Panel("Tries", "ops", {"{{state}}": "sum by (state) (rate(korrigo_notification_deliveries_total[5m]))"}),
        Panel("E-mails waiting", "short", {"waiting": "max(korrigo_notification_waiting)"}),
        Panel("Oldest that waits", "s", {"oldest": "max(korrigo_notification_oldest_seconds)"}, limit=900),
    ),
    "Operators": (
        Panel("Messages to operators of a day", "short", {"{{state}}": "max by (state) (korrigo_notification_operator_messages)"}),
        Panel("Tries by channel", "ops", {"{{channel}} {{outcome}}": "sum by (channel, outcome) (rate(korrigo_notification_operators_told_total[5m]))"}),
        Panel("Operations: 1 if the last went well", "bool", {"{{kind}}": "max by (kind) (korrigo_operation_last_outcome)"}),
        Panel("How long operations took", "s", {"{{kind}}": "max by (kind) (korrigo_operation_last_seconds)"}),
        Panel("What they counted", "short", {"{{kind}} {{figure}}": "max by (kind, figure) (korrigo_operation_last_figure)"}),
        Panel("Mail server not reached", "ops", {"outages": "sum(rate(korrigo_notification_mail_outages_total[5m]))"}),
    ),
    "Database": _database("notification"),
    "Processes": _process("notification"),
})  # fmt: skip

RASTERIZER = Board("Rasterizer", {
    "Capacity": (
        Panel("Pages a second", "ops", {"{{method}}": "sum by (method) (rate(korrigo_rasterizer_sides_total[1m]))"}),
        Panel("Slots taken", "percentunit", {"{{consumer}}": 'sum by (consumer) (korrigo_event_in_hand{job="rasterizer"}) / sum by (consumer) (korrigo_rasterizer_slots)'}, limit=0.9),
        Panel("Work that waits", "short", {"{{consumer}}": 'max by (consumer) (korrigo_queue_waiting{job="rasterizer"})'}),
        _quantile("Duration of work", "korrigo_work_seconds", by="consumer"),
        _quantile("Wait for a slot", "korrigo_queue_wait_seconds", by="consumer", where='job="rasterizer"'),
        Panel("Workers", "short", {"processes": 'count(up{job="rasterizer"} == 1)'}),
    ),
    "What goes wrong": (
        Panel("Failures", "ops", {"{{reason}}": "sum by (reason) (rate(korrigo_rasterizer_failures_total[5m]))"}),
        Panel("Ended by the sandbox", "ops", {"{{reason}}": "sum by (reason) (rate(korrigo_rasterizer_sandbox_kills_total[5m]))"}),
        Panel("Work by how it ended", "ops", {"{{outcome}}": "sum by (outcome) (rate(korrigo_work_done_total[5m]))"}),
    ),
    "Processes": _process("rasterizer"),
})  # fmt: skip

QUEUES = Board("Queues", {
    "Queues": (
        Panel("Messages that nobody has taken", "short", {"{{consumer}}": "max by (consumer) (korrigo_queue_waiting)"}),
        Panel("Age of the oldest", "s", {"{{consumer}}": "max by (consumer) (korrigo_queue_oldest_seconds)"}, limit=300),
        Panel("Messages in somebody's hands", "short", {"{{consumer}}": "max by (consumer) (korrigo_queue_out)"}),
        Panel("Ended well", "ops", {"{{consumer}}": 'sum by (consumer) (rate(korrigo_event_heard_total{outcome="done"}[5m]) or rate(korrigo_work_done_total{outcome="done"}[5m]))'}),
        Panel("Taken again", "ops", {"{{consumer}}": "sum by (consumer) (rate(korrigo_event_redelivered_total[5m]))"}),
        Panel("Given up", "short", {"{{consumer}} {{kind}}": "sum by (consumer, kind) (increase(korrigo_event_dead_total[1h]))"}),
        Panel("Paused by an outage", "bool", {"{{consumer}}": "max by (consumer) (korrigo_event_paused)"}),
    ),
    "Outboxes": (
        Panel("Rows to be told", "short", {"{{schema}}": "max by (schema) (korrigo_outbox_waiting)"}),
        Panel("Age of the oldest row", "s", {"{{schema}}": "max by (schema) (korrigo_outbox_oldest_seconds)"}, limit=60),
        Panel("Told", "ops", {"{{schema}}": "sum by (schema) (rate(korrigo_outbox_published_total[5m]))"}),
        Panel("Refused by the broker", "ops", {"{{schema}}": "sum by (schema) (rate(korrigo_outbox_refused_total[5m]))"}),
    ),
})  # fmt: skip

NATS = Board("NATS", {
    "Streams": (
        Panel("Messages kept", "short", {"{{stream}}": "max by (stream) (korrigo_stream_messages)"}),
        Panel("Bytes kept", "bytes", {"{{stream}}": "max by (stream) (korrigo_stream_bytes)"}),
        Panel("Growth", "ops", {"{{stream}}": "max by (stream) (deriv(korrigo_stream_messages[10m]))"}),
    ),
    "Connections": (
        Panel("Reached by", "bool", {"{{job}}": 'min by (job) (korrigo_dependency_up{part="broker"})'}),
        Panel("Dead letters", "short", {"letters": 'max(korrigo_stream_messages{stream="DEAD"})'}, is_figure=True, limit=1),
        Panel("Facts told", "ops", {"{{schema}}": "sum by (schema) (rate(korrigo_outbox_published_total[5m]))"}),
    ),
})  # fmt: skip

POSTGRESQL = Board("PostgreSQL", {
    "Server": (
        Panel("Connections", "short", {"taken": "max(korrigo_db_server_connections)", "there are": "max(korrigo_db_server_connections_limit)"}),
        Panel("Size", "bytes", {"database": "max(korrigo_db_size_bytes)"}),
        Panel("Clock ahead of ours", "s", {"{{job}}": "max by (job) (korrigo_clock_skew_seconds)"}),
    ),
    "Transactions": (
        Panel("Transactions", "ops", {"{{schema}}": "sum by (schema) (rate(korrigo_db_transaction_seconds_count[5m]))"}),
        _quantile("Duration", "korrigo_db_transaction_seconds", by="schema"),
        Panel("Failed", "ops", {"{{schema}} {{kind}}": "sum by (schema, kind) (rate(korrigo_db_failures_total[5m]))"}),
        Panel("Waiting for a lock", "short", {"{{schema}}": "max by (schema) (korrigo_db_lock_waits)"}),
        Panel("Oldest transaction", "s", {"{{schema}}": "max by (schema) (korrigo_db_longest_transaction_seconds)"}, limit=120),
        Panel("Pools", "percentunit", {"{{job}} {{schema}}": "max by (job, schema) (korrigo_db_connections_in_use / korrigo_db_pool_connections)"}, limit=0.9),
    ),
})  # fmt: skip

EXAM = Board("Exams in progress", {
    "Paper": (
        Panel("Scans", "short", {"{{state}}": "sum by (state) (korrigo_ingest_scans)"}),
        Panel("Sides on their way", "short", {"sides": "sum(korrigo_ingest_sides_out)"}),
        Panel("Pages a minute", "short", {"pages": "sum(increase(korrigo_rasterizer_sides_total[1m]))"}),
    ),
    "Copies": (
        Panel("Before marking", "short", {"{{state}}": "sum by (state) (korrigo_ingest_copies)"}),
        Panel("In marking", "short", {"{{state}}": "sum by (state) (korrigo_grading_copies)"}),
        Panel("Finalized a minute", "short", {"copies": "sum(increase(korrigo_grading_finalize_seconds_count[1m]))"}),
    ),
    "People": (
        Panel("Acts a minute", "short", {"{{outcome}}": "sum by (outcome) (increase(korrigo_grading_acts_total[1m]))"}),
        Panel("Browsers that follow", "short", {"browsers": "sum(korrigo_gateway_event_streams)"}),
        Panel("Decisions waiting for the office", "short", {"{{reason}}": "sum by (reason) (korrigo_ingest_exceptions)"}),
    ),
})  # fmt: skip

#: By file.
BOARDS: Mapping[str, Board] = {
    "overview": OVERVIEW,
    "exams": EXAM,
    "gateway": GATEWAY,
    "ingest": INGEST,
    "grading": GRADING,
    "notification": NOTIFICATION,
    "rasterizer": RASTERIZER,
    "queues": QUEUES,
    "nats": NATS,
    "postgresql": POSTGRESQL,
}
