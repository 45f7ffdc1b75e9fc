"""Who asks: short-lived signed tokens between processes.

Each workload signs with its own key and its peers hold the public halves, so the issuer is whoever's key
signed a token, whatever it says. Only the gateway may speak for people.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey
from pydantic import SecretStr

from kit.errors import Unauthenticated

ALGORITHM: Final = "Ed25519"
LIFETIME = timedelta(seconds=60)
#: How far two clocks in one cluster may be apart.
LEEWAY = timedelta(seconds=10)
GATEWAY = "gateway"
SERVICE = "service"


class TokenMissing(Unauthenticated):
    """The call carries no token."""


class TokenInvalid(Unauthenticated):
    """The call's token is not valid here."""


@dataclass(frozen=True)
class Caller:
    """Who asks: a person in one role, or a workload (role "service", subject = issuer)."""

    issuer: str
    subject: str
    role: str
    exam_id: str | None = None

    @property
    def is_service(self) -> bool:
        """Tell a workload from a person."""
        return self.role == SERVICE


_acting_as: ContextVar[Caller | None] = ContextVar("acting_as", default=None)


@contextmanager
def acting_as(caller: Caller | None) -> Iterator[None]:
    """Make outgoing calls in this context for *caller*."""
    token = _acting_as.set(caller)
    try:
        yield
    finally:
        _acting_as.reset(token)


def current() -> Caller | None:
    """Tell for whom outgoing calls are made; None means for this workload itself."""
    return _acting_as.get()


class Signer:
    """Makes tokens with this workload's private key."""

    def __init__(self, signing_key: SecretStr | str) -> None:
        """Take the private JWK, which carries `kid` and `iss`."""
        text = signing_key if isinstance(signing_key, str) else signing_key.get_secret_value()
        jwk = json.loads(text)
        self.issuer: str = jwk["iss"]
        self._key = OKPKey.import_key(jwk)
        self._header = {"alg": ALGORITHM, "kid": jwk["kid"]}

    def token(self, audience: str, caller: Caller | None = None) -> str:
        """Sign a token for one peer; without a caller the workload speaks for itself."""
        caller = caller or Caller(self.issuer, self.issuer, SERVICE)
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": audience,
            "sub": caller.subject,
            "role": caller.role,
            "iat": now,
            "exp": now + int(LIFETIME.total_seconds()),
        }
        if caller.exam_id is not None:
            claims["exam"] = caller.exam_id
        return jwt.encode(self._header, claims, self._key, algorithms=[ALGORITHM])


class Verifier:
    """Believes tokens made for *audience* with one of the known keys."""

    def __init__(self, audience: str, public_keys: str) -> None:
        """Take the JWKS; each key carries `kid` and `iss`."""
        keys = json.loads(public_keys)
        self._audience = audience
        self._keys = KeySet.import_key_set(keys)
        self._issuers: dict[str, str] = {key["kid"]: key["iss"] for key in keys["keys"]}

    def verify(self, token: str) -> Caller:
        """Tell who asks, or raise Unauthenticated."""
        try:
            issuer, claims = self._open(token)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise TokenInvalid from error
        caller = _caller(issuer, claims)
        if caller.is_service != (caller.subject == issuer) or not (caller.is_service or issuer == GATEWAY):
            raise TokenInvalid
        return caller

    def _open(self, token: str) -> tuple[str, dict[str, Any]]:
        opened = jwt.decode(token, self._keys, algorithms=[ALGORITHM])
        issuer = self._issuers[opened.header["kid"]]
        jwt.JWTClaimsRegistry(
            leeway=int(LEEWAY.total_seconds()),
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            sub={"essential": True},
            role={"essential": True},
        ).validate(opened.claims)
        return issuer, opened.claims


def _caller(issuer: str, claims: dict[str, Any]) -> Caller:
    exam = claims.get("exam")
    return Caller(issuer, str(claims["sub"]), str(claims["role"]), None if exam is None else str(exam))


def new_key(issuer: str) -> str:
    """Make a private key for a workload, as JWK JSON."""
    key = OKPKey.generate_key(ALGORITHM).as_dict(private=True)
    return json.dumps({**key, "kid": uuid4().hex, "iss": issuer})


def public_keys(*private_keys: str) -> str:
    """Collect the public halves of private keys, as JWKS JSON."""
    keys = [OKPKey.import_key(json.loads(key)).as_dict(private=False) for key in private_keys]
    return json.dumps({"keys": keys})
