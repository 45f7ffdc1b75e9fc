"""The secrets of an installation: made at the first start, random, readable by their owner only."""

import json
from collections.abc import Iterable
from pathlib import Path

from ctl.keys import new_key, new_password, public_keys

from local.files import read_json, write, write_json


class Secrets:
    """Passwords and signing keys in a directory; asked again, they are the same."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._passwords = read_json(directory / "passwords.json", dict[str, str]())

    def password(self, name: str) -> str:
        """Give the password kept under a name, of letters, digits, "-" and "_"."""
        if name not in self._passwords:
            self._passwords[name] = new_password()
            write_json(self._directory / "passwords.json", self._passwords)
        return self._passwords[name]

    def signing_key(self, workload: str) -> Path:
        """Give the file of a workload's private key (a JWK with its `kid` and `iss`)."""
        path = self._directory / f"{workload}.jwk"
        if not path.exists():
            write(path, json.dumps(new_key(workload)))
        return path

    def public_keys(self, workloads: Iterable[str]) -> Path:
        """Write and give the file of the workloads' public keys (a JWKS)."""
        keys = [json.loads(self.signing_key(workload).read_text()) for workload in workloads]
        path = self._directory / "public-keys.jwks"
        write_json(path, public_keys(keys))
        return path
