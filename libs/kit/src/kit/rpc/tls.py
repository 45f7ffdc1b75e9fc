"""Certificates of both ends of a connection, read again when their files change."""

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import grpc
from cryptography import x509
from prometheus_client import Gauge

from kit.settings import TlsSettings
from kit.telemetry import get_logger

_EXPIRY = Gauge("korrigo_certificate_expiry_timestamp_seconds", "When the certificate in use ends.")

log = get_logger()

#: When and where each file was written: a mounted secret is exchanged as a whole, by other files.
Stamp = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Material:
    """A certificate with its chain, its key, and the authorities that are believed."""

    chain: bytes
    key: bytes
    authorities: bytes


class Certificates:
    """What this workload shows and believes, as files that may be exchanged at any time."""

    def __init__(self, chain: Path, key: Path, authorities: Path) -> None:
        """Read them; ValueError or OSError when they are of no use."""
        self._paths = (chain, key, authorities)
        self._stamp = self._look()
        self._material = self._read()

    @classmethod
    def of(cls, settings: TlsSettings) -> Self | None:
        """Read what the settings name, None when they name nothing."""
        if not (settings.tls_cert_file and settings.tls_key_file and settings.tls_ca_file):
            return None
        return cls(settings.tls_cert_file, settings.tls_key_file, settings.tls_ca_file)

    def current(self) -> Material:
        """Give what the files hold, the same object until they change; while they are unusable, the last."""
        stamp = self._look()
        if stamp != self._stamp:
            self._exchange(stamp)
        return self._material

    def _exchange(self, stamp: Stamp) -> None:
        try:
            material = self._read()
        except (OSError, ValueError) as error:
            log.warning("certificates_unusable", reason=str(error))
            self._stamp = stamp
            return
        if stamp == self._look():  # else they were exchanged while being read
            self._material, self._stamp = material, stamp
            log.info("certificates_exchanged")

    def _look(self) -> Stamp:
        """Tell which files there are, nothing while one is missing."""
        try:
            found = [path.stat() for path in self._paths]
        except OSError:
            return ()
        return tuple((each.st_mtime_ns, each.st_ino) for each in found)

    def _read(self) -> Material:
        """Read the files; refuse a key that is not the certificate's."""
        chain, key, authorities = self._paths
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        context.load_verify_locations(authorities)
        material = Material(*(path.read_bytes() for path in self._paths))
        _EXPIRY.set(x509.load_pem_x509_certificate(material.chain).not_valid_after_utc.timestamp())
        return material


def channel_credentials(material: Material) -> grpc.ChannelCredentials:
    """Show a certificate to a server and believe its own, if it is for the name that is called."""
    return grpc.ssl_channel_credentials(material.authorities, material.key, material.chain)


def server_credentials(certificates: Certificates) -> grpc.ServerCredentials:
    """Ask every client for a certificate; each handshake uses the files as they are then."""
    shown = certificates.current()

    def exchanged() -> Any:
        nonlocal shown
        current = certificates.current()
        if current is shown:
            return None
        shown = current
        return _configuration(current)

    return grpc.dynamic_ssl_server_credentials(
        _configuration(shown), exchanged, require_client_authentication=True
    )


def names(auth_context: Mapping[str, Iterable[bytes]]) -> set[str]:
    """Tell the subject alternative names of the certificate that a client has shown."""
    return {name.decode() for name in auth_context.get("x509_subject_alternative_name", ())}


def _configuration(material: Material) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration([(material.key, material.chain)], material.authorities)
