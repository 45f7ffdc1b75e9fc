"""The scheme of an exam: a tree of questions, of which only the leaves are marked."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from kit.errors import FailedPrecondition, InvalidArgument

MAX_QUESTIONS = 500
MAX_DEPTH = 5
MAX_POINTS = 100_000
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class SchemeInvalid(InvalidArgument):
    """The scheme is not a tree of questions with points."""


class SchemeInUse(FailedPrecondition):
    """Copies are already marked; only labels and titles can still change."""


class SchemeEmpty(FailedPrecondition):
    """The exam has no scheme yet."""


@dataclass(frozen=True, slots=True)
class Question:
    """A node of the scheme; the maximum of a parent is the sum of its children's."""

    id: str
    parent_id: str
    label: str
    title: str
    maximum: int


@dataclass(frozen=True)
class Scheme:
    """The questions in reading order, parents before their children."""

    questions: tuple[Question, ...] = ()

    @classmethod
    def build(cls, questions: Iterable[Question], *, new_id: Callable[[], str]) -> "Scheme":
        """Name new questions, check the tree and sum up its parents."""
        named = [replace(question, id=question.id or new_id()) for question in questions]
        _check(named)
        return cls(_summed(named))

    @cached_property
    def leaves(self) -> dict[str, Question]:
        """Give the questions that are marked, by id."""
        parents = {question.parent_id for question in self.questions}
        return {question.id: question for question in self.questions if question.id not in parents}

    @cached_property
    def ids(self) -> frozenset[str]:
        """Give the id of every question."""
        return frozenset(question.id for question in self.questions)

    @cached_property
    def maximum(self) -> int:
        """Give the points of a perfect copy."""
        return sum(question.maximum for question in self.leaves.values())

    @cached_property
    def depths(self) -> dict[str, int]:
        """Tell how deep each question lies; roots lie at 0."""
        depths: dict[str, int] = {}
        for question in self.questions:
            depths[question.id] = depths.get(question.parent_id, -1) + 1
        return depths

    def has_structure_of(self, other: "Scheme") -> bool:
        """Tell whether marks given under one scheme mean the same under the other."""
        return self._structure == other._structure

    @property
    def _structure(self) -> list[tuple[str, str, int]]:
        return [(question.id, question.parent_id, question.maximum) for question in self.questions]


def _check(questions: list[Question]) -> None:
    if len(questions) > MAX_QUESTIONS:
        raise SchemeInvalid(problem="TOO_MANY_QUESTIONS")
    if len({question.id for question in questions}) < len(questions):
        raise SchemeInvalid(problem="ID_REPEATED")
    parents = {question.parent_id for question in questions}
    for question, problem in _problems(questions, parents):
        if problem:
            raise SchemeInvalid(problem=problem, question=question.label)


def _problems(questions: list[Question], parents: set[str]) -> Iterator[tuple[Question, str]]:
    path: list[str] = []
    for question in questions:
        while path and path[-1] != question.parent_id:
            path.pop()
        yield question, _problem(question, path, is_leaf=question.id not in parents)
        path.append(question.id)


def _problem(question: Question, path: list[str], *, is_leaf: bool) -> str:
    if not ID.fullmatch(question.id):
        return "ID_INVALID"
    if question.parent_id and not path:
        return "PARENT_UNKNOWN"
    if len(path) >= MAX_DEPTH:
        return "TOO_DEEP"
    if not 1 <= len(question.label.strip()) <= 40 or "\0" in question.label:
        return "LABEL_INVALID"
    if len(question.title) > 500 or "\0" in question.title:
        return "TITLE_INVALID"
    if is_leaf and not 1 <= question.maximum <= MAX_POINTS:
        return "MAXIMUM_INVALID"
    return ""


def _summed(questions: list[Question]) -> tuple[Question, ...]:
    sums: dict[str, int] = {}
    for question in reversed(questions):
        own = sums.get(question.id, question.maximum)
        sums[question.id] = own
        sums[question.parent_id] = sums.get(question.parent_id, 0) + own
    return tuple(replace(question, maximum=sums[question.id]) for question in questions)
