"""The gateway's part of the audit trail: who signed in, was invited, got or lost a role."""

from __future__ import annotations

from uuid import UUID

from kit import audit
from kit.identity import GATEWAY, SERVICE, Caller, current
from sqlalchemy.ext.asyncio import AsyncSession

#: Somebody with a shell on the machine.
OPERATOR = Caller(GATEWAY, GATEWAY, SERVICE)


async def note(
    session: AsyncSession,
    action: str,
    subject: UUID,
    *,
    exam_id: UUID | None = None,
    is_own: bool = False,
    **personal: str,
) -> None:
    """Write down an act on an account by whoever is signed in, or by its owner, who is about to be."""
    actor = Caller(GATEWAY, str(subject), "person") if is_own else current() or OPERATOR
    await audit.append(
        session,
        actor=actor,
        action=action,
        subject=str(subject),
        exam_id=str(exam_id) if exam_id else None,
        payload=personal,
    )
