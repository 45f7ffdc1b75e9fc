"""Tell Sentry, or what speaks its protocol, of failures; nothing without an address, nothing personal."""

from collections.abc import MutableMapping
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from structlog.typing import WrappedLogger

from kit.logs import pod
from kit.settings import Settings

#: What joins a report to logs and traces.
_TAGS = ("event", "request_id", "trace_id", "event_id", "consumer", "rpc", "route")


def start(settings: Settings) -> None:
    """Connect, with none of the integrations that would send requests, queries or local variables."""
    if settings.sentry_dsn is None:
        return
    sentry_sdk.init(
        dsn=settings.sentry_dsn.get_secret_value(),
        release=f"korrigo-{settings.service}@{settings.version}",
        environment=settings.environment,
        server_name=pod(),
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[DedupeIntegration(), AtexitIntegration(_say_nothing)],
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_breadcrumbs=0,
        traces_sample_rate=None,
    )


def _say_nothing(_pending: int, _seconds: float) -> None:
    """Send what is left at the end of the process without a word on stderr, where only JSON goes."""


def report(_: WrappedLogger, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Send the exception of an event that is an error; the event goes on as it is."""
    failure = event.get("exc_info")
    if failure and event.get("level") in ("error", "critical") and sentry_sdk.is_initialized():
        with sentry_sdk.new_scope() as scope:
            scope.set_tags({name: event[name] for name in _TAGS if name in event})
            scope.capture_exception(None if failure is True else failure)
    return event
