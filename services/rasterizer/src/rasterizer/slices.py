"""Render the sides of one scan in slices, each in a child of its own, some at the same time."""

import select
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path

from rasterizer.child import Child, Limits, Line
from rasterizer.jobs import failure, render_sides
from rasterizer.refusals import FAILURE_OF_KILL, FailureReason, SliceFailed, SliceKilled

#: What a slice may cost beside the two seconds of each side; on average a side takes a tenth of that.
_GRACE_SECONDS, _SIDE_SECONDS = 30, 2
#: At most so many in a slice: starting one costs as much as copying a few sides.
_SIDES = 512
#: After so many killed slices the rest is given up: a bomb on every side must not cost its time limit each.
_STRIKES = 2


@dataclass
class _Slice:
    """Hold the sides of one slice that have not been told yet."""

    child: Child
    sides: deque[int]


@dataclass
class Rendering:
    """Render sides until each is told once, as an image or as a failure."""

    scan: Path
    out: Path
    workers: int = 1
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self._waiting: deque[Sequence[int]] = deque()
        self._running: dict[int, _Slice] = {}
        self._strikes = 0

    def lines(self, sides: Sequence[int]) -> Iterator[Line]:
        """Tell a line per side; in the order of the sides if there is one worker."""
        share = min(_SIDES, ceil(len(sides) / self.workers))
        self._waiting.extend(sides[start : start + share] for start in range(0, len(sides), max(1, share)))
        while self._fill():
            patience = min(part.child.seconds_left() for part in self._running.values())
            ready, _, _ = select.select(list(self._running), [], [], patience)
            for descriptor in ready:
                yield from self._hear(self._running[descriptor])
            self._end_the_silent()

    def _fill(self) -> bool:
        while self._waiting and len(self._running) < self.workers:
            sides = self._waiting.popleft()
            args: Line = {"scan": self.scan, "sides": sides, "out": self.out}
            child = Child(render_sides, args, self._limits(len(sides)))
            self._running[child.fileno()] = _Slice(child, deque(sides))
        return bool(self._running)

    def _limits(self, sides: int) -> Limits:
        """Bound a slice by the number of its sides: a file must not cost the limit of one side for each."""
        limits = self.limits.tightened if self._strikes else self.limits
        return replace(limits, cpu_seconds=_GRACE_SECONDS + _SIDE_SECONDS * sides)

    def _hear(self, part: _Slice) -> Iterator[Line]:
        for line in part.child.receive():
            part.sides.remove(line["side"])
            yield line
        if not part.child.is_open:
            del self._running[part.child.fileno()]
            yield from self._close(part)

    def _close(self, part: _Slice) -> Iterator[Line]:
        try:
            part.child.close()
        except SliceKilled as killed:
            yield from self._lose(part.sides, FAILURE_OF_KILL[killed.reason], str(killed))
        except SliceFailed as failed:
            yield from self._lose(part.sides, FailureReason.CRASHED, str(failed))

    def _lose(self, sides: deque[int], reason: FailureReason, message: str) -> Iterator[Line]:
        """Fail the side at which a slice ended, and go on after it; or fail all that is left."""
        self._strikes += 1
        lost = [sides.popleft()] if sides else []
        if self._strikes < _STRIKES:
            self._waiting.extendleft([list(sides)] if sides else [])
        else:
            lost += [*sides, *(side for waiting in self._waiting for side in waiting)]
            self._waiting.clear()
        yield from ({"side": side, "failure": failure(reason, message)} for side in lost)

    def _end_the_silent(self) -> None:
        for part in self._running.values():
            if part.child.seconds_left() == 0:
                part.child.kill()
