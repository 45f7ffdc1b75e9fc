"""Logs are readable on the screen, whole in their files and bounded in size."""

import json
from pathlib import Path

from local.logs import Follower, RotatingFile, is_chatter, merged, render

FIELDS = {"level": "warning", "event": "scan_refused", "service": "ingest", "side": 3}
ENTRY = json.dumps({"time": "2026-11-24T10:00:00Z", **FIELDS})


def test_a_json_line_becomes_a_sentence() -> None:
    text = render("ingest", ENTRY).plain

    assert "ingest" in text
    assert text.endswith("warning scan_refused side=3")


def test_plain_text_stays_as_it_is() -> None:
    assert render("nats", "[INF] Server is ready").plain.endswith("[INF] Server is ready")


def test_a_full_log_is_moved_aside(tmp_path: Path) -> None:
    log = RotatingFile(tmp_path / "ingest.log", max_bytes=10, keep=2)
    for line in (b"first 12\n", b"second 1\n", b"third 12\n", b"fourth 1\n"):
        log.write(line)
    log.close()

    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert kept == {
        "ingest.log": b"fourth 1\n",
        "ingest.log.1": b"third 12\n",
        "ingest.log.2": b"second 1\n",
    }


def test_lines_of_several_logs_come_in_the_order_of_time(tmp_path: Path) -> None:
    early, late = tmp_path / "a.log", tmp_path / "b.log"
    early.write_text('{"time": "2026-11-24T10:00:02Z"}\nTraceback\n')
    late.write_text('{"time": "2026-11-24T10:00:01Z"}\n{"time": "2026-11-24T10:00:03Z"}\n')

    order = [process for process, _ in merged({"a": early, "b": late}, last=10)]

    assert order == ["b", "a", "a", "b"]


def test_following_goes_on_after_a_rotation(tmp_path: Path) -> None:
    path = tmp_path / "ingest.log"
    log = RotatingFile(path, max_bytes=12)
    follower = Follower({"ingest": path})
    log.write(b"one two\n")
    assert list(follower.new_lines()) == [("ingest", "one two")]

    log.write(b"three\n")

    assert list(follower.new_lines()) == [("ingest", "three")]
    log.close()


def test_a_server_is_heard_only_when_something_is_wrong() -> None:
    assert is_chatter("nats", "[1] [INF] Server is ready")
    assert not is_chatter("postgres", "FATAL:  could not write to file")
    assert not is_chatter("ingest", "[INF] anything")
