"""The Secrets of an installation in Kubernetes, and what its database, broker and object store are told."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from ctl import rights, roles
from ctl.keys import Fresh, public_keys
from ctl.roles import DATABASE, OPERATIONS, SCRATCH, STATEFUL

BUCKET, BACKUPS = "korrigo", "korrigo-backups"
#: The buckets that each identity reads and writes; who is not here has no key.
_FILES = {
    "ingest": (BUCKET,),
    "gateway": (BUCKET,),
    "grading": (BUCKET,),
    "rasterizer": (BUCKET,),
    OPERATIONS: (BUCKET, BACKUPS),
}

Manifest = Mapping[str, Any]


@dataclass(frozen=True)
class Places:
    """Where the neighbours are, as pods reach them."""

    #: host:port each.
    postgres: str = "postgres:5432"
    nats: str = "nats:4222"
    smtp: str = "smtp://mail:1025"


@dataclass(frozen=True)
class Installation:
    """One installation's namespace, neighbours and fresh secrets."""

    namespace: str
    places: Places = field(default_factory=Places)
    #: An S3 key that exists already; without it each identity gets one of its own, for a server told of them.
    s3_key: tuple[str, str] | None = None
    secrets: Fresh = field(default_factory=Fresh)

    def manifests(self) -> Iterator[Manifest]:
        """List everything in the order in which one would read it."""
        for service in rights.ORDERS:
            yield self._secret(service, self._service(service))
        yield self._secret("migrations", self._migrations())
        yield self._secret("operations", self._operations())
        yield self._secret("operator", self._operator())
        keys = [self.secrets.signing_key(workload) for workload in (*STATEFUL, "ctl")]
        yield described(
            "ConfigMap", "public-keys", self.namespace, data={"jwks": json.dumps(public_keys(keys))}
        )
        yield self._secret("postgres-server", self._postgres_server())
        yield self._secret("nats-server", {"nats.conf": self._nats_server()})
        if self.s3_key is None:
            yield self._secret("s3-server", {"s3.json": self._s3_server()})

    def _service(self, service: str) -> dict[str, str]:
        told = {"nats-url": self._nats(service)} | self._s3(service)
        if service in STATEFUL:
            told |= {"dsn": self._dsn(service), "signing-key": self._signing_key(service)}
        if service == "notification":
            told |= {"smtp-url": self.places.smtp, "alert-token": self.secrets.password("alertmanager")}
        return told

    def _migrations(self) -> dict[str, str]:
        owners = {f"{service}-migrate-dsn": self._dsn(roles.owner(service)) for service in STATEFUL}
        return owners | {"nats-url": self._nats("migrate")}

    def _operations(self) -> dict[str, str]:
        return {
            "dsn": self._dsn(OPERATIONS),
            "scratch-dsn": self._dsn(SCRATCH, database="postgres"),
            "nats-url": self._nats("ctl"),
            "signing-key": self._signing_key("ctl"),
            **self._s3(OPERATIONS),
        }

    def _operator(self) -> dict[str, str]:
        """What only people use: to replay what was given up, and to restore."""
        return {
            "nats-url": self._nats("operator"),
            "restore-dsn": self._dsn(roles.SUPERUSER),
        }

    def _postgres_server(self) -> dict[str, str]:
        return {
            "password": self.secrets.password(roles.password_name(roles.SUPERUSER)),
            "roles.sql": roles.script(self.secrets),
        }

    def _nats_server(self) -> str:
        settings = {
            "server_name": "korrigo",
            "listen": "0.0.0.0:4222",
            "http": "0.0.0.0:8222",
            "jetstream": {"store_dir": "/data"},
            "max_payload": 1_048_576,
            "authorization": rights.authorization(rights.users(self.secrets)),
        }
        return json.dumps(settings, indent=2)

    def _s3_server(self) -> str:
        identities = [
            {
                "name": name,
                "credentials": [{"accessKey": name, "secretKey": self.secrets.password(f"s3.{name}")}],
                "actions": [f"{verb}:{bucket}" for bucket in buckets for verb in ("Read", "Write", "List")],
            }
            for name, buckets in _FILES.items()
        ]
        return json.dumps({"identities": identities}, indent=2)

    def _s3(self, identity: str) -> dict[str, str]:
        if identity not in _FILES:
            return {}
        access, secret = self.s3_key or (identity, self.secrets.password(f"s3.{identity}"))
        return {"s3-access-key": access, "s3-secret-key": secret}

    def _dsn(self, role: str, *, database: str = DATABASE) -> str:
        password = self.secrets.password(roles.password_name(role))
        return f"postgresql://{role}:{password}@{self.places.postgres}/{database}"

    def _nats(self, user: str) -> str:
        return f"nats://{user}:{self.secrets.password(f'nats.{user}')}@{self.places.nats}"

    def _signing_key(self, workload: str) -> str:
        return json.dumps(self.secrets.signing_key(workload))

    def _secret(self, name: str, content: Mapping[str, str]) -> Manifest:
        return described("Secret", name, self.namespace, type="Opaque", stringData=dict(content))


def described(kind: str, name: str, namespace: str, **content: Any) -> Manifest:
    """Give an object of the core API its name and label."""
    labels = {"app.kubernetes.io/part-of": "korrigo"}
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **content}


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as they are."""


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def as_yaml(manifests: Iterable[Manifest]) -> str:
    """Write manifests as kubectl reads them."""
    return yaml.dump_all(manifests, Dumper=_Dumper, sort_keys=False)
