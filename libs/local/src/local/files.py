"""Small files that are whole or absent, and readable by their owner only."""

import json
import os
from pathlib import Path
from typing import TypeVar, cast

T = TypeVar("T")


def write(path: Path, text: str) -> None:
    """Replace a file in one step, with mode 0600."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)


def write_json(path: Path, value: object) -> None:
    """Replace a file by the value in JSON."""
    write(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path, default: T) -> T:
    """Read a JSON file, or give the default when there is none yet."""
    return cast(T, json.loads(path.read_text())) if path.exists() else default
