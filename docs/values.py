"""Write the table of the chart's values from their comments: `python docs/values.py charts/korrigo`.

A comment above a value in `values.yaml` says why one would change it; the table in `README.md` repeats it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

BEGIN, END = "<!-- values: made by `make chart` -->", "<!-- end of values -->"


@dataclass(frozen=True)
class Value:
    """One value of the chart: where it is, what it is by default, why one would change it."""

    path: str
    default: object
    comment: str
    #: Whether values inside it have comments of their own.
    is_section: bool


def read(text: str) -> list[Value]:
    """List every value, sections before what is in them."""
    root = yaml.compose(text, yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise ValueError("values are a mapping")
    return list(_values(root, text.splitlines(), ()))


def _values(node: yaml.MappingNode, lines: list[str], above: tuple[str, ...]) -> Iterator[Value]:
    for key, content in node.value:
        path = (*above, str(key.value))
        inside: list[Value] = []
        if isinstance(content, yaml.MappingNode) and not content.flow_style:
            inside = list(_values(content, lines, path))
        is_section = any(value.comment for value in inside)
        default = yaml.safe_load(yaml.serialize(content))
        yield Value(".".join(path), default, _comment(lines, key.start_mark.line), is_section)
        yield from inside if is_section else ()


def _comment(lines: list[str], line: int) -> str:
    """Join the comment lines right above a line."""
    words: list[str] = []
    while line and (above := lines[line - 1].strip()).startswith("#"):
        words.insert(0, above.removeprefix("#").strip())
        line -= 1
    return " ".join(words)


def table(values: list[Value]) -> str:
    """Write the values that have a comment as a Markdown table."""
    rows = [f"| {_cell(value)} | {_escape(value.comment)} |" for value in values if value.comment]
    return "\n".join(["| value, default | why one would change it |", "|---|---|", *rows])


def _cell(value: Value) -> str:
    name = f"`{value.path}`"
    return f"**{name}**" if value.is_section else f"{name}<br>`{_escape(json.dumps(value.default))}`"


def _escape(text: str) -> str:
    return text.replace("|", "\\|")


def written(readme: str, values: str) -> str:
    """Give the README with its table renewed."""
    before, rest = readme.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n{table(read(values))}\n{END}{after}"


if __name__ == "__main__":
    chart = Path(sys.argv[1])
    readme = chart / "README.md"
    readme.write_text(written(readme.read_text(), (chart / "values.yaml").read_text()))
