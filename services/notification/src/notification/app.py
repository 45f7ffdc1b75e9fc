"""What notification does for others."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from notification.domain import Contact, ContactUnknown, Kind, kind_of
from notification.store import Store


async def send_link(
    store: Store, account_id: UUID, kind: str, link: str, *, exam_name: str, occasion: str
) -> list[UUID]:
    """Send a one-time link to an account whose contact is known."""
    chosen = kind_of(kind)
    if await store.contact(account_id) is None:
        raise ContactUnknown(account=str(account_id))
    return await store.notify([account_id], chosen, occasion=occasion, exam_name=exam_name, link=link)


async def announce_results(
    store: Store, exam_id: str, exam_name: str, release: int, accounts: Collection[UUID]
) -> list[UUID]:
    """Tell accounts that their results are there, once per release."""
    occasion = f"release:{exam_id}:{release}"
    return await store.notify(
        accounts, Kind.RESULTS_RELEASED, occasion=occasion, exam_id=exam_id, exam_name=exam_name
    )


async def put_contact(store: Store, contact: Contact) -> None:
    """Remember where an account can be reached."""
    contact.check()
    await store.put_contact(contact)
