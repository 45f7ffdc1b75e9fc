"""A browser's journal: acts with their ids and places."""

from itertools import count
from uuid import uuid4

from korrigo.grading.v1 import grading_pb2 as nouns


class Browser:
    """A browser's journal for one copy."""

    def __init__(self) -> None:
        self.id = str(uuid4())
        self._places = count(1)
        self.last = 0

    def mark(self, question: str, points: int | None, *, base: int = 0, scheme: int = 2) -> nouns.Act:
        """Journal a mark."""
        mark = pb_mark(question, points, scheme)
        return self._act(base, set_mark=mark)

    def remark(self, question: str, words: str, *, base: int = 0) -> nouns.Act:
        """Journal a remark."""
        return self._act(base, set_remark=nouns.SetRemark(question_id=question, text=words))

    def appreciate(self, words: str, *, base: int = 0) -> nouns.Act:
        """Journal the appreciation."""
        return self._act(base, set_appreciation=nouns.SetAppreciation(text=words))

    def draw(self, annotation_id: str, *, page: str, base: int = 0) -> nouns.Act:
        """Journal a stroke."""
        stroke = nouns.Annotation(
            id=annotation_id,
            page_id=page,
            kind=nouns.Annotation.KIND_PEN,
            points=[nouns.Point(x=0.1, y=0.2), nouns.Point(x=0.3, y=0.4)],
            color="#dd1111",
            width=1.5,
        )
        return self._act(base, put_annotation=stroke)

    def erase(self, annotation_id: str, *, base: int = 0) -> nouns.Act:
        """Journal the removal of a stroke."""
        return self._act(base, delete_annotation=nouns.DeleteAnnotation(annotation_id=annotation_id))

    def all_marks(self, points: int = 100) -> list[nouns.Act]:
        """Journal a mark for every question."""
        return [self.mark(question, points) for question in ("q1a", "q1b", "q2")]

    def _act(self, base: int, **what: object) -> nouns.Act:
        self.last = next(self._places)
        return nouns.Act(
            act_id=str(uuid4()),
            journal_id=self.id,
            sequence=self.last,
            base_version=base,
            **what,  # type: ignore[arg-type]  # one of the kinds of acts
        )


def pb_mark(question: str, points: int | None, scheme: int) -> nouns.SetMark:
    """Write a mark."""
    return nouns.SetMark(question_id=question, points=points, scheme_version=scheme)
