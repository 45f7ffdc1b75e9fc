"""Signing in and out, own sessions, links, own account."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from gateway import access, answers
from gateway.access import Anyone, SignedIn
from gateway.auth import csrf_of
from gateway.context import Context, context
from gateway.routes.body import API, Body
from gateway.shape import reply
from gateway.store import Account, Accounts, Errands, Members, Session, Sessions

router = APIRouter(prefix=API, tags=["session"])
On = Annotated[Context, Depends(context)]


Name = Annotated[str, Field(min_length=1, max_length=200)]
#: Longer than any address or good password; what is longer is refused before it costs anything.
Text = Annotated[str, Field(max_length=500)]


class Credentials(Body):
    email: Text
    password: Text


class NewPassword(Body):
    password: Text
    name: Name | None = None
    language: Literal["fr", "en"] | None = None


class PasswordChange(Body):
    current: Text
    password: Text


class AccountChange(Body):
    name: Name | None = None
    language: Literal["fr", "en"] | None = None


class Address(Body):
    email: Text


@router.get("/session", dependencies=[Anyone], response_model=answers.Session)
async def read_session(request: Request, on: On) -> Response:
    """Who is signed in, and the CSRF value that mutations send back."""
    found = await access.find(request, on)
    if found is None:
        return reply(answers.Session(account=None, csrf="", memberships=[]))
    account, _ = found
    return reply(await _session(on, account, access.token_of(request, on)))


@router.post("/session", dependencies=[Anyone], response_model=answers.Session)
async def sign_in(body: Credentials, request: Request, on: On) -> Response:
    """Sign in with e-mail address and password."""
    address, agent = _address(request), request.headers.get("User-Agent", "")
    account, token = await on.auth.sign_in(body.email, body.password, address=address, user_agent=agent)
    return _with_cookie(on, reply(await _session(on, account, token)), token)


@router.delete("/session", status_code=204)
async def sign_out(person: SignedIn, on: On) -> Response:
    """End this session."""
    async with on.database.transaction() as session:
        await Sessions(session).close(person.session.id, person.account.id)
    on.live.review(person.account.id)
    response = Response(status_code=204)
    response.delete_cookie(on.settings.cookie, path="/", secure=on.settings.is_secure, httponly=True)
    return response


@router.get("/sessions", response_model=answers.BrowserSessionList)
async def list_sessions(person: SignedIn, on: On) -> Response:
    """The browsers that are signed in to this account."""
    async with on.database.transaction() as session:
        found = await Sessions(session).of(person.account.id)
    rows = [_browser(one, current=person.session.id) for one in found]
    return reply(answers.BrowserSessionList(items=rows))


@router.delete("/sessions/{session_id}", status_code=204)
async def end_session(session_id: UUID, person: SignedIn, on: On) -> Response:
    """Sign another browser of this account out."""
    async with on.database.transaction() as session:
        await Sessions(session).close(session_id, person.account.id)
    on.live.review(person.account.id)
    return Response(status_code=204)


@router.get("/links/{token}", dependencies=[Anyone], response_model=answers.Link)
async def read_link(token: str, on: On) -> Response:
    """What a one-time link is for."""
    link, account = await on.auth.look(token)
    return reply(
        answers.Link.model_validate(
            {"kind": link.kind, "email": account.email, "name": account.name, "language": account.language}
        )
    )


@router.post("/links/{token}", dependencies=[Anyone], response_model=answers.Session)
async def use_link(token: str, body: NewPassword, request: Request, on: On) -> Response:
    """Set a password by a one-time link, and sign in."""
    changes = body.model_dump(include={"name", "language"}, exclude_none=True)
    agent = request.headers.get("User-Agent", "")
    account, opened = await on.auth.use_link(token, body.password, user_agent=agent, **changes)
    return _with_cookie(on, reply(await _session(on, account, opened)), opened)


@router.post("/password-resets", status_code=202, dependencies=[Anyone], response_model=answers.Nothing)
async def forgot_password(body: Address, on: On) -> Response:
    """Send a reset link, if there is such an account; the answer does not tell."""
    await on.auth.forgot(body.email)
    return reply(answers.Nothing(), 202)


@router.patch("/account", response_model=answers.Account)
async def change_account(body: AccountChange, person: SignedIn, on: On) -> Response:
    """Change own name or language."""
    values = body.model_dump(exclude_none=True)
    async with on.database.transaction() as session:
        if values:
            await Accounts(session).change(person.account.id, **values)
            await Errands(session).add(person.account.id)
        found = await Accounts(session).known(person.account.id)
    return reply(answers.Account.model_validate(found))


@router.post("/account/password", status_code=204)
async def change_password(body: PasswordChange, person: SignedIn, on: On) -> Response:
    """Change own password; other browsers are signed out."""
    await on.auth.change_password(person.account, body.current, body.password, keep=person.session.id)
    on.live.review(person.account.id)
    return Response(status_code=204)


def _browser(session: Session, *, current: UUID) -> answers.BrowserSession:
    return answers.BrowserSession(
        id=session.id,
        created_at=session.created_at,
        last_seen_at=session.last_seen_at,
        user_agent=session.user_agent,
        is_current=session.id == current,
    )


async def _session(on: Context, account: Account, token: str) -> answers.Session:
    async with on.database.transaction() as session:
        found = await Members(session).of_account(account.id)
    return answers.Session.model_validate({"account": account, "csrf": csrf_of(token), "memberships": found})


def _with_cookie(on: Context, response: Response, token: str) -> Response:
    settings = on.settings
    lasts = settings.session_hours * 3600
    response.set_cookie(
        settings.cookie,
        token,
        max_age=lasts,
        path="/",
        secure=settings.is_secure,
        httponly=True,
        samesite="lax",
    )
    return response


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
