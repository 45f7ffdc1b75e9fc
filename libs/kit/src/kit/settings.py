"""What a process is told from outside, checked before it does anything.

Every field comes from `KORRIGO_<FIELD>` or from the file that `KORRIGO_<FIELD>_FILE` names. A service
combines `Settings` with the mixins it needs.
"""

import json
import os
import re
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

PREFIX = "KORRIGO_"
EX_CONFIG = 78
WEAK_PASSWORD_LENGTH = 16
#: gRPC may be told which resolver to use; the rest is a name or an address, and a port.
ADDRESS = re.compile(r"(dns:///)?[\w.-]+:\d{1,5}|(dns:///)?\[[0-9a-fA-F:]+\]:\d{1,5}")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}

Port = Annotated[int, Field(ge=0, le=65535)]


def _url(value: str, *schemes: str) -> SplitResult:
    """Take a URL apart; ValueError unless it has one of *schemes* and a host."""
    try:
        url = urlsplit(value)
        _ = url.port  # checked only when asked for
    except ValueError:  # quotes what it takes for a port, perhaps half a password
        raise ValueError("is no URL; special characters in a password are written as %XX") from None
    if url.scheme not in schemes:
        raise ValueError(f"must be a URL that begins with {' or '.join(f'{s}://' for s in schemes)}")
    if not url.hostname:
        raise ValueError("names no host")
    return url


def _refuse_weak(url: SplitResult) -> None:
    """Ask for a real password wherever the network is not only this machine."""
    if url.hostname not in LOOPBACK and len(url.password or "") < WEAK_PASSWORD_LENGTH:
        raise ValueError(f"needs a password of at least {WEAK_PASSWORD_LENGTH} characters for {url.hostname}")


def _dsn(value: SecretStr) -> SecretStr:
    url = _url(value.get_secret_value(), "postgresql", "postgres")
    if not url.path.strip("/"):
        raise ValueError("names no database")
    if not url.username:
        raise ValueError("names no user")
    _refuse_weak(url)
    return value


def _nats_url(value: SecretStr) -> SecretStr:
    _refuse_weak(_url(value.get_secret_value(), "nats", "tls"))
    return value


def _http_url(value: str) -> str:
    _url(value, "http", "https")
    return value


def _address(value: str) -> str:
    if not ADDRESS.fullmatch(value):
        raise ValueError("must be host:port")
    return value


HttpUrl = Annotated[str, AfterValidator(_http_url)]
#: Where a peer answers gRPC.
Address = Annotated[str, AfterValidator(_address)]


def _blobs_url(value: str) -> str:
    url = urlsplit(value)
    if url.scheme == "file" and not url.netloc and url.path.startswith("/"):
        return value
    if url.scheme == "s3" and url.netloc:
        return value
    raise ValueError("must be file:///directory or s3://bucket")


def _key(value: Any) -> Mapping[str, Any]:
    """Check that *value* is an Ed25519 JWK that says whose it is."""
    if not isinstance(value, dict) or (value.get("kty"), value.get("crv")) != ("OKP", "Ed25519"):
        raise ValueError("must hold Ed25519 keys as JWK (kty OKP, crv Ed25519)")
    if missing := [name for name in ("kid", "iss", "x") if not value.get(name)]:
        raise ValueError(f"has a key without {' and '.join(missing)}")
    return value


def _private_key(value: SecretStr) -> SecretStr:
    if not _key(_json(value.get_secret_value())).get("d"):
        raise ValueError("is a public key; the private one is needed to sign")
    return value


def _public_keys(value: str) -> str:
    keys = _json(value)
    if not isinstance(keys, dict) or not isinstance(keys.get("keys"), list) or not keys["keys"]:
        raise ValueError('must be a JSON Web Key Set: {"keys": [...]}')
    if any(_key(key).get("d") for key in keys["keys"]):
        raise ValueError("holds a private key; give the public parts only")
    return value


