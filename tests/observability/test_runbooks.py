"""Every alert and fault has a page, and what its page tells one to type exists."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module

import psycopg
import pytest
from ctl.cli import COMMANDS
from cyclopts import App
from local.system import System

from tests.observability.test_alerts import ALERTS, ROOT, RUNBOOKS

PAGES = {
    path.stem: path.read_text(encoding="utf-8") for path in RUNBOOKS.glob("*.md") if path.stem != "README"
}
SECTIONS = ["Look first", "Mend", "Confirm", "Whom to wake"]
CTL = re.compile(r"korrigoctl ([a-z-]+)(?: ([a-z][a-z-]*))?")
KUBECTL = re.compile(r"kubectl ([a-z]+)(?: ([a-z]+))?")
VERBS = {"get", "describe", "logs", "exec", "top", "scale", "rollout", "drain", "delete"}
WORKLOADS = {"gateway", "ingest", "grading", "notification", "rasterizer"}
WORKLOADS |= {f"{name}-consume" for name in ("ingest", "grading", "notification")}


def faults() -> Iterator[str]:
    """List the faults that our code raises."""
    for path in (path for folder in ("libs", "services") for path in (ROOT / folder).glob("*/src/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield from _raised(node)


def _raised(call: ast.Call) -> Iterator[str]:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name == "raise_fault" and isinstance(call.args[0], ast.Constant):
        yield str(call.args[0].value)
    for keyword in call.keywords if name in ("FaultRaised", "Alert") else ():
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
            yield str(keyword.value.value)


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def test_every_alert_and_every_fault_has_a_page_and_no_page_is_left_over() -> None:
    assert PAGES.keys() == ALERTS.keys() | set(faults())


def test_every_page_is_in_the_list() -> None:
    listed = re.findall(r"\((\w+)\.md\)", (RUNBOOKS / "README.md").read_text(encoding="utf-8"))

    assert sorted(listed) == sorted(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_it_must_with_three_things_to_look_at(name: str) -> None:
    page = PAGES[name]
    commands = [line for block in blocks(page, "sh") for line in block.splitlines()]

    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == SECTIONS
    assert len(commands) + len(blocks(page, "sql")) == 3


@pytest.mark.parametrize("name", PAGES)
def test_the_commands_of_a_page_exist(name: str) -> None:
    for command, sub in CTL.findall(PAGES[name]):
        assert command in COMMANDS
        module, _, attribute = COMMANDS[command].partition(":")
        found = getattr(import_module(module), attribute)
        assert not isinstance(found, App) or sub in set(found), f"korrigoctl {command} {sub}"
    assert {verb for verb, _ in KUBECTL.findall(PAGES[name])} <= VERBS
    assert set(re.findall(r"deploy/([a-z-]+)", PAGES[name])) <= WORKLOADS


@pytest.mark.parametrize("name", PAGES)
def test_the_links_of_a_page_lead_somewhere(name: str) -> None:
    assert set(re.findall(r"\]\((\w+)\.md\)", PAGES[name])) <= PAGES.keys()


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if blocks(page, "sql")])
def test_the_statements_of_a_page_can_be_asked(system: System, name: str) -> None:
    with psycopg.connect(system.address["postgres"]) as connection:
        connection.read_only = True
        for statement in blocks(PAGES[name], "sql"):
            connection.execute(statement.encode())
