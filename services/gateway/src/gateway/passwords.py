"""Passwords: which are good enough, and what is stored of them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pwdlib import PasswordHash

from gateway.refusals import PasswordWeak

LENGTH = 10
#: Longer ones only cost time.
LONGEST = 200
COMMON = frozenset({"motdepasse", "password12", "1234567890", "azertyuiop", "qwertyuiop", "0123456789"})
#: Argon2 takes 0.3 s and 64 MiB: two at a time, and never on the event loop.
AT_ONCE = 2


class Passwords:
    """Hashes and checks, a few at a time."""

    def __init__(self, hasher: PasswordHash | None = None) -> None:
        self._hash = hasher or PasswordHash.recommended()
        self._slots = asyncio.Semaphore(AT_ONCE)
        #: What a password is compared with where there is none, so that the time tells nothing.
        self._nobody = self._hash.hash(secrets.token_urlsafe())

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one of the few turns; `is_right` is called within."""
        async with self._slots:
            yield

    async def is_right(self, password: str, known: str | None) -> tuple[bool, str | None]:
        """Whether a password is the known one, and its new hash when the old one is out of date."""
        right, rehashed = await asyncio.to_thread(
            self._hash.verify_and_update, password[:LONGEST], known or self._nobody
        )
        return right and known is not None, rehashed

    async def hashed(self, password: str) -> str:
        """The hash to store of a password that was checked by `refuse_weak`."""
        async with self._slots:
            return await asyncio.to_thread(self._hash.hash, password)


def refuse_weak(password: str) -> None:
    """Refuse what is quickly guessed."""
    is_long = LENGTH <= len(password) <= LONGEST
    if not is_long or password.lower() in COMMON or len(set(password)) < 4:
        raise PasswordWeak(minimum=str(LENGTH))
