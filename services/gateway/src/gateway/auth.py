"""Sign-in, sessions and one-time links."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

from kit.db import Database
from sqlalchemy.ext.asyncio import AsyncSession

from gateway import metrics
from gateway.journal import note
from gateway.passwords import Passwords, refuse_weak
from gateway.refusals import (
    LinkExpired,
    LinkUnknown,
    LinkUsed,
    NothingHere,
    TooManyAttempts,
    WrongCredentials,
)
from gateway.settings import GatewaySettings
from gateway.store import (
    Account,
    Accounts,
    AccountState,
    Errands,
    Link,
    LinkKind,
    Links,
    Sessions,
    Throttle,
)

WINDOW = timedelta(minutes=15)
#: Failures in the window before the key is refused. A school shares one address.
ACCOUNT_FAILURES = 8
ADDRESS_FAILURES = 100
#: One reset mail an account in this time.
RESET_EVERY = timedelta(minutes=2)


class Auth:
    """Decides who may sign in and keeps track of it."""

    def __init__(self, database: Database, settings: GatewaySettings, passwords: Passwords) -> None:
        self._database = database
        self._settings = settings
        self._passwords = passwords

    async def sign_in(
        self, email: str, password: str, *, address: str, user_agent: str
    ) -> tuple[Account, str]:
        """Check a password and open a session; returns the account and the cookie's token."""
        account, rehashed = await self._check(email, password, address)
        async with self._database.transaction() as session:
            await Throttle(session).forget(_account_key(email))
            if rehashed:
                await Accounts(session).change(account.id, password=rehashed)
            return account, await self._open(session, account.id, user_agent)

    async def forgot(self, email: str) -> None:
        """Wish for a reset link if there is such an account; says nothing either way."""
        async with self._database.transaction() as session:
            account = await Accounts(session).by_email(email)
            if account is None or account.state is AccountState.DISABLED:
                return
            is_new = account.state is AccountState.INVITED
            kind = LinkKind.INVITATION if is_new else LinkKind.PASSWORD_RESET
            last = await Links(session).last_made(account.id)
            if last is None or last < datetime.now(UTC) - RESET_EVERY:
                await Errands(session).add(account.id, kind)

    async def look(self, token: str) -> tuple[Link, Account]:
        """What a link is for; refused when unknown, used or expired."""
        async with self._database.transaction() as session:
            return await _usable(session, token, lock=False)

    async def use_link(
        self, token: str, password: str, *, user_agent: str, **changes: str
    ) -> tuple[Account, str]:
        """Set the password of a link's account and sign in; every older session of it ends."""
        await self.look(token)
        refuse_weak(password)
        hashed = await self._passwords.hashed(password)
        async with self._database.transaction() as session:
            link, account = await _usable(session, token, lock=True)
            await Links(session).use(token)
            active = {"password": hashed, "state": AccountState.ACTIVE}
            await Accounts(session).change(account.id, **active, **changes)
            await Sessions(session).close_all(account.id)
            await Errands(session).add(account.id)
            await note(session, "link_used", account.id, is_own=True, kind=link.kind)
            found = await Accounts(session).known(account.id)
            return found, await self._open(session, account.id, user_agent)

    async def change_password(self, account: Account, current: str, password: str, *, keep: UUID) -> None:
        """Set another password; every session but *keep* ends. Wrong tries count as failed sign-ins."""
        await self._check(account.email, current, address=None)
        refuse_weak(password)
        hashed = await self._passwords.hashed(password)
        async with self._database.transaction() as session:
            await Throttle(session).forget(_account_key(account.email))
            await Accounts(session).change(account.id, password=hashed)
            await Sessions(session).close_all(account.id, but=keep)
            await note(session, "password_changed", account.id)

    async def make_link(
        self, session: AsyncSession, account_id: UUID, kind: LinkKind, *, occasion: UUID
    ) -> str:
        """
        Make a link with the caller's transaction; the older one of the account stops working.

        It is the same for an occasion however often it is made, so that sending it may be repeated.
        """
        token = self._token(occasion)
        lasts = timedelta(hours=self._settings.link_hours)
        await Links(session).make(token, account_id, kind, lasts=lasts)
        return f"{self._settings.public_url}/link/{token}"

    def _token(self, occasion: UUID) -> str:
        """Derive what only this installation can: whoever reads the rows cannot."""
        key = self._settings.signing_key.get_secret_value().encode()
        return urlsafe_b64encode(hmac.digest(key, b"link" + occasion.bytes, "sha256")).rstrip(b"=").decode()

    async def _check(self, email: str, password: str, address: str | None) -> tuple[Account, str | None]:
        """
        The active account with this password, and a new hash if the old one is out of date.

        Failures are counted before the turn ends, so that many tries at once get no further than one by one.
        """
        keys = [_account_key(email), *([f"address:{address}"] if address else [])]
        async with self._passwords.turn():
            async with self._database.transaction() as session:
                await _refuse_flood(Throttle(session), *keys)
                account = await Accounts(session).by_email(email)
            known = account.password if account and account.state is AccountState.ACTIVE else None
            is_right, rehashed = await self._passwords.is_right(password, known)
            if account is not None and is_right:
                metrics.SIGN_INS.labels("right").inc()
                return account, rehashed
            metrics.SIGN_INS.labels("wrong").inc()
            async with self._database.transaction() as session:
                await Throttle(session).failed(*keys)
        raise WrongCredentials

    async def _open(self, session: AsyncSession, account_id: UUID, user_agent: str) -> str:
        token = secrets.token_urlsafe(32)
        lasts = timedelta(hours=self._settings.session_hours)
        await Sessions(session).open(token, account_id, user_agent=user_agent, lasts=lasts)
        await Sessions(session).prune()
        await Throttle(session).prune(WINDOW)
        await note(session, "signed_in", account_id, is_own=True)
        return token


def csrf_of(token: str) -> str:
    """The value that a page sends back in X-Korrigo-CSRF; it does not give the cookie away."""
    return hashlib.sha256(f"csrf:{token}".encode()).hexdigest()


def _account_key(email: str) -> str:
    return f"account:{hashlib.sha256(email.strip().lower().encode()).hexdigest()}"


async def _refuse_flood(throttle: Throttle, account_key: str, address_key: str | None = None) -> None:
    for key, most in (account_key, ACCOUNT_FAILURES), (address_key, ADDRESS_FAILURES):
        count, oldest = await throttle.failures(key, WINDOW) if key else (0, None)
        if count >= most and oldest is not None:
            metrics.SIGN_INS.labels("refused").inc()
            left = oldest + WINDOW - datetime.now(UTC)
            raise TooManyAttempts(retry_after=str(max(1, int(left.total_seconds()))))


async def _usable(session: AsyncSession, token: str, *, lock: bool) -> tuple[Link, Account]:
    link = await Links(session).get(token, lock=lock)
    if link is None:
        raise LinkUnknown
    if link.is_used:
        raise LinkUsed
    if link.is_expired:
        raise LinkExpired
    account = await Accounts(session).get(link.account_id)
    if account is None or account.state is AccountState.DISABLED:
        raise NothingHere
    return link, account
