"""Values are an interface: each is explained, used, checked and listed in the README."""

import json
import re
import runpy
from collections.abc import Iterator
from typing import Any

import yaml

from .chart import CHART

TABLE = runpy.run_path(str(CHART.parents[1] / "docs/values.py"))
TEXT = (CHART / "values.yaml").read_text()
VALUES = yaml.safe_load(TEXT)
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
TEMPLATES = "".join(path.read_text() for path in sorted((CHART / "templates").iterdir()))
#: Maps whose keys are names of things.
NAMED = {"services", "cronJobs", "endpoints", "secrets"}
#: Maps that templates pass on as they are.
PASSED_ON = {"secrets", "env", "labels", "resources", "timeouts", "issuer"}
#: Maps whose content is explained where it is given for all of them.
EXPLAINED_BY_DEFAULTS = {"services", "cronJobs", "endpoints"}


def test_every_value_says_why_one_would_change_it() -> None:
    values = TABLE["read"](TEXT)

    silent = [value.path for value in values if not (value.comment or value.is_section)]
    assert [path for path in silent if path.split(".")[0] not in EXPLAINED_BY_DEFAULTS] == []


def test_the_readme_lists_the_values_as_they_are() -> None:
    readme = (CHART / "README.md").read_text()

    assert TABLE["written"](readme, TEXT) == readme


def test_every_value_is_used_by_a_template() -> None:
    assert [name for name in _names(VALUES) if not re.search(rf"\.{name}\b|\"{name}\"", TEMPLATES)] == []


def test_templates_use_no_value_that_is_not_there() -> None:
    used = set(re.findall(r"\.Values((?:\.\w+)+)", TEMPLATES))

    assert [path for path in used if not _is_there(path.strip(".").split("."))] == []


def test_the_schema_knows_every_value_and_no_other() -> None:
    assert set(SCHEMA["properties"]) == {*VALUES, "global"}
    assert list(_open_objects(SCHEMA, "")) == []


def _names(values: dict[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        if name not in NAMED:
            yield name
        elif name != "secrets":
            value = {key: each for content in value.values() for key, each in content.items()}
        if isinstance(value, dict) and name not in PASSED_ON:
            yield from _names(value)


def _is_there(path: list[str]) -> bool:
    value: Any = VALUES
    for name in path:
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    return True


def _open_objects(schema: Any, path: str) -> Iterator[str]:
    """Find objects with known properties that let others pass."""
    if isinstance(schema, dict):
        if "properties" in schema and schema.get("additionalProperties") is not False:
            yield path
        for name, content in schema.items():
            yield from _open_objects(content, f"{path}/{name}")
