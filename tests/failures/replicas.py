"""Several processes of one service behind one address, rolled and killed as a Deployment's pods are."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil
from local.ports import free_port
from local.system import System

from tests.failures.address import Address
from tests.failures.probes import answers
from tests.waiting import until

#: Settings with which a service listens where it is told to.
LISTENS = {"gateway": "KORRIGO_HTTP_PORT", "grading": "KORRIGO_GRPC_PORT"}
#: As in a cluster, whose waits are longer than those of one machine.
CLUSTER = {"KORRIGO_CONNECT_SECONDS": "10", "KORRIGO_DRAIN_SECONDS": "2"}


class Replica:
    """One more process of a service, told what the system's own is told."""

    def __init__(self, system: System, service: str, log: Path, settings: Mapping[str, str]) -> None:
        self.port, self._ops_port, self._log = free_port(), free_port(), log
        ports = {LISTENS[service]: str(self.port), "KORRIGO_OPS_PORT": str(self._ops_port)}
        told = {**psutil.Process(system.pid(service)).environ(), **CLUSTER, **settings, **ports}
        with log.open("ab") as file:
            command = [sys.executable, "-m", service, "serve"]
            self._process = subprocess.Popen(command, env=told, stdout=file, stderr=file)

    def is_ready(self) -> bool:
        """Tell what its readiness probe would be told; fail if it has ended."""
        assert self._process.poll() is None, self._log.read_text()[-2000:]
        return answers(self._ops_port, "/readyz")

    def end(self) -> int:
        """Have it drain; return its exit code."""
        self._process.terminate()
        return self._process.wait(timeout=60)

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.kill()
        self._process.wait(timeout=10)


@dataclass
class Deployment:
    """Two replicas of a service behind their address."""

    system: System
    service: str
    log: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    address: Address = field(default_factory=Address)
    replicas: list[Replica] = field(default_factory=list)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.address)
            stack.callback(self._end)
            self.replicas += [self._start(), self._start()]
            self._serve()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def roll(self, *, streams: int = 0) -> Iterator[int]:
        """Replace one after the other; give each exit code. So many *streams* do not leave by themselves."""
        for old in list(self.replicas):
            yield self._replace(old, streams=streams)

    def kill(self) -> Replica:
        """Kill a replica; its address is as slow as a probe to notice, which is told by `mend`."""
        self.replicas[0].kill()
        return self.replicas[0]

    def mend(self, killed: Replica) -> None:
        """Take a killed replica away and start another."""
        self.replicas.remove(killed)
        self.address.put(*(one.port for one in self.replicas))
        self.replicas.append(self._start())
        self._serve()

    def _replace(self, old: Replica, *, streams: int) -> int:
        self.replicas.append(self._start())
        self._serve()
        self.replicas.remove(old)
        self.address.put(*(one.port for one in self.replicas))
        until(lambda: self.address.connections(old.port) <= streams, "the connections to move", seconds=40)
        return old.end()

    def _start(self) -> Replica:
        return Replica(self.system, self.service, self.log, self.settings)

    def _serve(self) -> None:
        """Send connections to all once all are ready."""
        until(lambda: all(one.is_ready() for one in self.replicas), f"{self.service} to be ready", seconds=90)
        self.address.put(*(one.port for one in self.replicas))

    def _end(self) -> None:
        for one in self.replicas:
            one.kill()
