"""A refusal is the same on both sides; a bug is not shown to the other side."""

from collections.abc import Callable

import grpc
import pytest
from kit import errors
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from libs.kit.tests.rpc import probe
from libs.kit.tests.rpc.conftest import Connect, Serve
from libs.kit.tests.rpc.test_access import read


def raising(make: Callable[[], Exception]) -> probe.Act:
    async def act(text: str) -> str:
        raise make()

    return act


@pytest.mark.parametrize("category", errors.CATEGORIES.values())
async def test_a_refusal_crosses_whole(
    category: type[errors.Refusal], serve: Serve, connect: Connect
) -> None:
    reason = type("CopyIsOdd", (category,), {"__doc__": "Copy 3 est étrange."})
    server = await serve(raising(lambda: reason(copy="3")))

    with pytest.raises(category) as caught:
        await read(await connect(server.port))
    assert (caught.value.reason, str(caught.value)) == ("COPY_IS_ODD", "Copy 3 est étrange.")
    assert caught.value.metadata["copy"] == "3"


async def test_a_long_list_of_blockers_crosses(serve: Serve, connect: Connect) -> None:
    blockers = {f"copy-{number}": "not finalized" * 10 for number in range(200)}
    server = await serve(raising(lambda: errors.FailedPrecondition(**blockers)))

    with pytest.raises(errors.FailedPrecondition) as caught:
        await read(await connect(server.port))
    assert caught.value.metadata == blockers


async def test_an_unavailable_peer_says_when_to_come_back(serve: Serve, connect: Connect) -> None:
    server = await serve(raising(errors.Unavailable))

    with pytest.raises(errors.Unavailable) as caught:
        await read(await connect(server.port))
    assert caught.value.metadata == {"retry_after": "1"}


async def test_a_bug_is_logged_once_and_tells_the_other_side_nothing(serve: Serve, connect: Connect) -> None:
    server = await serve(raising(lambda: ValueError("row 17 of table secrets")))

    with capture_logs() as logs, pytest.raises(grpc.aio.AioRpcError) as caught:
        await read(await connect(server.port))
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert "secrets" not in (caught.value.details() or "")
    assert [entry["event"] for entry in logs if entry.get("exc_info")] == ["rpc_failed"]


@pytest.mark.parametrize("side", ["server", "client"])
async def test_outcomes_are_counted_on_both_sides(side: str, serve: Serve, connect: Connect) -> None:
    server = await serve(raising(errors.NotFound))
    labels = {"service": probe.NAME, "method": "Read", "code": "NOT_FOUND"}
    name = f"korrigo_rpc_{side}_seconds_count"
    before = REGISTRY.get_sample_value(name, labels) or 0

    with pytest.raises(errors.NotFound):
        await read(await connect(server.port))
    assert REGISTRY.get_sample_value(name, labels) == before + 1