def _json(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError("is not JSON") from None  # the cause would quote the secret


class _Files(EnvSettingsSource):
    """The fields whose values lie in files, as Kubernetes mounts secrets."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        fields = (f"{PREFIX}{field.upper()}" for field in self.settings_cls.model_fields)
        return {name.lower(): _content(f"{name}_FILE") for name in fields if f"{name}_FILE" in os.environ}


def _content(name: str) -> str:
    path = Path(os.environ[name])
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name}: cannot read {path}: {error.__class__.__name__}") from error


class Settings(BaseSettings):
    """What every process is told."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True, validate_default=True
    )

    #: The one name of folder, package, Deployment and trace service; each service sets it.
    service: str
    environment: Literal["production", "development"] = "production"
    debug: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    #: Of the events of everyday success, how many are logged: 1 is all.
    log_share: float = Field(default=1.0, ge=0, le=1)
    host: str = "127.0.0.1"
    #: Where /livez, /readyz and /metrics answer; 0 picks a free port.
    ops_port: Port = 0
    otlp_endpoint: HttpUrl | None = None
    #: Of the traces that begin here, how many are recorded.
    trace_share: float = Field(default=1.0, ge=0, le=1)
    #: Where failures are reported, as Sentry's project settings show it.
    sentry_dsn: SecretStr | None = None
    version: str = Field(default_factory=lambda: metadata.version("korrigo-kit"))

    @model_validator(mode="after")
    def _refuse_debug_in_production(self) -> Self:
        if self.debug and self.environment == "production":
            raise ValueError(
                f"{PREFIX}DEBUG: must be off in production; it shows internals to anyone who asks"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take arguments first, then the environment, then the files it names."""
        return init_settings, env_settings, _Files(settings_cls)

    @classmethod
    def load(cls) -> Self:
        """Read the environment, or say what is wrong with it, one line per problem, and exit."""
        try:
            return cls()  # type: ignore[call-arg]  # the environment gives them
        except ValidationError as error:
            problems = [_sentence(problem["loc"], problem["msg"]) for problem in error.errors()]
        except SettingsError as error:
            problems = [str(error)]
        sys.stderr.writelines(f"korrigo: {problem}\n" for problem in problems)
        sys.exit(EX_CONFIG)


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    text = message.removeprefix("Value error, ")
    if not location:
        return text
    name = f"{PREFIX}{str(location[0]).upper()}"
    return f"{name}: is missing; set it or {name}_FILE" if text == "Field required" else f"{name}: {text}"


class DatabaseSettings(BaseModel):
    """Where the service's rows are."""

    dsn: Annotated[SecretStr, AfterValidator(_dsn)]
    pool_size: int = Field(default=10, ge=1, le=100)
    #: The owner of the schema, known to `migrate` only.
    migrate_dsn: Annotated[SecretStr, AfterValidator(_dsn)] | None = None


class BrokerSettings(BaseModel):
    """Where facts and work are, as nats://user:password@host:port."""

    nats_url: Annotated[SecretStr, AfterValidator(_nats_url)]
    #: How many servers of a cluster keep each stream; told to `migrate`, which declares them.
    nats_replicas: int = Field(default=1, ge=1, le=5)


class BlobSettings(BaseModel):
    """Where files are: file:///directory, s3://bucket or s3://bucket/folder."""

    blobs_url: Annotated[str, AfterValidator(_blobs_url)]
    s3_endpoint: HttpUrl | None = None
    s3_region: str | None = None
    s3_access_key: str | None = None
    s3_secret_key: SecretStr | None = None
    #: How much the store gives, for the alert that it is nearly full; nothing is refused by it.
    blobs_quota_bytes: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _refuse_half_a_credential(self) -> Self:
        if (self.s3_access_key is None) != (self.s3_secret_key is None):
            raise ValueError(f"{PREFIX}S3_ACCESS_KEY and {PREFIX}S3_SECRET_KEY: set both or neither")
        return self


class IdentitySettings(BaseModel):
    """Who this process is, and whom it believes."""

    #: A private Ed25519 JWK with `kid` and `iss`.
    signing_key: Annotated[SecretStr, AfterValidator(_private_key)]
    #: A JWKS; each key with `kid` and `iss`, two of one issuer while a key is exchanged.
    public_keys: Annotated[str, AfterValidator(_public_keys)]


class TlsSettings(BaseModel):
    """Certificates for calls between services; without them the network alone keeps strangers out."""

    #: This workload's certificate, its key and the authority of all; read again when they change.
    tls_cert_file: Path | None = None
    tls_key_file: Path | None = None
    tls_ca_file: Path | None = None

    @model_validator(mode="after")
    def _refuse_half_a_certificate(self) -> Self:
        names = ("tls_cert_file", "tls_key_file", "tls_ca_file")
        if len({getattr(self, name) is None for name in names}) > 1:
            raise ValueError(f"{', '.join(PREFIX + name.upper() for name in names)}: set all or none")
        return self


class PeerSettings(TlsSettings):
    """How the service calls others."""

    #: How long its start waits for connections to them; it goes on without.
    connect_seconds: float = Field(default=10, ge=0, le=60)


class RpcSettings(TlsSettings):
    """Where and how the service answers gRPC."""

    #: 0 picks a free port.
    grpc_port: Port
    #: Where probes find the health service alone, in plain text: they have no certificate.
    health_port: Port | None = None
    #: How long it serves after it has said that it stops, for those who have not heard yet.
    drain_seconds: float = Field(default=2, ge=0, le=60)
    #: Names in certificates that may call, comma separated, such as gateway or
    #: spiffe://cluster.local/ns/exams/sa/gateway; without any, every certificate of the authority.
    tls_callers: str = ""

    @model_validator(mode="after")
    def _refuse_callers_without_certificates(self) -> Self:
        if self.tls_callers and self.tls_ca_file is None:
            raise ValueError(f"{PREFIX}TLS_CALLERS: needs {PREFIX}TLS_CA_FILE, or nobody shows a certificate")
        return self
