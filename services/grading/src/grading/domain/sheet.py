"""A sheet: all that is written on a copy, each thing with the change that is in force."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar, assert_never

from grading.domain.acts import Act, Outcome
from grading.domain.marks import Annotation, Appreciation, Content, Erasure, Mark, Remark

C = TypeVar("C", bound=Content)


class Thing(StrEnum):
    """What can be written on a copy."""

    MARK = "mark"
    REMARK = "remark"
    APPRECIATION = "appreciation"
    ANNOTATION = "annotation"


Key = tuple[Thing, str]


@dataclass(frozen=True, slots=True)
class Revision:
    """The change of a thing that is in force: its number, and the journal that made it."""

    version: int = 0
    journal_id: str = ""
    sequence: int = 0


ABSENT = Revision()


@dataclass(frozen=True, slots=True)
class Written:
    """A thing on a copy."""

    content: Content
    revision: Revision


@dataclass(slots=True)
class Sheet:
    """What is written on a copy, or the part of it that some acts concern."""

    things: dict[Key, Written]
    changed: list[Key] = field(default_factory=list)

    @classmethod
    def of(cls, things: Iterable[Written]) -> "Sheet":
        """Lay out what is written."""
        return cls({key_of(thing.content): thing for thing in things})

    def apply(self, act: Act) -> Outcome:
        """
        Write an act that builds on what is there, or tell the conflict.

        A journal knows what it wrote itself before the answer reaches it, so its acts build on one another in
        their own order, whatever version they name; a late one changes nothing.
        """
        assert act.content is not None  # acts without content are refused before
        key = key_of(act.content)
        now = self.things[key].revision if key in self.things else ABSENT
        if isinstance(act.content, Erasure) and not self._has_annotation(key):
            return Outcome.accepted(act, now.version)
        if now.journal_id == act.journal_id:
            if act.sequence < now.sequence:
                return Outcome.accepted(act, now.version)
        elif act.base_version != now.version:
            return Outcome.set_aside(act, "VERSION_CONFLICT", now.version)
        self.things[key] = Written(act.content, Revision(now.version + 1, act.journal_id, act.sequence))
        if key not in self.changed:
            self.changed.append(key)
        return Outcome.accepted(act, now.version + 1)

    def all_of(self, kind: type[C]) -> list[tuple[C, int]]:
        """List the contents of one kind with their versions."""
        return [
            (thing.content, thing.revision.version)
            for thing in self.things.values()
            if isinstance(thing.content, kind)
        ]

    @property
    def marks(self) -> dict[str, int | None]:
        """Give the points by question."""
        return {mark.question_id: mark.points for mark, _ in self.all_of(Mark)}

    def _has_annotation(self, key: Key) -> bool:
        return key in self.things and isinstance(self.things[key].content, Annotation)


def key_of(content: Content) -> Key:
    """Name the thing that a content belongs to."""
    match content:
        case Mark():
            return Thing.MARK, content.question_id
        case Remark():
            return Thing.REMARK, content.question_id
        case Appreciation():
            return Thing.APPRECIATION, ""
        case Annotation() | Erasure():
            return Thing.ANNOTATION, content.id
    assert_never(content)
