"""Checkov finds nothing but what `checkov.yaml` skips with its reason."""

import subprocess
import sys
from pathlib import Path

from .chart import CASES, CHART, render

SETTINGS = CHART / "tests/checkov.yaml"


def test_checkov_finds_nothing(tmp_path: Path) -> None:
    for case in CASES:
        (tmp_path / f"{case}.yaml").write_text(render(case=case, namespace="exams").text)
    checkov = Path(sys.executable).with_name("checkov")

    done = subprocess.run(
        [checkov, "--config-file", SETTINGS, "--directory", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
