"""How commands answer: a table for people, JSON for programs."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from enum import StrEnum
from typing import Annotated, Any

import orjson
from cyclopts import Parameter
from rich.console import Console, RenderableType
from rich.table import Table

console = Console()
errors = Console(stderr=True)


class Format(StrEnum):
    """How an answer is written."""

    TEXT = "text"
    JSON = "json"


Output = Annotated[Format, Parameter(name=["--output", "-o"], help="text, or json for programs.")]


def write_json(value: Any) -> None:
    """Write one JSON document."""
    sys.stdout.buffer.write(orjson.dumps(value, default=_plain, option=orjson.OPT_INDENT_2) + b"\n")
    sys.stdout.flush()


def write(value: Any, output: Format, table: RenderableType) -> None:
    """Write an answer in the asked form."""
    if output is Format.JSON:
        write_json(value)
    else:
        console.print(table, highlight=False, markup=False) if isinstance(table, str) else console.print(
            table
        )


def rows(*columns: str, of: Sequence[Sequence[object]], title: str | None = None) -> Table:
    """Make a table whose cells are written as they are."""
    table = Table(*columns, box=None, title=title, title_justify="left", pad_edge=False, header_style="bold")
    for row in of:
        table.add_row(*(str(cell) for cell in row))
    return table


def size(length: float) -> str:
    """Write a number of bytes as people read it."""
    for unit in ("B", "kB", "MB", "GB"):
        if length < 1000:
            return f"{length:.0f} {unit}" if unit == "B" else f"{length:.1f} {unit}"
        length /= 1000
    return f"{length:.1f} TB"


def span(seconds: float) -> str:
    """Write a time span as people read it."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not written as JSON")
