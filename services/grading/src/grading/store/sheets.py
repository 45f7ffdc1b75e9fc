"""What is written on copies, and the acts that wrote it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from kit import db
from sqlalchemy import (
    Executable,
    Row,
    Select,
    Table,
    and_,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    tuple_,
    union,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from grading.domain.acts import Act, ActsInvalid, AsideAct, AsidePlace, Outcome, OutcomeState
from grading.domain.marks import Annotation, AnnotationKind, Appreciation, Erasure, Mark, Remark
from grading.domain.sheet import Revision, Sheet, Thing, Written
from grading.store.tables import (
    ROUND,
    acts,
    annotations,
    appreciations,
    assignments,
    copies,
    marks,
    past_assignments,
    remarks,
)
from grading.wire.writing import act_bytes, act_from

_TABLES: Mapping[Thing, Table] = {
    Thing.MARK: marks,
    Thing.REMARK: remarks,
    Thing.APPRECIATION: appreciations,
    Thing.ANNOTATION: annotations,
}

#: Whose copies are, and were.
_HELD = (assignments, past_assignments)

#: Shown at the desk; the list of all of them has pages.
ASIDE_AT_ONCE = 500
_ASIDE_PLACE = (acts.c.at, acts.c.sequence, acts.c.copy_id, acts.c.act_id)
#: What is told of an act that was set aside.
_ASIDE = ("reason", "at", "exam_id", "copy_id", "copy_code", "is_assigned")

#: What is left of an erased annotation: its versions go on, should it be drawn again.
_BLANK: Mapping[str, Any] = {
    "page_id": "",
    "kind": "",
    "points": [],
    "color": "",
    "width": 0,
    "size": 0,
    "text": "",
    "box_width": 0,
    "question_id": "",
}


class Sheets:
    """What is written, in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, copy_id: str) -> Sheet:
        """Read all that is written on a copy."""
        words = await self._session.execute(_words(copy_id))
        drawn = await self._session.execute(_drawings(copy_id))
        return Sheet.of([*map(_word, words), *map(_drawing, drawn)])

    async def get_part(self, copy_id: str, annotation_ids: Collection[str]) -> Sheet:
        """Read the words on a copy and those annotations, erased or not."""
        words = await self._session.execute(_words(copy_id))
        if not annotation_ids:
            return Sheet.of(map(_word, words))
        named = select(annotations).where(annotations.c.copy_id == copy_id, annotations.c.round == ROUND)
        drawn = await self._session.execute(named.where(annotations.c.id.in_(annotation_ids)))
        return Sheet.of([*map(_word, words), *map(_drawing, drawn)])

    async def save(self, copy_id: str, marker_id: str, sheet: Sheet) -> None:
        """Store what changed."""
        for key in sheet.changed:
            written = sheet.things[key]
            row = {"copy_id": copy_id, "round": ROUND, "marker_id": marker_id, **_columns(written)}
            await self._session.execute(_put(_TABLES[key[0]], row))

    async def outcomes(self, copy_id: str, marker_id: str, sent: Sequence[Act]) -> dict[str, Outcome]:
        """Read what became of those acts that were sent before."""
        place = tuple_(acts.c.journal_id, acts.c.sequence)
        is_repeat = or_(
            acts.c.act_id.in_([act.id for act in sent]),
            and_(acts.c.marker_id == marker_id, place.in_([(act.journal_id, act.sequence) for act in sent])),
        )
        known = (await self._session.execute(select(acts).where(acts.c.copy_id == copy_id, is_repeat))).all()
        ids = {act.id for act in sent}
        for row in known:
            if row.act_id not in ids or row.marker_id != marker_id:
                raise ActsInvalid(act=row.act_id)
        return {row.act_id: _outcome(row) for row in known}

    async def add_acts(self, copy_id: str, marker_id: str, done: Iterable[tuple[Act, Outcome]]) -> None:
        """Journal acts with what became of them."""
        rows = [
            {
                "copy_id": copy_id,
                "act_id": act.id,
                "marker_id": marker_id,
                "journal_id": act.journal_id,
                "sequence": act.sequence,
                "body": act_bytes(act),
                "outcome": outcome.state,
                "reason": outcome.reason,
                "version": outcome.version,
            }
            for act, outcome in done
        ]
        if rows:
            await self._session.execute(insert(acts), rows)

    async def arrived(self, copy_id: str, marker_id: str, journal_id: str, last_sequence: int) -> int:
        """Count the acts of a journal up to a place in it."""
        query = select(func.count()).where(
            acts.c.copy_id == copy_id,
            acts.c.marker_id == marker_id,
            acts.c.journal_id == journal_id,
            acts.c.sequence.between(1, last_sequence),
        )
        return await self._session.scalar(query) or 0

    async def set_aside(self, copy_id: str, marker_id: str) -> list[AsideAct]:
        """Read the acts on a copy that were set aside and not dismissed, for their author."""
        return await self._read_aside(_aside(marker_id).where(acts.c.copy_id == copy_id), ASIDE_AT_ONCE)

    async def all_set_aside(
        self, marker_id: str, after: AsidePlace | None = None, limit: int | None = None
    ) -> list[AsideAct]:
        """List such acts of an author on all copies, whoever has them now."""
        own = union(*(select(held.c.copy_id).where(held.c.marker_id == marker_id) for held in _HELD))
        beyond = _aside(marker_id).where(acts.c.copy_id.in_(own), db.after(_ASIDE_PLACE, after))
        return await self._read_aside(beyond, limit)

    async def dismiss(self, copy_id: str, marker_id: str, act_id: str) -> bool:
        """Note that an author has seen enough of an act that was set aside; False when there is none."""
        dismissed = (
            update(acts)
            .where(acts.c.copy_id == copy_id, acts.c.marker_id == marker_id, acts.c.act_id == act_id)
            .where(acts.c.outcome == OutcomeState.SET_ASIDE)
            .values(dismissed_at=func.coalesce(acts.c.dismissed_at, func.now()))
        )
        return (await self._session.execute(dismissed.returning(acts.c.act_id))).first() is not None

    async def _read_aside(self, query: Select[Any], limit: int | None) -> list[AsideAct]:
        rows = await self._session.execute(query.order_by(*_ASIDE_PLACE).limit(limit))
        return [
            AsideAct(act=act_from(row.body), **{name: getattr(row, name) for name in _ASIDE}) for row in rows
        ]


