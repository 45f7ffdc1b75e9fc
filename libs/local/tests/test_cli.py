"""The command says what is wrong in a sentence and in its exit code."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from socket import socket

import pytest
from local.cli import app
from local.ports import LOOPBACK


@pytest.fixture
def taken() -> Iterator[int]:
    with closing(socket()) as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        yield listener.getsockname()[1]


def run(*words: str, data: Path) -> int:
    code: int = app([*words, "--data", str(data)], result_action="return_value")
    return code


def test_a_taken_port_is_named(tmp_path: Path, taken: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("up", "--http", str(taken), data=tmp_path) == 1
    assert f"port {taken} is taken by another program" in capsys.readouterr().out


def test_down_succeeds_when_nothing_runs(tmp_path: Path) -> None:
    assert run("down", data=tmp_path) == 0


def test_status_fails_when_nothing_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("status", "--json", data=tmp_path) == 1
    assert capsys.readouterr().out == "[]\n"


def test_nothing_is_done_to_what_does_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("kill", "pause", "command"):
        assert run(command, "gateway", data=tmp_path) == 1
        assert "no process gateway runs" in capsys.readouterr().out
    assert run("resume", "gateway", data=tmp_path) == 1


@pytest.mark.parametrize("wrong", [("--http", "99999"), ("--env", "KORRIGO_DEBUG")])
def test_what_cannot_be_is_refused_before_anything_starts(tmp_path: Path, wrong: tuple[str, str]) -> None:
    with pytest.raises(SystemExit):
        run("up", *wrong, data=tmp_path / "data")

    assert not (tmp_path / "data").exists()


def test_the_log_of_an_unknown_process_is_an_error(tmp_path: Path) -> None:
    assert run("logs", "nobody", data=tmp_path) == 1
