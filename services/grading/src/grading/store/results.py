"""Frozen results, by copy and content version."""

from typing import Any

from sqlalchemy import Row, Select, and_, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from grading.domain.copy import State
from grading.domain.news import StampOrdered
from grading.domain.result import Kept, Result
from grading.store.tables import copies, results
from grading.wire.nouns import frozen

#: The outcome of a copy is what students were shown; before that, what is finalized.
_OUTCOME = case(
    (copies.c.released_version > 0, copies.c.released_version),
    (copies.c.state == State.FINALIZED, copies.c.content_version),
    else_=0,
)
_ITS_OUTCOME = and_(results.c.copy_id == copies.c.id, results.c.content_version == _OUTCOME)


class Results:
    """The results in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, result: Result, frozen_key: str) -> None:
        """Store a frozen result whose file already lies under its key."""
        body, annotations = frozen(result)
        await self._session.execute(
            insert(results).values(
                copy_id=result.copy_id,
                content_version=result.content_version,
                body=body,
                annotations=annotations,
                frozen_key=frozen_key,
                pdf_key=result.pdf_key,
            )
        )

    async def order(self, copy_id: str, content_version: int) -> StampOrdered:
        """Say what the rasterizer needs to stamp a result."""
        query = (
            select(copies.c.exam_id, copies.c.pdf_key.label("copy_pdf_key"), results)
            .join(copies, copies.c.id == results.c.copy_id)
            .where(results.c.copy_id == copy_id, results.c.content_version == content_version)
        )
        row = (await self._session.execute(query)).one()
        return StampOrdered(
            copy_id=copy_id,
            exam_id=row.exam_id,
            content_version=content_version,
            copy_pdf_key=row.copy_pdf_key,
            frozen_key=row.frozen_key,
            result_key=row.pdf_key,
        )

    async def stamped(self, copy_id: str, content_version: int, sha256: str) -> float:
        """Take note of the PDF's hash; return how many seconds it took since the result was frozen."""
        statement = (
            update(results)
            .where(results.c.copy_id == copy_id, results.c.content_version == content_version)
            .values(sha256=sha256, stamped_at=func.clock_timestamp())
            .returning(func.extract("epoch", func.clock_timestamp() - results.c.frozen_at))
        )
        return float((await self._session.execute(statement)).scalar_one())

    async def of_exam(self, exam_id: str, *, after_code: str = "", limit: int | None = None) -> list[Kept]:
        """List the outcomes of the copies of an exam by code, without annotations."""
        query = _kept().where(copies.c.exam_id == exam_id, copies.c.code > after_code)
        return [_row(row) for row in await self._session.execute(query.order_by(copies.c.code).limit(limit))]

    async def get(self, copy_id: str) -> Kept | None:
        """Read the outcome of one copy with its annotations."""
        query = _kept(results.c.annotations).where(copies.c.id == copy_id)
        row = (await self._session.execute(query)).first()
        return _row(row, row.annotations or b"") if row else None

    async def superseded(self, keys: list[str]) -> list[str]:
        """Tell which of the files under `frozen/` no result names or will ever name."""
        named = set(
            await self._session.scalars(select(results.c.frozen_key).where(results.c.frozen_key.in_(keys)))
        )
        versions = {key: _place(key) for key in keys if key not in named}
        ids = {copy_id for copy_id, _ in versions.values()}
        query = select(copies.c.id, copies.c.content_version).where(copies.c.id.in_(ids))
        now = {row.id: row.content_version for row in await self._session.execute(query)}
        return [key for key, (copy_id, version) in versions.items() if version <= now.get(copy_id, -1)]


def _kept(*more: Any) -> Select[Any]:
    named = copies.c.id, copies.c.exam_id, copies.c.code, copies.c.state, copies.c.released_version
    query = select(*named, results.c.body, results.c.content_version, *more)
    return query.select_from(copies).outerjoin(results, _ITS_OUTCOME)


def _row(row: Row[Any], annotations: bytes = b"") -> Kept:
    return Kept(
        copy_id=row.id,
        exam_id=row.exam_id,
        code=row.code,
        state=State.FINALIZED if row.body else State(row.state),
        is_released=row.released_version > 0,
        body=row.body or b"",
        annotations=annotations,
    )


def _place(frozen_key: str) -> tuple[str, int]:
    """Take the copy and the content version out of a key like `frozen/<copy>/<version>-….json`."""
    _, copy_id, name = frozen_key.split("/")
    return copy_id, int(name.partition("-")[0])
