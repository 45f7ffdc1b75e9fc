"""Accounts, for administrators."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from gateway.access import Admin
from gateway.context import Context, context
from gateway.refusals import NothingHere
from gateway.routes.body import Body, Mutation
from gateway.routes.sessions import shown
from gateway.shape import reply
from gateway.store import Account, Accounts, AccountState, Sessions

router = APIRouter(prefix="/accounts", tags=["accounts"])
On = Annotated[Context, Depends(context)]
Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]


class NewAccount(Mutation):
    email: Email
    name: str = Field(min_length=1, max_length=200)
    language: Literal["fr", "en"] = "fr"
    roles: list[Literal["admin", "operator", "office"]] = Field(default_factory=list)


class AccountStateChange(Body):
    state: Literal["active", "disabled"]


@router.get("")
async def list_accounts(person: Admin, on: On) -> Response:
    """Every account."""
    async with on.database.transaction() as session:
        found = await Accounts(session).all()
    return reply({"items": [shown(one) for one in found]})


@router.post("", status_code=201)
async def create_account(body: NewAccount, person: Admin, on: On) -> Response:
    """Make an account and send its invitation; an address that has one gets the roles added."""
    async with on.database.transaction() as session:
        account = await Accounts(session).ensure(body.email, body.name, body.language, body.roles)
    if account.state is AccountState.INVITED:
        await on.auth.invite(account)
    return reply(shown(account), 201)


@router.post("/{account_id}/invite", status_code=202)
async def invite_again(account_id: UUID, person: Admin, on: On) -> Response:
    """Send a new invitation; the older link stops working."""
    account = await _known(on, account_id)
    await on.auth.invite(account)
    return reply(shown(account), 202)


@router.patch("/{account_id}")
async def change_state(account_id: UUID, body: AccountStateChange, person: Admin, on: On) -> Response:
    """Disable an account, which ends its sessions, or let it in again."""
    account = await _known(on, account_id)
    if account.id == person.account.id:
        raise NothingHere
    state = AccountState(body.state)
    if state is AccountState.ACTIVE and account.password is None:
        state = AccountState.INVITED
    async with on.database.transaction() as session:
        await Accounts(session).change(account_id, state=state)
        if state is AccountState.DISABLED:
            await Sessions(session).close_all(account_id)
    return reply(shown(await _known(on, account_id)))


async def _known(on: Context, account_id: UUID) -> Account:
    async with on.database.transaction() as session:
        found = await Accounts(session).get(account_id)
    if found is None:
        raise NothingHere
    return found
