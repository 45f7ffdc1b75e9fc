"""The only SQL of grading: one session, the nouns it reads and writes, and the news they made."""

from kit import audit, events
from kit.identity import Caller
from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from grading.domain.news import News, StampOrdered
from grading.store.copies import Copies
from grading.store.exams import Exams
from grading.store.leases import Leases
from grading.store.results import Results
from grading.store.sheets import Sheets
from grading.store.tables import METADATA
from grading.wire.news import announce

__all__ = ["METADATA", "STAMP", "Store"]

STAMP = "StampCopy"
_TOLD_AT_ONCE = 1000


class Store:
    """Everything that a transaction can read and write. Lock an exam before its copies, never after."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self.exams = Exams(session)
        self.copies = Copies(session)
        self.leases = Leases(session)
        self.sheets = Sheets(session)
        self.results = Results(session)

    async def tell(self, news: list[News]) -> None:
        """Tell the others once the transaction commits; what was told is forgotten."""
        work = [announce(item) for item in news if isinstance(item, StampOrdered)]
        facts = [announce(item) for item in news if not isinstance(item, StampOrdered)]
        for start in range(0, len(facts), _TOLD_AT_ONCE):
            await events.tell(self._session, *facts[start : start + _TOLD_AT_ONCE])
        await events.order(self._session, STAMP, *work)
        news.clear()

    async def note(
        self, actor: Caller, action: str, subject: str, exam_id: str, **payload: JsonValue
    ) -> None:
        """Write the audit trail."""
        await audit.append(
            self._session, actor=actor, action=action, subject=subject, exam_id=exam_id, payload=payload
        )
