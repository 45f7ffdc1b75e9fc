"""Draw every state machine from its table of moves: `python docs/states.py > docs/states.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from importlib import import_module

#: Where each aggregate's table of moves is: module, name of the table.
MACHINES = {
    "Scan (ingest)": ("ingest.domain.scan", "MOVES"),
    "Side (ingest)": ("ingest.domain.side", "MOVES"),
    "Staged copy (ingest)": ("ingest.domain.copy", "MOVES"),
    "Export (ingest)": ("ingest.domain.export", "MOVES"),
    "Copy (grading)": ("grading.domain.copy", "MOVES"),
    "Exam (grading)": ("grading.domain.exam", "MOVES"),
    "Delivery (notification)": ("notification.domain", "MOVES"),
}

Moves = Mapping[str, tuple[frozenset[StrEnum], StrEnum]]


def diagram(moves: Moves) -> Iterator[str]:
    """The lines of a Mermaid diagram of one table."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    for name, (origins, target) in moves.items():
        for origin in sorted(origins):
            yield f"    {origin} --> {target}: {name}"
    yield "```"


def page() -> Iterator[str]:
    """The lines of the whole page."""
    yield "# States"
    yield ""
    yield "Drawn by `make docs` from the tables of moves in each `domain`; do not edit."
    for title, (module, name) in MACHINES.items():
        yield from ("", f"## {title}", "", *diagram(getattr(import_module(module), name)))


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in page())