def _aside(marker_id: str) -> Select[Any]:
    is_theirs = (assignments.c.copy_id == acts.c.copy_id) & (assignments.c.marker_id == marker_id)
    described = (
        copies.c.exam_id,
        copies.c.code.label("copy_code"),
        select(assignments).where(is_theirs).exists().label("is_assigned"),
    )
    return (
        select(acts.c.body, acts.c.reason, acts.c.at, acts.c.copy_id, *described)
        .join(copies, copies.c.id == acts.c.copy_id)
        .where(acts.c.marker_id == marker_id, acts.c.outcome == OutcomeState.SET_ASIDE)
        .where(acts.c.dismissed_at.is_(None))
    )


def _put(table: Table, row: Mapping[str, Any]) -> Executable:
    keys = [column.name for column in table.primary_key]
    changed = {name: value for name, value in row.items() if name not in keys} | {"changed_at": func.now()}
    return upsert(table).values(row).on_conflict_do_update(index_elements=keys, set_=changed)


def _drawings(copy_id: str) -> Select[Any]:
    drawn = select(annotations).where(annotations.c.copy_id == copy_id, annotations.c.round == ROUND)
    return drawn.where(annotations.c.kind != "").order_by(annotations.c.position)


def _words(copy_id: str) -> Any:
    """Select marks, remarks and the appreciation in one go."""
    return union_all(
        _of(marks, copy_id, Thing.MARK, marks.c.question_id, marks.c.points, literal("")),
        _of(remarks, copy_id, Thing.REMARK, remarks.c.question_id, null(), remarks.c.text),
        _of(appreciations, copy_id, Thing.APPRECIATION, literal(""), null(), appreciations.c.text),
    )


def _of(table: Table, copy_id: str, thing: Thing, *columns: Any) -> Select[Any]:
    names = ("question_id", "points", "text")
    content = [column.label(name) for name, column in zip(names, columns, strict=True)]
    revision = table.c.version, table.c.journal_id, table.c.sequence
    query = select(literal(str(thing)).label("thing"), *content, *revision)
    return query.where(table.c.copy_id == copy_id, table.c.round == ROUND)


def _word(row: Row[Any]) -> Written:
    contents: dict[str, Mark | Remark | Appreciation] = {
        Thing.MARK: Mark(row.question_id, row.points),
        Thing.REMARK: Remark(row.question_id, row.text),
        Thing.APPRECIATION: Appreciation(row.text),
    }
    return Written(contents[row.thing], _revision(row))


def _drawing(row: Row[Any]) -> Written:
    if not row.kind:
        return Written(Erasure(row.id), _revision(row))
    annotation = Annotation(
        id=row.id,
        page_id=row.page_id,
        kind=AnnotationKind(row.kind),
        points=tuple(zip(row.points[::2], row.points[1::2], strict=True)),
        color=row.color,
        width=row.width,
        size=row.size,
        text=row.text,
        box_width=row.box_width,
        question_id=row.question_id,
    )
    return Written(annotation, _revision(row))


def _revision(row: Row[Any]) -> Revision:
    return Revision(row.version, row.journal_id, row.sequence)


def _columns(thing: Written) -> dict[str, Any]:
    revision = thing.revision
    content: dict[str, Any]
    match thing.content:
        case Mark(question_id, points):
            content = {"question_id": question_id, "points": points}
        case Remark(question_id, text):
            content = {"question_id": question_id, "text": text}
        case Appreciation(text):
            content = {"text": text}
        case Erasure(erased):
            content = {"id": erased, **_BLANK}
        case Annotation() as drawn:
            content = _columns_of(drawn)
    return content | {
        "version": revision.version,
        "journal_id": revision.journal_id,
        "sequence": revision.sequence,
    }


def _columns_of(annotation: Annotation) -> dict[str, Any]:
    names = ("id", "page_id", "kind", "color", "width", "size", "text", "box_width", "question_id")
    flat = [number for point in annotation.points for number in point]
    return {name: getattr(annotation, name) for name in names} | {"points": flat}


def _outcome(row: Row[Any]) -> Outcome:
    return Outcome(row.act_id, OutcomeState(row.outcome), row.reason, row.version)
