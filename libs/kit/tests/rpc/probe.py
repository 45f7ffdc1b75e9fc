"""A service to try the plumbing with, compiled from its contract when imported."""

import importlib
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from grpc_tools import protoc  # type: ignore[import-untyped]  # no stubs
from kit import identity, rpc
from kit.runtime import Health
from kit.settings import RpcSettings, Settings

NAME = "probe.v1.ProbeService"
Act = Callable[[str], Awaitable[str]]


def _compile() -> tuple[Any, Any]:
    here = Path(__file__).parent
    with tempfile.TemporaryDirectory() as target:
        protoc.main(["", f"-I{here}", f"--python_out={target}", f"--grpc_python_out={target}", "probe.proto"])
        sys.path.insert(0, target)
        try:
            return importlib.import_module("probe_pb2"), importlib.import_module("probe_pb2_grpc")
        finally:
            sys.path.remove(target)


pb, pb_grpc = _compile()


class ProbeSettings(Settings, RpcSettings):
    """What the server is told."""

    service: str = "probe"
    grpc_port: int = 0
    drain_seconds: float = 0


class Probe:
    """Answers both methods with what *act* makes of the text."""

    def __init__(self, act: Act) -> None:
        self._act = act

    @rpc.allowed("office", services=("gateway",))
    async def Read(self, request: Any, context: Any) -> Any:
        return pb.Text(text=await self._act(request.text))

    @rpc.allowed("office", services=("gateway",))
    async def Write(self, request: Any, context: Any) -> Any:
        return pb.Text(text=await self._act(request.text))


def server(
    servicer: Probe,
    public_keys: str,
    *,
    port: int = 0,
    health: Health | None = None,
    certificates: rpc.Certificates | None = None,
    health_port: int | None = None,
    tls_callers: str = "",
) -> rpc.Server:
    """Make a server of the probe that loses no time when it stops."""
    settings = ProbeSettings(grpc_port=port)
    return rpc.Server(
        settings.model_copy(update={"health_port": health_port, "tls_callers": tls_callers}),
        identity.Verifier("probe", public_keys),
        [(pb_grpc.add_ProbeServiceServicer_to_server, servicer, NAME)],
        health or Health(),
        certificates=certificates,
    )
