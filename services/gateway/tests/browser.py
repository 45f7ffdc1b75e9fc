"""A gateway on real parts, and the browsers that use it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
from fastapi import FastAPI
from gateway import http
from gateway.auth import Auth, csrf_of
from gateway.context import Context
from gateway.courier import Courier
from gateway.images import Images
from gateway.live import Live
from gateway.passwords import Passwords
from gateway.peers import Peers
from gateway.server import server
from gateway.settings import GatewaySettings
from gateway.store import Account, Accounts, AccountState, Members, Sessions
from kit.blobs import Blobs
from kit.db import Database
from kit.runtime import Health
from kit.testing import Keys, ServeRpc
from korrigo.grading.v1 import grading_service_pb2_grpc as grading
from korrigo.ingest.v1 import ingest_service_pb2_grpc as ingest
from korrigo.notification.v1 import notification_service_pb2_grpc as notification
from local.ports import free_port
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from services.gateway.tests.stand_in import StandIn

PASSWORD = "correct-horse-battery"
#: As the real one, and cheap.
HASHER = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
URL = "https://korrigo.example"
ADDRESS = "203.0.113.7"


@dataclass(frozen=True)
class Gateway:
    """One gateway process, without the process."""

    context: Context
    app: FastAPI
    ingest: StandIn
    grading: StandIn
    notification: StandIn

    @property
    def database(self) -> Database:
        """Its rows."""
        return self.context.database

    @property
    def courier(self) -> Courier:
        """What carries its errands."""
        return Courier(self.database, self.context.auth, self.context.peers.notification)

    def restarted(self, **settings: object) -> Gateway:
        """The same installation after a restart: nothing is kept but rows and files."""
        changed = self.context.settings.model_copy(update=settings)
        context = _context(changed, self.database, self.context.blobs, self.context.peers)
        return replace(self, context=context, app=http.build(context))

    async def account(
        self, email: str = "ada@school.example", *, roles: Iterable[str] = (), is_new: bool = False
    ) -> Account:
        """An account with `PASSWORD`, or one that is only invited."""
        async with self.database.transaction() as session:
            made = await Accounts(session).ensure(email, "Ada Lovelace", "fr", roles)
            if not is_new:
                hashed = HASHER.hash(PASSWORD)
                await Accounts(session).change(made.id, password=hashed, state=AccountState.ACTIVE)
            return await Accounts(session).known(made.id)

    async def join(self, account: Account, exam_id: UUID, role: str) -> None:
        """Make somebody a member of an exam."""
        async with self.database.transaction() as session:
            await Members(session).add(account.id, exam_id, role)

    async def signed_in(self, account: Account, *, at: str | None = None) -> Browser:
        """A browser in which somebody is signed in, without the price of a password."""
        token = secrets.token_urlsafe(32)
        async with self.database.transaction() as session:
            opened = Sessions(session)
            await opened.open(token, account.id, user_agent="test", lasts=timedelta(hours=1))
        browser = self.browser(at=at)
        browser.take(self.context.settings.cookie, token)
        return browser

    async def as_office(self, exam_id: UUID, email: str = "office@school.example") -> Browser:
        """A browser of somebody from an exam's office."""
        account = await self.account(email)
        await self.join(account, exam_id, "office")
        return await self.signed_in(account)

    async def as_admin(self) -> Browser:
        """A browser of an administrator."""
        return await self.signed_in(await self.account("admin@school.example", roles=["admin"]))

    def browser(self, *, at: str | None = None, address: str = ADDRESS) -> Browser:
        """A browser in which nobody is signed in; talks to a socket when told where."""
        url = self.context.settings.public_url
        if at is not None:
            return Browser(httpx2.AsyncClient(base_url=at, timeout=10), origin=url)
        transport = httpx2.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 40_000))
        return Browser(httpx2.AsyncClient(transport=transport, base_url=url), origin=url)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[tuple[str, asyncio.Event]]:
        """Serve on a socket; gives the address, and the event that stops it as SIGTERM does."""
        port, stopping = free_port(), asyncio.Event()
        settings = self.context.settings.model_copy(update={"http_port": port})
        running = asyncio.create_task(_run(self, settings, stopping))
        await _answers(port)
        try:
            yield f"http://127.0.0.1:{port}", stopping
        finally:
            stopping.set()
            await running


