"""The secrets of an installation: made at the first start, random, readable by their owner only."""

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from local.files import read_json, write, write_json


class Secrets:
    """Passwords and signing keys in a directory; asked again, they are the same."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._passwords = read_json(directory / "passwords.json", dict[str, str]())

    def password(self, name: str) -> str:
        """Give the password kept under a name, of letters, digits, "-" and "_"."""
        if name not in self._passwords:
            self._passwords[name] = secrets.token_urlsafe(24)
            write_json(self._directory / "passwords.json", self._passwords)
        return self._passwords[name]

    def signing_key(self, workload: str) -> Path:
        """Give the file of a workload's private key (a JWK with its `kid` and `iss`)."""
        path = self._directory / f"{workload}.jwk"
        if not path.exists():
            write(path, json.dumps(_new_key(workload)))
        return path

    def public_keys(self, workloads: Iterable[str]) -> Path:
        """Write and give the file of the workloads' public keys (a JWKS)."""
        keys = [json.loads(self.signing_key(workload).read_text()) for workload in workloads]
        path = self._directory / "public-keys.jwks"
        write_json(path, {"keys": [{name: key[name] for name in key if name != "d"} for key in keys]})
        return path


def _new_key(workload: str) -> dict[str, str]:
    key = Ed25519PrivateKey.generate()
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "kid": f"{workload}-{secrets.token_hex(4)}",
        "iss": workload,
        "x": _encode(key.public_key().public_bytes_raw()),
        "d": _encode(key.private_bytes_raw()),
    }


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
