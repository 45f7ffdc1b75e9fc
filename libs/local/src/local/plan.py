"""What runs, in which order, and what each process is told."""

import os
import shutil
import signal
import socket
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from ctl import rights, roles
from ctl.roles import STATEFUL

from local import database, migrations, store
from local.broker import Nats
from local.home import Home
from local.keys import Secrets
from local.observe import Alertmanager, Prometheus
from local.ports import LOOPBACK, Ports
from local.postgres import Postgres
from local.store import Store

PEERS = ("ingest", "grading", "notification")
WEB_ROOT = Path(__file__).parents[4] / "services" / "web" / "dist"
SENDER = "Korrigo <korrigo@localhost>"
OPERATORS = '[{"name": "operators", "url": "mailto:operators@localhost"}]'


@dataclass(frozen=True)
class Options:
    """What the caller of `up` chooses."""

    http_port: int | None = None
    s3: bool = False
    durable: bool = True
    #: Whether Prometheus and Alertmanager run too.
    observe: bool = False
    #: More environment by process name; "*" is every service.
    environment: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Process:
    """One process: how to start it, how to know that it is ready, how to end it."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    #: Runs before each start, restarts included.
    prepare: Callable[[], None] | None = None
    #: Says whether it is ready; a process without it is a step that must end well.
    is_ready: Callable[[], bool] | None = None
    ops_port: int | None = None
    stop_signal: int = signal.SIGTERM


@dataclass(frozen=True)
class Stage:
    """Processes that start together and end together, before those of the stages above."""

    processes: tuple[Process, ...]
    #: Whether the next stage waits until all of them, and all before them, are ready.
    is_awaited: bool = True
    #: Runs when all of them are ready.
    then: Callable[[], None] | None = None


class Plan:
    """The stages of one installation, from its data directory and options."""

    def __init__(self, home: Home, options: Options) -> None:
        self.home = home
        self.options = options
        self.secrets = Secrets(home.secrets)
        self.ports = Ports(home.ports)
        self.ports.renew()
        if options.http_port:
            self.ports.ask("http", options.http_port)
        self.postgres = self._postgres()
        self.nats = Nats(home.nats, port=self.ports["nats"], users=rights.users(self.secrets))
        self.store = (
            Store(home.directory / "s3", secret_key=self.secrets.password("s3")) if options.s3 else None
        )

    @property
    def url(self) -> str:
        """Give the address for browsers."""
        return f"http://{LOOPBACK}:{self.ports['http']}"

    @property
    def smtp(self) -> str:
        """Give the address of the mail catcher."""
        return f"smtp://{LOOPBACK}:{self.ports['smtp']}"

    @property
    def prometheus(self) -> str:
        """Give the address of Prometheus."""
        return f"http://{LOOPBACK}:{self.ports['prometheus']}"

    @property
    def alertmanager(self) -> str:
        """Give the address of Alertmanager."""
        return f"http://{LOOPBACK}:{self.ports['alertmanager']}"

    @property
    def alert_token(self) -> str:
        """Give what an Alertmanager presents to notification."""
        return self.secrets.password("alertmanager")

    def stages(self) -> tuple[Stage, ...]:
        """List what starts, in order: servers, migrations, services."""
        code = migrations.fingerprint(("kit", "local", "rasterizer", *STATEFUL))
        servers, services = Stage(tuple(self._servers())), Stage(tuple(self._services()))
        last = (Stage(tuple(self._observers(services.processes))),) if self.options.observe else ()
        if migrations.are_done(self.home, code):
            # Services take longer to load than the servers to start: both at once saves the difference.
            return (replace(servers, is_awaited=False), services, *last)
        set_up = partial(database.set_up, self.postgres, STATEFUL, self.secrets)
        steps = tuple(self._step(service, "migrate") for service in (*STATEFUL, "rasterizer"))
        migrate = Stage(steps, then=partial(migrations.mark_done, self.home, code))
        return (replace(servers, then=set_up), migrate, services, *last)

    def environment(self, service: str) -> dict[str, str]:
        """Give what any command of a service is told."""
        settings = self._common(service) | self._files() | self._own(service)
        if service in STATEFUL:
            settings |= {"KORRIGO_DSN": self._dsn(service)} | self._identity(service)
        chosen = self.options.environment
        return {**_inherited(), **settings, **chosen.get("*", {}), **chosen.get(service, {})}

    def operations(self) -> dict[str, str]:
        """Give the environment of the operators' own commands, as their jobs have it in a cluster."""
        return {
            "KORRIGO_ENVIRONMENT": "development",
            "KORRIGO_DSN": self.postgres.dsn(roles.DATABASE),
            "KORRIGO_SCRATCH_DSN": self.postgres.dsn(),
            "KORRIGO_NATS_URL": self.nats.url("operator"),
            "KORRIGO_BACKUP_URL": f"file://{self.home.directory / 'backups'}",
            **self._files(),
        }

    def command(self, service: str, *arguments: str) -> tuple[str, ...]:
        """Give the command line of a service's command."""
        return (sys.executable, "-m", service, *arguments)

    def _postgres(self) -> Postgres:
        password = self.secrets.password("postgres.superuser")
        durable = self.options.durable
        return Postgres(self.home.postgres, port=self.ports["postgres"], password=password, durable=durable)

    def _servers(self) -> list[Process]:
        servers = [
            _server("postgres", self.postgres, stop_signal=signal.SIGINT),
            _server("nats", self.nats),
            self._mail(),
        ]
        return [*servers, _server("s3", self.store)] if self.store else servers

    def _observers(self, services: Sequence[Process]) -> Iterator[Process]:
        jobs = {process.name: process.ops_port for process in services if process.ops_port}
        port, directory = self.ports["alertmanager"], self.home.directory / "observe"
        yield _server("alertmanager", Alertmanager(directory, port, jobs["notification"], self.alert_token))
        yield _server("prometheus", Prometheus(directory, self.ports["prometheus"], port, jobs))

    def _mail(self) -> Process:
        port = self.ports["smtp"]
        command = (sys.executable, "-m", "local.mail", str(port), str(self.home.mail))
        return Process("mail", command, _inherited(), is_ready=partial(_answers_tcp, port))

    def _step(self, service: str, command: str) -> Process:
        rights = {"KORRIGO_NATS_URL": self.nats.url("migrate")}
        if service in STATEFUL:
            rights["KORRIGO_MIGRATE_DSN"] = self._dsn(roles.owner(service))
        environment = self.environment(service) | rights
        return Process(f"{service}-{command}", self.command(service, command), environment)

    def _services(self) -> list[Process]:
        loops = [(service, command) for service in PEERS for command in ("serve", "consume")]
        return [self._service(*each) for each in (*loops, ("rasterizer", "consume"), ("gateway", "serve"))]

    def _service(self, service: str, command: str) -> Process:
        name = service if command == "serve" or service == "rasterizer" else f"{service}-{command}"
        port = self.ports[f"{name}.ops"]
        chosen = self.options.environment.get(name, {})
        environment = self.environment(service) | {"KORRIGO_OPS_PORT": str(port), **chosen}
        ready = [f"http://{LOOPBACK}:{port}/readyz"]
        if service == "gateway":
            ready.append(f"{self.url}/api/v1/session")
        return Process(
            name,
            self.command(service, command),
            environment,
            prepare=self._empty_scratch if service == "rasterizer" else None,
            is_ready=partial(answer, *ready),
            ops_port=port,
        )

    def _empty_scratch(self) -> None:
        """Remove what a killed rasterizer was working on; the queue has it still."""
        shutil.rmtree(self.home.scratch, ignore_errors=True)

    def _common(self, service: str) -> dict[str, str]:
        # Nothing balances between processes here: neither start nor end waits for anybody to hear of it.
        waits = {"KORRIGO_CONNECT_SECONDS": "0", "KORRIGO_DRAIN_SECONDS": "0"}
        return {"KORRIGO_ENVIRONMENT": "development", "KORRIGO_NATS_URL": self.nats.url(service)} | waits

    def _files(self) -> dict[str, str]:
        if self.store is None:
            return {"KORRIGO_BLOBS_URL": f"file://{self.home.store}"}
        return {
            "KORRIGO_BLOBS_URL": f"s3://{store.BUCKET}",
            "KORRIGO_S3_ENDPOINT": self.store.endpoint,
            "KORRIGO_S3_REGION": store.REGION,
            "KORRIGO_S3_ACCESS_KEY": store.ACCESS_KEY,
            "KORRIGO_S3_SECRET_KEY": self.store.secret_key,
        }

    def _dsn(self, role: str) -> str:
        return self.postgres.dsn(roles.DATABASE, role, self.secrets.password(roles.password_name(role)))

    def _identity(self, service: str) -> dict[str, str]:
        peers = {
            f"KORRIGO_{peer.upper()}_ADDRESS": f"{LOOPBACK}:{self.ports[f'{peer}.grpc']}" for peer in PEERS
        }
        return peers | {
            "KORRIGO_SIGNING_KEY_FILE": str(self.secrets.signing_key(service)),
            "KORRIGO_PUBLIC_KEYS_FILE": str(self.secrets.public_keys(STATEFUL)),
        }

    def _own(self, service: str) -> dict[str, str]:
        match service:
            case "gateway":
                web = {"KORRIGO_WEB_ROOT": str(WEB_ROOT)} if WEB_ROOT.exists() else {}
                return {"KORRIGO_HTTP_PORT": str(self.ports["http"]), "KORRIGO_PUBLIC_URL": self.url, **web}
            case "notification":
                mail = {"KORRIGO_SMTP_URL": self.smtp, "KORRIGO_MAIL_FROM": SENDER}
                told = {"KORRIGO_OPERATORS": OPERATORS, "KORRIGO_ALERT_TOKEN": self.alert_token}
                return mail | told | {"KORRIGO_PUBLIC_URL": self.url, **self._grpc_port(service)}
            case "rasterizer":
                return {"KORRIGO_SCRATCH": str(self.home.scratch)}
            case "ingest" | "grading":
                return self._grpc_port(service)
            case _:
                return {}

    def _grpc_port(self, service: str) -> dict[str, str]:
        return {"KORRIGO_GRPC_PORT": str(self.ports[f"{service}.grpc"])}


def answer(*urls: str) -> bool:
    """Say whether every address answers 200."""
    try:
        for url in urls:
            urllib.request.urlopen(url, timeout=5).close()
    except OSError:
        return False
    return True


Server = Postgres | Nats | Store | Prometheus | Alertmanager


def _server(name: str, server: Server, *, stop_signal: int = signal.SIGTERM) -> Process:
    return Process(
        name,
        tuple(server.command()),
        _inherited(),
        prepare=server.prepare,
        is_ready=server.is_ready,
        stop_signal=stop_signal,
    )


def _answers_tcp(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as connection:
            return bool(connection.recv(64))
    except OSError:
        return False


def _inherited() -> dict[str, str]:
    """Give the caller's environment without its settings, which are for other installations."""
    return {name: value for name, value in os.environ.items() if not name.startswith("KORRIGO_")}
