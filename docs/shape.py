"""Check that functions and modules stay short enough to be read at once: `python docs/shape.py`."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FUNCTION_LINES = 40
MODULE_LINES = 300
#: Generated code, and revisions, which are never edited again.
LEFT_OUT = ("_pb2", "/migrations/versions/")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def main() -> int:
    """Name every function and module that is too long; 1 if there is one."""
    found = [line for path in _sources() for line in _too_long(path)]
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


def _sources() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "*.py"], check=True, capture_output=True, text=True).stdout
    return [Path(name) for name in listed.split() if not any(part in name for part in LEFT_OUT)]


def _too_long(path: Path) -> Iterator[str]:
    if not path.exists():
        return
    text = path.read_text()
    lines = len(text.splitlines())
    # A test module lists cases of one subject; more of them make it longer, not harder.
    if lines > MODULE_LINES and not path.name.startswith("test_"):
        yield f"{path}: {lines} lines, at most {MODULE_LINES}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, Function) and (length := _length(node)) > FUNCTION_LINES:
            yield f"{path}:{node.lineno}: {node.name} has {length} lines, at most {FUNCTION_LINES}"


def _length(function: Function) -> int:
    """Count a function's lines without its docstring and the functions that it defines for others to call."""
    inner = (node for node in ast.walk(function) if isinstance(node, Function) and node is not function)
    docstring = (node for node in function.body[:1] if ast.get_docstring(function) is not None)
    return _span(function) - sum(_span(node) for node in (*inner, *docstring))


def _span(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


if __name__ == "__main__":
    sys.exit(main())
