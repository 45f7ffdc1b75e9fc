"""Passwords and signing keys: how they are made, and a set of them that lasts as long as the process."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

#: A private or public Ed25519 key as a JWK, with its `kid` and the workload as `iss`.
Jwk = Mapping[str, str]


class Passwords(Protocol):
    """Whoever keeps passwords under names."""

    def password(self, name: str) -> str:
        """Give the password kept under a name; asked again, it is the same."""
        ...


class Fresh:
    """Passwords and keys made when first asked for and kept nowhere else."""

    def __init__(self) -> None:
        self._passwords: dict[str, str] = {}
        self._keys: dict[str, Jwk] = {}

    def password(self, name: str) -> str:
        """Give the password of a name."""
        return self._passwords.setdefault(name, new_password())

    def signing_key(self, workload: str) -> Jwk:
        """Give a workload's private key."""
        if workload not in self._keys:
            self._keys[workload] = new_key(workload)
        return self._keys[workload]


def new_password() -> str:
    """Make a password of letters, digits, "-" and "_", which every address takes as it stands."""
    return secrets.token_urlsafe(24)


def new_key(workload: str) -> Jwk:
    """Make a workload's private key."""
    key = Ed25519PrivateKey.generate()
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "kid": f"{workload}-{secrets.token_hex(4)}",
        "iss": workload,
        "x": _encode(key.public_key().public_bytes_raw()),
        "d": _encode(key.private_bytes_raw()),
    }


def public_keys(keys: Iterable[Jwk]) -> dict[str, list[Jwk]]:
    """Give the public parts of private keys, as a JWKS."""
    return {"keys": [{name: key[name] for name in key if name != "d"} for key in keys]}


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
