"""Markers who write without a pause, and remember every act that was acknowledged to them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count, pairwise

from tests import desk
from tests.desk import Desk

#: Marks of the questions 1.a, 1.b, 2 and 3, in 1/100 point: all are multiples of the step.
POINTS = (0, 50, 100, 150)


class Robot:
    """A marker who writes on one copy until told to stop."""

    def __init__(self, at: Desk) -> None:
        self._desk = at
        shown = at.marking
        self._page = shown["pages"][0]
        self._scheme_version = shown["exam"]["scheme_version"]
        self._questions = list(at.leaves().values())
        self._versions: dict[str, int] = {mark["question_id"]: mark["version"] for mark in shown["marks"]}
        self._marks: dict[str, int | None] = {mark["question_id"]: mark["points"] for mark in shown["marks"]}
        self._drawn: set[str] = {one["id"] for one in shown["annotations"]}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._write_on)
        self._failure: BaseException | None = None
        #: When each request was answered, on the clock of `time.monotonic`.
        self.answered: list[float] = []

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the act in hand; fail if an act was not accepted."""
        self._stopping.set()
        self._thread.join(timeout=120)
        if self._failure:
            raise self._failure

    def assert_nothing_is_lost(self) -> None:
        """Compare what is stored with what was acknowledged."""
        shown = self._desk.marking
        stored = [one["id"] for one in shown["annotations"]]

        assert {mark["question_id"]: mark["points"] for mark in shown["marks"]} == self._marks
        assert sorted(stored) == sorted(self._drawn)
        assert shown["set_aside"] == []

    def has_answers_after(self, moment: float, number: int = 3) -> bool:
        """Tell whether so many requests were answered since then; fail if the robot has given up."""
        if self._failure:
            raise self._failure
        return sum(answered > moment for answered in self.answered) >= number

    def longest_wait(self, since: float, until: float) -> float:
        """Tell the longest time without an answer within a span."""
        within = [since, *(moment for moment in self.answered if since < moment < until), until]
        return max(later - earlier for earlier, later in pairwise(within))

    def _write_on(self) -> None:
        try:
            for turn in count():
                if self._stopping.is_set():
                    return
                self._write(turn)
        except BaseException as failure:
            self._failure = failure

    def _write(self, turn: int) -> None:
        question = self._questions[turn % len(self._questions)]["id"]
        points = POINTS[turn % len(POINTS)]
        seen = self._versions.get(question, 0)
        given = desk.mark({"id": question}, points, self._scheme_version, seen=seen)
        tick = desk.drawing(self._page, "tick", [(0.5, 0.5)])
        outcomes = self._desk.accept(given, tick)
        self._versions[question], self._marks[question] = outcomes[0]["version"], points
        self._drawn.add(tick["put_annotation"]["id"])
        self.answered.append(time.monotonic())


@contextmanager
def writing(desks: Sequence[Desk]) -> Iterator[list[Robot]]:
    """Have a robot write on each copy while the block runs, and nothing be lost after it."""
    robots = [Robot(one) for one in desks]
    for robot in robots:
        robot.start()
    try:
        yield robots
    finally:
        for robot in robots:
            robot.stop()
    for robot in robots:
        robot.assert_nothing_is_lost()
