"""`korrigoctl gate`: the audit's eight findings, looked at in a running installation; GO or NO-GO."""

import asyncio
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter, validators
from rich.console import Group
from rich.table import Table
from rich.text import Text

from ctl.failure import Failure
from ctl.gate import Experiment, Finding, Verdict, check, is_go
from ctl.gate.inside import answer
from ctl.gate.local import Local
from ctl.gate.place import Place
from ctl.gate.trial import EXAM
from ctl.output import Format, Output, write, write_json
from ctl.settings import OperationsSettings

app = App(name="gate", help="Check a running installation for the audit's eight findings: GO or NO-GO.")

_STYLES = {Verdict.SHOWN: "green", Verdict.NOT_SHOWN: "yellow", Verdict.FAILED: "bold red"}
#: Who may create exams, in the environment: passwords are not for command lines.
_EMAIL, _PASSWORD = "KORRIGO_GATE_EMAIL", "KORRIGO_GATE_PASSWORD"


@app.default
def gate(
    *,
    local: Path | None = None,
    provoke: Annotated[bool, Parameter(negative="")] = False,
    pages: Annotated[int, Parameter(validator=validators.Number(gte=4))] = 500,
    url: str = "",
    prometheus: str = "",
    since: float = 24,
    output: Output = Format.TEXT,
) -> None:
    """
    Look at all eight findings; end with 0 for GO and with 1 for NO-GO.

    Looking changes nothing. GO needs every finding shown: what was not seen to happen is no proof.

    Parameters
    ----------
    local
        The data directory of `korrigo-local up`; without it the namespace of a cluster.
    provoke
        Also try what looking cannot show: import 500 pages as the office account that KORRIGO_GATE_EMAIL and
        KORRIGO_GATE_PASSWORD name (of a local system, the demo's), kill a rasterizer in the middle, cut one
        off from the broker, provoke a deadlock, have operators told of a fault, sweep a planted file.
    pages
        How many pages the imported file has.
    url
        Where browsers reach it; by default what the gateway was told.
    prometheus
        The address of the Prometheus that should scrape it.
    since
        How many hours of logs to read.
    """
    place = _place(local, url)
    experiment = Experiment(*_login(place), pages) if provoke else None
    findings = check(place, hours=since, prometheus=prometheus, experiment=experiment)
    decision = "GO" if is_go(findings) else "NO-GO"
    page = _page(findings, decision, is_tried=provoke)
    write({"decision": decision, "findings": findings}, output, page)
    sys.exit(0 if is_go(findings) else 1)


@app.command(show=False)
def inside(*questions: str) -> None:
    """Answer the gate's questions in a pod that reaches the servers; always as a JSON list."""
    write_json(asyncio.run(answer(OperationsSettings.start(), questions)))


def _place(directory: Path | None, url: str) -> Place:
    if directory is not None:
        return Local(directory)
    cluster = import_module("ctl.cluster").Cluster.open()
    place: Place = import_module("ctl.gate.remote").Remote(cluster, url)
    return place


def _login(place: Place) -> tuple[str, str]:
    given = os.environ.get(_EMAIL, ""), os.environ.get(_PASSWORD, "")
    found = given if all(given) else place.login("office") if isinstance(place, Local) else None
    if found is None:
        raise Failure(f"--provoke needs an account that may create exams: set {_EMAIL} and {_PASSWORD}")
    return found


def _page(findings: list[Finding], decision: str, *, is_tried: bool) -> Group:
    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        verdict = Text(finding.verdict, style=_STYLES[finding.verdict])
        told = Text.assemble((finding.title, "bold"), "\n", finding.evidence, overflow="fold")
        table.add_row(Text(finding.id, style="bold"), verdict, told)
    return Group(table, Text(), *map(Text, _notes(findings, is_tried=is_tried)), _decided(decision))


def _notes(findings: list[Finding], *, is_tried: bool) -> Iterator[str]:
    """Say what to do next, or what stays."""
    unseen = ", ".join(finding.id for finding in findings if finding.verdict is Verdict.NOT_SHOWN)
    if unseen and not is_tried:
        yield f"Nothing was seen that shows {unseen}: `korrigoctl gate --provoke` tries it."
    if is_tried:
        yield f"What was tried is undone, but the exam “{EXAM}” has one batch more, which cannot be removed."


def _decided(decision: str) -> Text:
    return Text(decision, style="bold green" if decision == "GO" else "bold red")
