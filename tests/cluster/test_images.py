"""A container holds its service and nothing to change, build or fetch anything with."""

import pytest

from tests.cluster.installation import Installation
from tests.cluster.kube import CommandFailedError

WORKLOADS = ("gateway", "ingest", "grading", "notification", "rasterizer")
TOOLS = ("pip", "uv", "apt-get", "dpkg", "npm", "cc", "gcc", "make", "curl", "wget")


def within(installation: Installation, workload: str, script: str) -> str:
    """Run a shell script in a pod of a workload."""
    return installation.kubectl("exec", f"deploy/{workload}", "--", "sh", "-c", script)


@pytest.mark.parametrize("workload", WORKLOADS)
def test_no_tool_is_left(installation: Installation, workload: str) -> None:
    found = within(installation, workload, f"for tool in {' '.join(TOOLS)}; do command -v $tool; done; true")

    assert found == ""
    with pytest.raises(CommandFailedError, match="No module named pip"):
        within(installation, workload, "python3 -m pip --version")


@pytest.mark.parametrize("workload", WORKLOADS)
def test_it_runs_as_nobody_and_writes_to_tmp_alone(installation: Installation, workload: str) -> None:
    assert within(installation, workload, "id -u; id -g").split() == ["10001", "10001"]
    with pytest.raises(CommandFailedError, match="Read-only file system"):
        within(installation, workload, "touch /opt/korrigo/x")
    within(installation, workload, "touch /tmp/x && rm /tmp/x")


@pytest.mark.parametrize("workload", WORKLOADS)
def test_its_code_is_compiled_already(installation: Installation, workload: str) -> None:
    stale = (
        "import sys, sysconfig, pathlib, importlib.util as u;"
        "files = pathlib.Path(sysconfig.get_path('purelib')).rglob('kit/**/*.py');"
        "print([str(f) for f in files if not pathlib.Path(u.cache_from_source(str(f))).exists()])"
    )

    assert within(installation, workload, f'python -c "{stale}"').strip() == "[]"
