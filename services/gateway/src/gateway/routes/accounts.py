"""Accounts, for administrators."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from kit.rpc import paging
from kit.rpc.paging import Paging
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from gateway import answers
from gateway.access import Admin
from gateway.context import Context, context
from gateway.journal import note
from gateway.refusals import NothingHere, OwnAccount
from gateway.routes.body import API, Body, Mutation, Paged
from gateway.shape import reply
from gateway.store import Account, Accounts, AccountState, Errands, LinkKind, Sessions

router = APIRouter(prefix=f"{API}/accounts", tags=["accounts"])
On = Annotated[Context, Depends(context)]
#: Nothing that the header of a mail would read as more than one plain address.
PLAIN = r"""[^@\s<>()\[\]\\,;:"]+"""
Email = Annotated[str, Field(pattern=rf"^{PLAIN}@{PLAIN}\.{PLAIN}$", max_length=254)]


class NewAccount(Mutation):
    email: Email
    name: str = Field(min_length=1, max_length=200)
    language: Literal["fr", "en"] = "fr"
    roles: list[Literal["admin", "operator", "office"]] = Field(default_factory=list)


class AccountStateChange(Body):
    state: Literal["active", "disabled"]


@router.get("", response_model=answers.AccountList)
async def list_accounts(person: Admin, on: On, page: Paged) -> Response:
    """Accounts, by address."""
    asked = Paging.of_list("accounts", page.size, page.token, paging.words)
    async with on.database.transaction() as session:
        found = await Accounts(session).all(asked.after, asked.limit)
    shown, token = asked.rows(found, key=lambda account: (account.email,))
    return reply(answers.AccountList.model_validate({"items": shown, "next_page_token": token}))


@router.post("", status_code=201, response_model=answers.Account)
async def create_account(body: NewAccount, person: Admin, on: On) -> Response:
    """Make an account and invite its owner; an address that has one gets the roles added."""
    async with on.database.transaction() as session:
        known = await Accounts(session).by_email(body.email)
        account = await Accounts(session).ensure(body.email, body.name, body.language, body.roles)
        await Errands(session).invite([account.id])
        if known is None:
            await note(session, "account_created", account.id, email=account.email)
        if account.roles != (known.roles if known else ()):
            await note(session, "roles_changed", account.id, roles=",".join(account.roles))
    return reply(answers.Account.model_validate(account), 201)


@router.post("/{account_id}/invite", status_code=202, response_model=answers.Account)
async def invite_again(account_id: UUID, person: Admin, on: On) -> Response:
    """Send a new link to somebody who has no password yet; the older link stops working."""
    async with on.database.transaction() as session:
        account = await _known(session, account_id)
        if account.state is AccountState.INVITED:
            await Errands(session).add(account.id, LinkKind.INVITATION)
            await note(session, "account_invited", account.id)
    return reply(answers.Account.model_validate(account), 202)


@router.patch("/{account_id}", response_model=answers.Account)
async def change_state(account_id: UUID, body: AccountStateChange, person: Admin, on: On) -> Response:
    """Disable an account, which ends its sessions, or let it in again."""
    if account_id == person.account.id:
        raise OwnAccount
    async with on.database.transaction() as session:
        state = _next(await _known(session, account_id), AccountState(body.state))
        await Accounts(session).change(account_id, state=state)
        if state is AccountState.DISABLED:
            await Sessions(session).close_all(account_id)
        await note(session, "account_state_changed", account_id, state=state)
        account = await Accounts(session).known(account_id)
    on.live.review(account_id)
    return reply(answers.Account.model_validate(account))


def _next(account: Account, wanted: AccountState) -> AccountState:
    """The state that is wanted; without a password an account is still only invited."""
    is_new = wanted is AccountState.ACTIVE and account.password is None
    return AccountState.INVITED if is_new else wanted


async def _known(session: AsyncSession, account_id: UUID) -> Account:
    found = await Accounts(session).get(account_id)
    if found is None:
        raise NothingHere
    return found
