"""A browser that follows live events, and comes back with the last one when its stream ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2

from tests.client import API
from tests.waiting import until


@dataclass
class Stream:
    """The ids of the events that were heard, over all connections."""

    browser: httpx2.Client
    heard: list[int] = field(default_factory=list)
    is_open: threading.Event = field(default_factory=threading.Event)
    is_over: threading.Event = field(default_factory=threading.Event)
    clean_ends: int = 0
    torn: int = 0

    def follow(self) -> None:
        """Read until told to stop, one connection after the other."""
        while not self.is_over.is_set():
            try:
                self._read()
                self.clean_ends += 1
            except httpx2.TransportError:
                self.torn += not self.is_over.is_set()

    def _read(self) -> None:
        headers = {"Last-Event-ID": str(self.heard[-1])} if self.heard else {}
        with self.browser.stream("GET", f"{API}/events", headers=headers) as stream:
            assert stream.status_code == 200, stream.status_code
            for line in stream.iter_lines():
                self.is_open.set()
                name, _, value = line.partition(": ")
                assert value != "reset", "events were missed"
                if name == "id":
                    self.heard.append(int(value))


@contextmanager
def following(browser: httpx2.Client) -> Iterator[Stream]:
    """Follow while the block runs; the last connection ends with its server."""
    stream = Stream(browser)
    threading.Thread(target=stream.follow, daemon=True).start()
    until(stream.is_open.is_set, "the stream of events to open", seconds=20)
    try:
        yield stream
    finally:
        stream.is_over.set()
