"""What `docs/production-readiness.md` says of the gate's findings is there."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from ctl.gate.verdict import TITLES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "production-readiness.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (OP-\d\d .*)\n((?:(?!^## ).*\n?)*)", PAGE, re.MULTILINE))


def test_each_finding_has_its_section() -> None:
    assert list(SECTIONS) == [f"{id} {title}" for id, title in TITLES.items()]


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_says_what_was_found_what_is_so_and_what_is_looked_at(section: str) -> None:
    said = re.findall(r"\*\*([^*]+)\*\*", SECTIONS[section])

    assert {"The audit.", "Here.", "The gate looks", "Tests."} <= set(said)


def test_the_tests_and_papers_that_it_names_are_there() -> None:
    named = set(re.findall(r"`((?:tests|libs|services|docs)/[\w/.-]+)`", PAGE))

    assert {path for path in named if not (ROOT / path).exists()} == set()
    assert all("/tests/" in f"/{path}" for path in re.findall(r"`([\w/]+/test_\w+\.py)`", PAGE))


def test_the_modules_that_it_names_are_there() -> None:
    for name in set(re.findall(r"`((?:kit|ctl)\.[\w.]+)`", PAGE)):
        assert import_module(name)
