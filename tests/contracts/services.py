"""Ask the services about themselves: their code runs in a process of its own, never in this one."""

import json
import subprocess
import sys
from typing import Any

SERVICES = ("gateway", "grading", "ingest", "notification", "rasterizer")


def ask(program: str, *arguments: str) -> Any:
    """Run a small program and read the JSON that it prints."""
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
