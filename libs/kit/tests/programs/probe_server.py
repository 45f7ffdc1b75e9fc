"""Serve the probe as a process of its own: `probe_server.py PORT PUBLIC_KEYS`."""

import asyncio
import sys

from kit import runtime
from kit.runtime import Health

from libs.kit.tests.rpc import probe


async def answer(text: str) -> str:
    """Answer with the text, or never when it is "hang"."""
    if text == "hang":
        print("hanging", flush=True)
        await asyncio.Event().wait()
    return text


async def serve() -> None:
    """Run the server, with /readyz beside it."""
    health = Health()
    server = probe.server(probe.Probe(answer), sys.argv[2], port=int(sys.argv[1]), health=health)
    await runtime.run(server.loop, runtime.ops(probe.ProbeSettings(), health))


if __name__ == "__main__":
    runtime.main(serve)
