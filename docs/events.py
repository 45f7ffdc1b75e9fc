"""List every event that our code logs: `python docs/events.py > docs/logging.md`."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEVELS = {"debug": "debug", "info": "info", "warning": "warning", "error": "error", "exception": "error"}
HEAD = """\
# Logs

Written by `make docs` from the sources; do not edit the list of events.

Every process writes one JSON object a line to stderr: what we say, and what libraries say. On Kubernetes the
cluster collects and rotates them; `korrigo-local` keeps four files of 16 MiB of each process.

| field | what it tells |
|---|---|
| `time` | when, in UTC |
| `level` | `debug`, `info`, `warning`: it helps itself, `error`: somebody should look |
| `event` | what happened, one of the names below; with `logger`, a library's sentence |
| `service`, `version`, `pod` | who says so |
| `request_id` | the request from a browser that it goes back to, however far away |
| `trace_id`, `span_id` | where it is among the traces; an error message in the browser shows `trace_id` |
| `event_id`, `consumer`, `kind` | the message in hand, who holds it and what it is about |
| `rpc` | the call that is being served |
| `exam_id`, `scan_id`, `copy_id`, … | what it is about; ids only, never a name, an address or a mark |
| `seconds`, `outcome`, `code`, `status` | how long it took and how it ended |
| `exception` | the stack of a failure, once, where it was caught |
| `share` | with `KORRIGO_LOG_SHARE` below 1: of so many such lines this one was kept |
| `stream` | `audit`: an entry of the journal of who did what, for whoever keeps that stream |

**Levels.** `KORRIGO_LOG_LEVEL` at the start; while it runs, from the machine or inside the pod, until the
next restart: `curl -X POST 'http://127.0.0.1:9000/loglevel?level=DEBUG'`, from elsewhere after
`kubectl port-forward POD 9000`.

**Fewer lines.** `KORRIGO_LOG_SHARE=0.1` keeps a tenth of the events marked *chatty*: those of everyday
success, whole traces at a time. Refusals, failures and slow statements are always kept.

**Nothing personal.** Names, addresses and what somebody wrote are in no line; a test reads every log after
the main job and looks for them. Statements are logged without their values.

**Failures** are also sent to Sentry when `KORRIGO_SENTRY_DSN` is set: the stack, the event's name and ids,
nothing of the request.

## Events
"""


@dataclass(frozen=True, order=True)
class Event:
    """One place that logs: what it calls it, how loud, with which fields, and what the code there does."""

    name: str
    level: str
    module: str
    fields: tuple[str, ...]
    is_chatty: bool
    does: str


def events() -> Iterator[Event]:
    """Find every event of every module."""
    for folder in ("libs", "services"):
        for path in sorted((ROOT / folder).glob("*/src/**/*.py")):
            module = ".".join(path.relative_to(ROOT).parts[3:]).removesuffix(".py").removesuffix(".__init__")
            yield from _in(ast.parse(path.read_text(encoding="utf-8")), module, "")


def _in(node: ast.AST, module: str, does: str) -> Iterator[Event]:
    """Walk down, remembering what the nearest function with a docstring does."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
        does = (ast.get_docstring(node) or does).strip().partition("\n")[0]
    if isinstance(node, ast.Call) and (event := _event(node, module, does)):
        yield event
    for child in ast.iter_child_nodes(node):
        yield from _in(child, module, does)


def _event(call: ast.Call, module: str, does: str) -> Event | None:
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in LEVELS and call.args):
        return None
    logger, name = call.func.value, call.args[0]
    called = getattr(logger, "attr", getattr(logger, "id", ""))
    is_made = isinstance(logger, ast.Call) and getattr(logger.func, "attr", "") == "get_logger"
    if not (called.endswith("log") or is_made) or not isinstance(name, ast.Constant):
        return None
    fields = [keyword.arg or "…" for keyword in call.keywords]
    told = tuple(field for field in fields if field not in ("chatty", "exc_info"))
    return Event(str(name.value), LEVELS[call.func.attr], module, told, "chatty" in fields, does)


def page() -> Iterator[str]:
    """Give the lines of the whole page."""
    yield HEAD
    yield "| event | level | fields | said by | there |"
    yield "|---|---|---|---|---|"
    for event in sorted(set(events())):
        level = f"{event.level}, chatty" if event.is_chatty else event.level
        fields = ", ".join(f"`{field}`" for field in event.fields)
        yield f"| `{event.name}` | {level} | {fields} | {event.module} | {event.does.replace('|', '/')} |"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in page())
