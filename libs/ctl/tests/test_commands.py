"""The commands as an operator runs them, in a process of their own."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiosmtpd.smtp import SMTP
from kit.events import Broker
from korrigo.grading.v1.grading_events_pb2 import FaultRaised
from local.broker import Nats
from local.mail import Catcher
from pydantic import SecretStr

LETTER = {
    "Dead-Subject": "korrigo.ingest.v1.Told",
    "Dead-Id": "first",
    "Dead-Consumer": "grading",
    "Dead-Reason": "POPULAR-CURTAINS",
    "Dead-Stack": "where%20it%20failed",
    "Dead-At": "2026-06-15T08:00:00+00:00",
}

Run = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def settings(dsn: SecretStr, nats_server: Nats, files: Path, tmp_path: Path) -> dict[str, str]:
    """Give the environment of the operations' pod."""
    return {
        "KORRIGO_DSN": dsn.get_secret_value(),
        "KORRIGO_SCRATCH_DSN": dsn.get_secret_value(),
        "KORRIGO_RESTORE_DSN": dsn.get_secret_value(),
        "KORRIGO_NATS_URL": nats_server.url(),
        "KORRIGO_BLOBS_URL": f"file://{files}",
        "KORRIGO_BACKUP_URL": f"file://{tmp_path}/backups",
        "KORRIGO_ENVIRONMENT": "development",
    }


@pytest.fixture
def run(settings: dict[str, str]) -> Run:
    """Run `korrigoctl`; give its exit code and what it wrote."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("KORRIGO_")}

    async def act(*arguments: str, **changed: str) -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "ctl",
            *arguments,
            env={**plain, **settings, **changed},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 60)
        return process.returncode or 0, out.decode(), err.decode()

    return act


async def test_backups_are_taken_listed_rehearsed_and_restored(
    run: Run, broker: Broker, tmp_path: Path
) -> None:
    """One answers in JSON what the next one takes."""
    code, out, err = await run("backup", "now", "-o", "json")
    assert (code, err.count("Traceback")) == (0, 0), err
    taken = orjson.loads(out)

    listed = orjson.loads((await run("backup", "ls", "-o", "json"))[1])
    drilled = await run("drill")
    referred = await run("backup", "reference", "--out", str(tmp_path / "reference"), "--max-age", "26h")
    restored = await run("restore", "newest", "--replace")

    assert [each["id"] for each in listed] == [taken["id"]]
    assert (drilled[0], taken["id"] in drilled[1]) == (0, True), drilled
    assert (referred[0], orjson.loads((tmp_path / "reference").read_bytes())["id"]) == (0, taken["id"])
    assert (restored[0], "restored backup" in restored[1]) == (0, True), restored


async def test_what_cannot_be_done_is_one_line_and_an_exit_code(run: Run, broker: Broker) -> None:
    """No stack is shown to an operator."""
    refusals = [
        await run("drill"),
        await run("restore", "20260101T000000Z"),
        await run("dead-letters", "show", "7"),
        await run("backup", "reference", "--out", "/dev/null", "--max-age", "1h"),
    ]

    assert [code for code, _, _ in refusals] == [1] * 4, refusals
    assert all("korrigoctl: " in err and "Traceback" not in err for _, _, err in refusals), refusals


async def test_dead_letters_are_listed_shown_replayed_and_dropped(run: Run, broker: Broker) -> None:
    """A replay sends the message as it was; both end with the letter gone."""
    for number in range(3):
        await broker.publish(
            "dead.grading.korrigo.ingest.v1.Told", b"told", LETTER | {"Nats-Msg-Id": str(number)}
        )

    listed = await run("dead-letters", "ls")
    shown = await run("dead-letters", "show", "1")
    replayed = await run("dead-letters", "replay", "1")
    dropped = await run("dead-letters", "drop", "2")
    left = orjson.loads((await run("dead-letters", "ls", "-o", "json"))[1])

    assert (listed[0], listed[1].count("POPULAR-CURTAINS")) == (0, 3), listed
    assert "where it failed" in shown[1]
    assert (replayed[1], dropped[1]) == ("sent again: 1\n", "dropped: 1\n")
    assert [each["sequence"] for each in left] == [3]
    assert (await broker.jetstream.get_msg("FACTS", seq=1)).data == b"told"


async def test_operators_are_told_that_a_fault_is_over_with_its_last_letter(run: Run, broker: Broker) -> None:
    for number in range(2):
        await broker.publish(
            "dead.grading.korrigo.ingest.v1.Told", b"", LETTER | {"Nats-Msg-Id": str(number)}
        )

    await run("dead-letters", "drop", "1")
    facts = (await broker.jetstream.stream_info("FACTS")).state.messages
    await run("dead-letters", "drop", "2")

    told = FaultRaised.FromString((await broker.jetstream.get_msg("FACTS", seq=1)).data or b"")
    about = "grading korrigo.ingest.v1.Told POPULAR-CURTAINS"
    assert (facts, told) == (0, FaultRaised(name="MessageDead", about=about, is_over=True))


async def test_the_doctor_finds_what_is_wrong(run: Run, broker: Broker, tmp_path: Path) -> None:
    """It ends with 1 and names the part; the others are looked at all the same."""
    catching = await asyncio.get_running_loop().create_server(lambda: SMTP(Catcher(tmp_path)), "127.0.0.1", 0)
    async with catching:
        mail = f"smtp://127.0.0.1:{catching.sockets[0].getsockname()[1]}"
        well = await run("doctor", "-o", "json", KORRIGO_SMTP_URL=mail)
    ill = await run("doctor", "-o", "json", KORRIGO_SMTP_URL=mail, KORRIGO_BLOBS_URL="file:///proc/nowhere")

    assert {each["name"]: each["verdict"] for each in _answer(well)} == dict.fromkeys(
        ("database", "clock", "broker", "files", "backups", "scratch database", "mail"), "ok"
    )
    assert {each["name"] for each in _answer(ill) if each["verdict"] == "failed"} == {"files", "mail"}
    assert (well[0], ill[0]) == (0, 1)


def _answer(ended: tuple[int, str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(ended[1])
    return found


async def test_who_leaves_nothing_behind_has_nothing_to_sweep(run: Run) -> None:
    code, out, _ = await run("sweep", "gateway", "notification", "rasterizer")

    assert code == 0
    assert out.count(" has nothing to sweep: ") == 3
