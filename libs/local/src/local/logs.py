"""The logs: whole JSON lines in a file per process, readable lines on the screen."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.text import Text

_LEVELS = {"debug": "dim", "warning": "yellow", "error": "bold red", "critical": "bold red"}
_SERVERS = {"postgres", "nats", "mail", "s3", "prometheus", "alertmanager"}
_ALARM = re.compile(r"\[(?:WRN|ERR|FTL)\]|\b(?:WARNING|ERROR|FATAL|PANIC|Traceback)\b")
#: NATS says so at every start; its configuration file is readable by its owner only.
_KNOWN = "Plaintext passwords detected"
_COLOURS = ("cyan", "green", "magenta", "blue", "yellow", "bright_cyan", "bright_green", "bright_magenta")

#: Shown in their own place, said by the prefix, or of use to machines only.
_NOT_FIELDS = {
    "time",
    "level",
    "event",
    "exception",
    "service",
    "version",
    "pod",
    "trace_id",
    "span_id",
    "logger",
    "settings",
}


class RotatingFile:
    """A log of bounded size: the file and a few older ones, `<name>.log.1` the latest of them."""

    def __init__(self, path: Path, *, max_bytes: int = 16 * 1024**2, keep: int = 3) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = path
        self._max_bytes = max_bytes
        self._keep = keep
        self._file = path.open("ab", buffering=0)

    def write(self, line: bytes) -> None:
        """Append a line, moving the file aside first when it is full."""
        if self._file.tell() + len(line) > self._max_bytes:
            self._rotate()
        self._file.write(line)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _rotate(self) -> None:
        self._file.close()
        for age in range(self._keep - 1, 0, -1):
            _move(self._older(age), self._older(age + 1))
        _move(self._path, self._older(1))
        self._file = self._path.open("ab", buffering=0)

    def _older(self, age: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{age}")


def is_chatter(process: str, line: str) -> bool:
    """Say whether it is a server's everyday line, which nobody wants between the services'."""
    return process in _SERVERS and (not _ALARM.search(line) or _KNOWN in line)


def _move(source: Path, target: Path) -> None:
    if source.exists():
        source.replace(target)


def render(process: str, line: str, *, width: int = 18) -> Text:
    """Make one log line readable: time, process, level, event, fields; other text stays as it is."""
    prefix = Text(f"{process:<{width}} ", style=_COLOURS[sum(process.encode()) % len(_COLOURS)])
    entry = parse(line)
    if entry is None:
        return Text("         ") + prefix + Text(line.rstrip(), style="dim")
    level = str(entry.get("level", "info"))
    fields = " ".join(f"{name}={value}" for name, value in entry.items() if name not in _NOT_FIELDS)
    text = Text(f"{_clock(entry)} ", style="dim") + prefix
    text.append(f"{level:<8}", style=_LEVELS.get(level, "default")).append(
        str(entry.get("event", "")), style="bold"
    )
    text.append(f" {fields}" if fields else "", style="dim")
    return text.append(f"\n{entry['exception']}" if entry.get("exception") else "", style="red")


def parse(line: str) -> dict[str, Any] | None:
    """Read a JSON log line, None when it is plain text."""
    if not line.startswith("{"):
        return None
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _clock(entry: dict[str, Any]) -> str:
    try:
        return datetime.fromisoformat(str(entry["time"])).astimezone().strftime("%H:%M:%S")
    except (KeyError, ValueError):
        return " " * 8


def merged(files: dict[str, Path], *, last: int) -> Iterator[tuple[str, str]]:
    """Give the last lines of several logs by time; one without follows its elder."""
    lines = [entry for process, path in files.items() for entry in _timed(process, path)]
    for _, process, line in sorted(lines, key=lambda entry: entry[0])[-last:]:
        yield process, line


def _timed(process: str, path: Path) -> Iterator[tuple[str, str, str]]:
    time = ""
    for line in path.read_text(errors="replace").splitlines() if path.exists() else ():
        entry = parse(line)
        time = str(entry["time"]) if entry and "time" in entry else time
        yield time, process, line


class Follower:
    """Reads what is appended to logs, across rotations."""

    def __init__(self, files: dict[str, Path]) -> None:
        self._files = files
        self._read = {process: _size(path) for process, path in files.items()}

    def new_lines(self) -> Iterable[tuple[str, str]]:
        """Give the whole lines appended since the last call."""
        for process, path in self._files.items():
            yield from ((process, line) for line in self._appended(process, path))

    def _appended(self, process: str, path: Path) -> list[str]:
        start = self._read[process] if _size(path) >= self._read[process] else 0
        if _size(path) == start:
            return []
        with path.open("rb") as file:
            file.seek(start)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._read[process] = start + len(whole) + len(newline)
        return whole.decode(errors="replace").splitlines()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
