"""
Who may call which endpoint.

Each endpoint names one rule: `Anyone`, `SignedIn`, `Admin`, `Operator`, `Author`, `Office`, `Marker`,
`Member`, `AnyMarker` or `Student`. A rule finds the session, checks the CSRF header of a mutation, checks the
role, and makes the outgoing calls of the request speak for this person in this one role.
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Request
from kit.identity import Caller, acting_as
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.auth import csrf_of
from gateway.context import Context, context
from gateway.refusals import CsrfMismatch, ForeignOrigin, NotAllowed, NothingHere, Unauthenticated
from gateway.store import Account, Members, Session, Sessions

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "X-Korrigo-CSRF"


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever is signed in on this request."""

    account: Account
    session: Session
    role: str
    exam_id: UUID | None = None


async def find(request: Request, on: Context) -> tuple[Account, Session] | None:
    """The account and session behind a request's cookie."""
    token = token_of(request, on)
    if not token:
        return None
    async with on.database.transaction() as session:
        return await Sessions(session).by_token(token)


def token_of(request: Request, on: Context) -> str:
    """The value of a request's session cookie."""
    return request.cookies.get(on.settings.cookie, "")


def check_origin(request: Request, on: Context) -> None:
    """Refuse a mutation that a foreign page sends."""
    if request.method in SAFE:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise ForeignOrigin
    origin = request.headers.get("Origin")
    if origin and urlsplit(origin)[:2] != urlsplit(on.settings.public_url)[:2]:
        raise ForeignOrigin


Check = Callable[[AsyncSession, Account, UUID | None], Awaitable[str]]


def _rule(name: str, check: Check) -> Any:
    """A dependency that lets through whom *check* gives a role."""

    async def rule(request: Request, on: Annotated[Context, Depends(context)]) -> AsyncIterator[Person]:
        check_origin(request, on)
        person = await _admit(request, on, check)
        exam = str(person.exam_id) if person.exam_id else None
        with acting_as(Caller("gateway", str(person.account.id), person.role, exam)):
            yield person

    rule.__name__ = name
    return Depends(rule)


async def _admit(request: Request, on: Context, check: Check) -> Person:
    token, exam_id = token_of(request, on), _exam_id(request)
    if not token:
        raise Unauthenticated
    async with on.database.transaction() as transaction:
        found = await Sessions(transaction).by_token(token)
        if found is None:
            raise Unauthenticated
        account, session = found
        if request.method not in SAFE and not _has_csrf(request, token):
            raise CsrfMismatch
        role = await check(transaction, account, exam_id)
    return Person(account, session, role, exam_id)


def _has_csrf(request: Request, token: str) -> bool:
    return hmac.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), csrf_of(token).encode())


def _exam_id(request: Request) -> UUID | None:
    text = request.path_params.get("exam_id")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NothingHere from None


def _installation(*roles: str) -> Check:
    async def check(_: AsyncSession, account: Account, exam_id: UUID | None) -> str:
        for role in roles:
            if role in account.roles:
                return role
        raise NotAllowed

    return check


def _membership(*roles: str) -> Check:
    async def check(session: AsyncSession, account: Account, exam_id: UUID | None) -> str:
        return await member(session, account, exam_id, *roles)

    return check


async def member(session: AsyncSession, account: Account, exam_id: UUID | None, *roles: str) -> str:
    """The role of a member of an exam, one of *roles*; for others the exam does not exist."""
    held = await Members(session).role(account.id, exam_id) if exam_id else None
    if held is None:
        raise NothingHere
    if held not in roles:
        raise NotAllowed
    return held


async def _signed_in(_: AsyncSession, account: Account, exam_id: UUID | None) -> str:
    return account.roles[0] if account.roles else "student"


async def _student(_: AsyncSession, account: Account, exam_id: UUID | None) -> str:
    return "student"


async def _marker(_: AsyncSession, account: Account, exam_id: UUID | None) -> str:
    return "marker"


async def anyone(request: Request, on: Annotated[Context, Depends(context)]) -> None:
    """No session needed; a mutation must still come from our own pages."""
    check_origin(request, on)


Anyone = Depends(anyone)
SignedIn = Annotated[Person, _rule("signed_in", _signed_in)]
Admin = Annotated[Person, _rule("admin", _installation("admin"))]
Operator = Annotated[Person, _rule("operator", _installation("operator", "admin"))]
Author = Annotated[Person, _rule("author", _installation("office", "admin"))]
Office = Annotated[Person, _rule("office", _membership("office"))]
Marker = Annotated[Person, _rule("marker", _membership("marker"))]
Member = Annotated[Person, _rule("member", _membership("office", "marker"))]
#: Lists over all of a person's exams: grading answers with what is theirs.
AnyMarker = Annotated[Person, _rule("any_marker", _marker)]
Student = Annotated[Person, _rule("student", _student)]