class Browser:
    """Sends what a browser sends: cookie, origin and CSRF header."""

    def __init__(self, client: httpx2.AsyncClient, *, origin: str) -> None:
        self.client = client
        self.headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}

    def take(self, cookie: str, token: str) -> None:
        """Hold a session's cookie and CSRF value."""
        self.headers |= {"Cookie": f"{cookie}={token}", "X-Korrigo-CSRF": csrf_of(token)}

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx2.Response:
        """One request to the API; a body gets its request id."""
        headers = self.headers | more.pop("headers", {})
        path = path if path.startswith(("/api/", "/i/", "http")) else f"/api/v1{path}"
        return await self.client.request(method, path, json=body, headers=headers, **more)

    async def get(self, path: str, **more: Any) -> httpx2.Response:
        """Read."""
        return await self.call("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx2.Response:
        """Change."""
        return await self.call("POST", path, {} if body is None else body, **more)

    async def send(self, path: str, content: bytes) -> httpx2.Response:
        """Send a chunk."""
        return await self.client.put(f"/api/v1{path}", content=content, headers=self.headers)

    async def sign_in(self, email: str, password: str = PASSWORD) -> httpx2.Response:
        """Sign in as a person does, and hold what comes back."""
        answer = await self.post("/session", {"email": email, "password": password})
        if answer.status_code == 200:
            self.headers["X-Korrigo-CSRF"] = answer.json()["csrf"]
        return answer


def once() -> dict[str, str]:
    """A new request id."""
    return {"request_id": str(uuid4())}


async def open_gateway(
    database: Database, blobs: Blobs, keys: Keys, serve_rpc: ServeRpc, root: Path
) -> Gateway:
    """A gateway whose peers are real servers with chosen answers."""
    settings = GatewaySettings(
        dsn=database.dsn,  # type: ignore[arg-type]  # pydantic makes a secret of it
        nats_url="nats://gateway@127.0.0.1:4222",  # type: ignore[arg-type]  # the same
        blobs_url=f"file://{root}/blobs",
        signing_key=keys.private["gateway"],  # type: ignore[arg-type]  # the same
        public_keys=keys.public,
        public_url=URL,
        ingest_address="ingest:1",
        grading_address="grading:1",
        notification_address="notification:1",
    )
    names = ("ingest", "grading", "notification")
    standing = {name: StandIn(f"korrigo.{name}.v1.{name.capitalize()}Service") for name in names}
    peers = Peers(
        (await _serve(serve_rpc, ingest, standing, "ingest")).stub(ingest.IngestServiceStub),
        (await _serve(serve_rpc, grading, standing, "grading")).stub(grading.GradingServiceStub),
        (await _serve(serve_rpc, notification, standing, "notification")).stub(
            notification.NotificationServiceStub
        ),
    )
    context = _context(settings, database, blobs, peers)
    return Gateway(context, http.build(context), **standing)


async def _serve(serve_rpc: ServeRpc, module: Any, standing: dict[str, StandIn], name: str) -> Any:
    title = name.capitalize()
    add = getattr(module, f"add_{title}ServiceServicer_to_server")
    return await serve_rpc(name, (add, standing[name], f"korrigo.{name}.v1.{title}Service"))


def _context(settings: GatewaySettings, database: Database, blobs: Blobs, peers: Peers) -> Context:
    health = Health()
    health.add("database", database.ping)
    return Context(
        settings=settings,
        database=database,
        blobs=blobs,
        peers=peers,
        auth=Auth(database, settings, Passwords(HASHER)),
        images=Images(database, peers),
        live=Live(),
        health=health,
    )


async def _run(gateway: Gateway, settings: GatewaySettings, stopping: asyncio.Event) -> None:
    await server(gateway.app, settings, gateway.context.live)(stopping)


async def _answers(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            writer.close()
            return
