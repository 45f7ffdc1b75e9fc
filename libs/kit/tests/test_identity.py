"""Identity: a token is believed for what its key may say, here, now, and for nothing else."""

import asyncio
import json
import time

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey
from kit import identity
from kit.identity import Caller, Signer, TokenInvalid, Verifier

GATEWAY = identity.new_key("gateway")
INGEST = identity.new_key("ingest")
OFFICE = Caller("gateway", "account-1", "office", "exam-1")


@pytest.fixture
def verifier() -> Verifier:
    return Verifier("grading", identity.public_keys(GATEWAY, INGEST))


def forge(key: str, **changes: object) -> str:
    """Sign claims that a `Signer` would not."""
    jwk = json.loads(key)
    now = int(time.time())
    claims = {"iss": jwk["iss"], "aud": "grading", "sub": jwk["iss"], "role": "service", "exp": now + 60}
    kept = {name: value for name, value in (claims | changes).items() if value is not None}
    header = {"alg": "Ed25519", "kid": jwk["kid"]}
    return jwt.encode(header, kept, OKPKey.import_key(jwk), algorithms=["Ed25519"])


def test_the_gateway_speaks_for_a_person(verifier: Verifier) -> None:
    assert verifier.verify(Signer(GATEWAY).token("grading", OFFICE)) == OFFICE


def test_a_workload_speaks_for_itself(verifier: Verifier) -> None:
    assert verifier.verify(Signer(INGEST).token("grading")) == Caller("ingest", "ingest", "service")


def test_two_keys_of_one_issuer_are_valid_at_once() -> None:
    newer = identity.new_key("gateway")
    verifier = Verifier("grading", identity.public_keys(GATEWAY, newer))

    assert {verifier.verify(Signer(key).token("grading")).issuer for key in (GATEWAY, newer)} == {"gateway"}


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param("a.b.c", id="nonsense"),
        pytest.param(Signer(GATEWAY).token("ingest", OFFICE), id="made for another service"),
        pytest.param(Signer(identity.new_key("gateway")).token("grading", OFFICE), id="unknown key"),
        pytest.param(Signer(INGEST).token("grading", OFFICE), id="a service speaks for a person"),
        pytest.param(forge(INGEST, iss="gateway"), id="a service claims to be the gateway"),
        pytest.param(forge(GATEWAY, sub="ingest"), id="one workload speaks for another"),
        pytest.param(forge(GATEWAY, role="office"), id="a workload in a person's role"),
        pytest.param(forge(GATEWAY, exp=int(time.time()) - 60), id="expired"),
        pytest.param(forge(GATEWAY, exp=None), id="without an end"),
        pytest.param(forge(GATEWAY, sub=None), id="without a subject"),
        pytest.param(forge(GATEWAY, role=None), id="without a role"),
        pytest.param(Signer(GATEWAY).token("grading")[:-8] + "AAAAAAAA", id="changed signature"),
        pytest.param(
            jwt.encode(
                {"alg": "HS256", "kid": json.loads(GATEWAY)["kid"]},
                {"iss": "gateway", "aud": "grading", "sub": "gateway", "role": "service"},
                OctKey.import_key(identity.public_keys(GATEWAY)),
            ),
            id="the public key used as a password",
        ),
    ],
)
def test_any_other_token_is_refused(token: str, verifier: Verifier) -> None:
    with pytest.raises(TokenInvalid):
        verifier.verify(token)


async def test_acting_as_holds_for_its_context_only() -> None:
    async def elsewhere() -> Caller | None:
        return identity.current()

    with identity.acting_as(OFFICE):
        inside = await asyncio.create_task(elsewhere())
        with identity.acting_as(None):
            nested = identity.current()

    assert (inside, nested, identity.current()) == (OFFICE, None, None)
