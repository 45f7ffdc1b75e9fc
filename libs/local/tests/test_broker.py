"""The embedded NATS keeps its streams and holds each user to its rights."""

from collections.abc import Iterator
from pathlib import Path

import nats
import pytest
from ctl.rights import Rights
from local.broker import Nats
from nats.errors import NoRespondersError
from nats.js.api import StreamConfig

USERS = {
    "migrate": Rights("m"),
    "ingest": Rights("i-1", publish=("korrigo.ingest.>",), subscribe=("_INBOX.>",)),
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Nats]:
    made = Nats(tmp_path / "nats", users=USERS)
    made.start()
    yield made
    made.kill()


async def declare(server: Nats) -> None:
    client = await nats.connect(server.url("migrate"), allow_reconnect=False)
    await client.jetstream().add_stream(StreamConfig(name="FACTS", subjects=["korrigo.>"]))
    await client.close()


async def publish(server: Nats, user: str, subject: str) -> None:
    client = await nats.connect(server.url(user), allow_reconnect=False, error_cb=ignore)
    try:
        await client.jetstream().publish(subject, b"1", timeout=1)
    finally:
        await client.close()


async def ignore(_: Exception) -> None:
    """Let the refusal show as a missing answer."""


async def count(server: Nats) -> int:
    client = await nats.connect(server.url("migrate"), allow_reconnect=False)
    info = await client.jetstream().stream_info("FACTS")
    await client.close()
    return info.state.messages


async def test_a_killed_server_keeps_acknowledged_messages(server: Nats) -> None:
    await declare(server)
    await publish(server, "ingest", "korrigo.ingest.v1.ScanAccepted")

    server.kill()
    server.start()

    assert await count(server) == 1


async def test_a_user_publishes_only_what_is_its_own(server: Nats) -> None:
    await declare(server)

    with pytest.raises((nats.errors.TimeoutError, NoRespondersError)):
        await publish(server, "ingest", "korrigo.grading.v1.CopyOpened")

    assert await count(server) == 0


async def test_a_stranger_is_refused(server: Nats) -> None:
    with pytest.raises(nats.errors.Error, match="Authorization"):
        await nats.connect(f"nats://127.0.0.1:{server.port}", allow_reconnect=False, error_cb=ignore)


async def test_a_new_server_ends_the_orphan_on_its_directory(server: Nats, tmp_path: Path) -> None:
    heir = Nats(tmp_path / "nats", users=USERS)

    heir.start()

    assert server.pid is None
    heir.stop()
