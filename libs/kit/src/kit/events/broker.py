"""A connection to NATS that outlives the server's restarts."""

import asyncio
import time
from typing import Self
from urllib.parse import urlsplit

import nats.errors
import nats.js.errors
from google.protobuf.message import Message
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import PubAck
from pydantic import SecretStr

from kit import errors
from kit.events.messages import MESSAGE_ID
from kit.telemetry import get_logger

#: How often the same fault is told at most.
_SAME_FAULT_SECONDS = 60
_REFUSALS = (nats.errors.Error, nats.js.errors.Error, OSError, asyncio.TimeoutError)


class BrokerUnavailable(errors.Unavailable):
    """The message broker does not answer; try again in a moment."""


class Broker:
    """
    A connection to NATS, opened in the background and reopened for ever.

    Entering waits two seconds at most: a server that does not need the broker at once starts without it.
    """

    def __init__(self, url: str | SecretStr, *, fault: type[Message] | None = None) -> None:
        self._url = url.get_secret_value() if isinstance(url, SecretStr) else url
        #: The user whose rights the connection has; part of the subject of what it gives up.
        self.service = urlsplit(self._url).username or "anonymous"
        #: Where the server is, without the password.
        self.address = urlsplit(self._url).netloc.rpartition("@")[2]
        #: What went wrong last, for whoever waits in vain.
        self.trouble = ""
        self._fault = fault
        self.reconnected_at = float("-inf")
        self._client = Client()
        self._up = asyncio.Event()
        self._log = get_logger()
        self.jetstream: JetStreamContext = self._client.jetstream(timeout=5)

    @property
    def connected(self) -> bool:
        """Tell whether the server is there now."""
        return bool(self._client.is_connected)

    async def __aenter__(self) -> Self:
        connect = self._client.connect(
            self._url,
            name=self.service,
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            connect_timeout=2,
            ping_interval=10,
            error_cb=self._failed,
            disconnected_cb=self._disconnected,
            reconnected_cb=self._reconnected,
        )
        self._connecting = asyncio.create_task(connect)
        self._connecting.add_done_callback(self._connected)
        await asyncio.wait([self._connecting], timeout=2)
        return self

    async def __aexit__(self, *_: object) -> None:
        # A cancellation that comes with the answer to a try is lost in `wait_for`: repeat it.
        while not self._connecting.done():
            self._connecting.cancel()
            await asyncio.wait([self._connecting], timeout=0.5)
        await self._client.close()

    async def ready(self, within: float | None = None) -> None:
        """Wait for the connection; refuse with `BrokerUnavailable` when it takes longer than *within*."""
        if self._client.is_closed:
            raise ConnectionError("the broker has closed the connection for good")
        if self._up.is_set():
            return
        try:
            await asyncio.wait_for(self._up.wait(), within)
        except TimeoutError as error:
            raise BrokerUnavailable(retry_after="2") from error

    async def ping(self) -> None:
        """Refuse with `BrokerUnavailable` unless the server answers."""
        if not self.connected:
            raise BrokerUnavailable(retry_after="2")
        try:
            await self._client.flush(timeout=2)
        except _REFUSALS as error:
            raise BrokerUnavailable(retry_after="2") from error

    async def publish(
        self, subject: str, payload: bytes, headers: dict[str, str], *, patience: float = 0
    ) -> PubAck:
        """Store a message in its stream; sit out an outage of up to *patience* seconds."""
        deadline = time.monotonic() + patience
        while True:
            try:
                await self.ready(within=max(0.0, deadline - time.monotonic()))
                return await self._publish(subject, payload, headers)
            except BrokerUnavailable:
                if time.monotonic() >= deadline:
                    raise
                await asyncio.sleep(0.2)

    async def raise_fault(self, name: str, *, about: str, detail: str, is_over: bool = False) -> None:
        """Tell operators what is wrong or over, by the service's own fact; repeats soon after are dropped."""
        if self._fault is None:
            return
        fact = self._fault(name=name, about=about, detail=detail, is_over=is_over)
        bucket = int(time.time() // _SAME_FAULT_SECONDS)
        state = "over" if is_over else "on"
        headers = {MESSAGE_ID: f"{self.service}-{name}-{about}-{state}-{bucket}"}
        await self.publish(fact.DESCRIPTOR.full_name, fact.SerializeToString(), headers, patience=60)

    async def _publish(self, subject: str, payload: bytes, headers: dict[str, str]) -> PubAck:
        try:
            return await self.jetstream.publish(subject, payload, timeout=5, headers=headers)
        except nats.errors.MaxPayloadError:
            raise
        except _REFUSALS as error:
            raise BrokerUnavailable(retry_after="2") from error

    def _connected(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self._up.set()

    async def _failed(self, error: Exception) -> None:
        # A server that refuses a user says so and then hangs up: what it said is the reason.
        if not (self.trouble and isinstance(error, ConnectionResetError)):
            self.trouble = str(error) or type(error).__name__
        self._log.warning("broker_error", error=repr(error))

    async def _disconnected(self) -> None:
        self._up.clear()
        if not self._client.is_closed:
            self._log.warning("broker_disconnected")

    async def _reconnected(self) -> None:
        self.reconnected_at = time.monotonic()
        self._up.set()
        self._log.info("broker_reconnected")
