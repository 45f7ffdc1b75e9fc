"""Passwords, sign-in, sessions and one-time links."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from kit.db import Database
from korrigo.notification.v1 import notification_pb2, notification_service_pb2
from pwdlib import PasswordHash

from gateway.refusals import (
    LinkExpired,
    LinkUnknown,
    LinkUsed,
    NothingHere,
    PasswordWeak,
    TooManyAttempts,
    WrongCredentials,
)
from gateway.settings import GatewaySettings
from gateway.store import Account, Accounts, AccountState, Link, LinkKind, Links, Sessions, Throttle

if TYPE_CHECKING:
    from korrigo.notification.v1.notification_service_pb2_grpc import NotificationServiceAsyncStub

PASSWORD_LENGTH = 10
WINDOW = timedelta(minutes=15)
#: Failures in the window before the key is refused. A school shares one address.
ACCOUNT_FAILURES = 8
ADDRESS_FAILURES = 100
#: One reset mail an account in this time.
RESET_EVERY = timedelta(minutes=2)
COMMON = frozenset({"motdepasse", "password12", "1234567890", "azertyuiop", "qwertyuiop", "0123456789"})


class Auth:
    """Decides who may sign in and keeps track of it."""

    def __init__(
        self, database: Database, settings: GatewaySettings, notification: NotificationServiceAsyncStub
    ) -> None:
        self._database = database
        self._settings = settings
        self._notification = notification
        self._hash = PasswordHash.recommended()
        #: Argon2 takes 0.3 s and 64 MiB: two at a time, and never on the event loop.
        self._hashing = asyncio.Semaphore(2)
        self._nobody = self._hash.hash(secrets.token_urlsafe())

    async def sign_in(
        self, email: str, password: str, *, address: str, user_agent: str
    ) -> tuple[Account, str]:
        """Check a password and open a session; returns the account and the cookie's token."""
        keys = (f"account:{hashlib.sha256(email.strip().lower().encode()).hexdigest()}", f"address:{address}")
        await self._refuse_flood(*keys)
        async with self._database.transaction() as session:
            account = await Accounts(session).by_email(email)
        known = account.password if account and account.state is AccountState.ACTIVE else None
        is_right, rehashed = await self._verify(password, known or self._nobody)
        if account is None or known is None or not is_right:
            async with self._database.transaction() as session:
                await Throttle(session).failed(*keys)
            raise WrongCredentials
        async with self._database.transaction() as session:
            await Throttle(session).forget(keys[0])
            if rehashed:
                await Accounts(session).change(account.id, password=rehashed)
        return account, await self.open_session(account.id, user_agent=user_agent)

    async def open_session(self, account_id: UUID, *, user_agent: str) -> str:
        token = secrets.token_urlsafe(32)
        lasts = timedelta(hours=self._settings.session_hours)
        async with self._database.transaction() as session:
            await Sessions(session).open(token, account_id, user_agent=user_agent, lasts=lasts)
            await Sessions(session).prune()
            await Throttle(session).prune(WINDOW)
        return token

    async def invite(self, account: Account, *, exam_name: str = "") -> str:
        """Make an invitation link and send it; returns the link."""
        return await self._send(account, LinkKind.INVITATION, exam_name)

    async def forgot(self, email: str) -> None:
        """Send a reset link if there is such an account; says nothing either way."""
        async with self._database.transaction() as session:
            account = await Accounts(session).by_email(email)
            last = await Links(session).last_made(account.id) if account else None
        if account is None or account.state is AccountState.DISABLED:
            return
        if last is None or last < datetime.now(UTC) - RESET_EVERY:
            is_new = account.state is AccountState.INVITED
            await self._send(account, LinkKind.INVITATION if is_new else LinkKind.PASSWORD_RESET)

    async def look(self, token: str) -> tuple[Link, Account]:
        """What a link is for; refused when unknown, used or expired."""
        async with self._database.transaction() as session:
            return await self._usable(Links(session), Accounts(session), token, lock=False)

    async def use_link(self, token: str, password: str, **changes: str) -> Account:
        """Set the password of a link's account; every older session of it ends."""
        hashed = await self.hashed(password)
        async with self._database.transaction() as session:
            links, accounts = Links(session), Accounts(session)
            _, account = await self._usable(links, accounts, token, lock=True)
            await links.use(token)
            await accounts.change(account.id, password=hashed, state=AccountState.ACTIVE, **changes)
            await Sessions(session).close_all(account.id)
            found = await accounts.get(account.id)
        assert found is not None
        await self.tell_contact(found)
        return found

    async def change_password(self, account: Account, current: str, password: str, *, keep: UUID) -> None:
        is_right, _ = await self._verify(current, account.password or self._nobody)
        if not is_right:
            raise WrongCredentials
        hashed = await self.hashed(password)
        async with self._database.transaction() as session:
            await Accounts(session).change(account.id, password=hashed)
            await Sessions(session).close_all(account.id, but=keep)

    async def hashed(self, password: str) -> str:
        """The hash to store; weak passwords are refused."""
        if len(password) < PASSWORD_LENGTH or password.lower() in COMMON or len(set(password)) < 4:
            raise PasswordWeak(minimum=str(PASSWORD_LENGTH))
        async with self._hashing:
            return await asyncio.to_thread(self._hash.hash, password)

    async def tell_contact(self, account: Account) -> None:
        """Tell notification where an account can be reached."""
        contact = notification_pb2.Contact(
            account_id=str(account.id), email=account.email, name=account.name, language=account.language
        )
        request = notification_service_pb2.PutContactRequest(request_id=str(uuid4()), contact=contact)
        await self._notification.PutContact(request)

    async def make_link(self, account_id: UUID, kind: LinkKind) -> str:
        token = secrets.token_urlsafe(32)
        lasts = timedelta(hours=self._settings.link_hours)
        async with self._database.transaction() as session:
            await Links(session).make(token, account_id, kind, lasts=lasts)
        return f"{self._settings.public_url}/link/{token}"

    async def _send(self, account: Account, kind: LinkKind, exam_name: str = "") -> str:
        await self.tell_contact(account)
        link = await self.make_link(account.id, kind)
        request = notification_service_pb2.SendLinkRequest(
            request_id=str(uuid4()),
            account_id=str(account.id),
            kind=kind.name,
            link=link,
            exam_name=exam_name,
        )
        await self._notification.SendLink(request)
        return link

    async def _refuse_flood(self, account_key: str, address_key: str) -> None:
        async with self._database.transaction() as session:
            throttle = Throttle(session)
            for key, most in (account_key, ACCOUNT_FAILURES), (address_key, ADDRESS_FAILURES):
                count, oldest = await throttle.failures(key, WINDOW)
                if count >= most and oldest is not None:
                    left = oldest + WINDOW - datetime.now(UTC)
                    raise TooManyAttempts(retry_after=str(max(1, int(left.total_seconds()))))

    async def _verify(self, password: str, known: str) -> tuple[bool, str | None]:
        async with self._hashing:
            return await asyncio.to_thread(self._hash.verify_and_update, password, known)

    async def _usable(
        self, links: Links, accounts: Accounts, token: str, *, lock: bool
    ) -> tuple[Link, Account]:
        link = await links.get(token, lock=lock)
        if link is None:
            raise LinkUnknown
        if link.is_used:
            raise LinkUsed
        if link.is_expired:
            raise LinkExpired
        account = await accounts.get(link.account_id)
        if account is None or account.state is AccountState.DISABLED:
            raise NothingHere
        return link, account


def csrf_of(token: str) -> str:
    """The value that a page sends back in X-Korrigo-CSRF; it does not give the cookie away."""
    return hashlib.sha256(f"csrf:{token}".encode()).hexdigest()
