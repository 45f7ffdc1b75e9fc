"""What one request left in every process's log: the request that hands over an uploaded file."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ctl.gate.place import Line, Place

#: Where it passes, and what each process says of it there.
PASSES = {
    "gateway": "http_request",
    "ingest": "rpc_served",
    "ingest-consume": "message_ended",
    "rasterizer": "message_ended",
    "grading-consume": "message_ended",
}
RENDERING = "work.RenderSides"
RENDERED = "korrigo.rasterizer.v1.SidesRendered"
_HANDED_OVER = '/complete"'
#: How many are read whole, newest first.
_TRIED = 5
#: How much later than its pages a request may be whole in the logs.
_LAG_SECONDS = 20.0


@dataclass(frozen=True)
class Journey:
    """The lines that carry the id of one request."""

    request_id: str
    lines: tuple[Line, ...]

    @cached_property
    def missing(self) -> list[str]:
        """Name the processes that it should have passed and did not."""
        said = {(line["process"], line["event"]) for line in self.lines}
        return [process for process, event in PASSES.items() if (process, event) not in said]

    @cached_property
    def answer(self) -> Line:
        """Give the gateway's line."""
        return next(line for line in self.lines if line["event"] == "http_request")

    @cached_property
    def done(self) -> Counter[str]:
        """Count by its id how often each piece of rendering work was done."""
        return Counter(line["event_id"] for line in self._ended(RENDERING))

    @cached_property
    def heard(self) -> set[str]:
        """Name the facts of rendered sides that ingest has heard."""
        return {line["event_id"] for line in self._ended(RENDERED)}

    @property
    def is_whole(self) -> bool:
        """
        Tell whether it passed everybody, and ingest heard of every piece of work that was done.

        Of a rasterizer's pod that is gone the log is gone too: more may have been heard than is told of.
        """
        return not self.missing and 0 < len(self.done) <= len(self.heard)

    @property
    def answered_after(self) -> float:
        """Tell the seconds to the answer."""
        return float(self.answer["seconds"])

    @property
    def worked_on_for(self) -> float:
        """Tell for how many seconds after its answer pages were still being made."""
        last = max((_at(line) for line in self._ended(RENDERING)), default=_at(self.answer))
        return (last - _at(self.answer)).total_seconds()

    def _ended(self, kind: str) -> Iterator[Line]:
        return (
            line
            for line in self.lines
            if (line["event"], line.get("kind"), line.get("outcome")) == ("message_ended", kind, "done")
        )


def newest(place: Place, seconds: float) -> Journey | None:
    """Find the newest upload whose work is over; else the one that came furthest."""
    handed_over = [line for line in place.lines(_HANDED_OVER, seconds) if _is_handed_over(line)]
    newest_first = sorted(handed_over, key=_at, reverse=True)[:_TRIED]
    found = _read(place, [str(line["request_id"]) for line in newest_first], seconds)
    whole = next((journey for journey in found if journey.is_whole), None)
    return whole or min(found, key=lambda journey: len(journey.missing), default=None)


def of(place: Place, request_id: str, seconds: float) -> Journey:
    """Read the journey of one request whose work is over; logs may come a moment later."""
    deadline = time.monotonic() + _LAG_SECONDS
    while True:
        found = Journey(request_id, tuple(_with_ids(place.lines(request_id, seconds))))
        if found.is_whole or time.monotonic() > deadline:
            return found
        time.sleep(1)


def _read(place: Place, ids: list[str], seconds: float) -> list[Journey]:
    lines: dict[str, list[Line]] = {id: [] for id in ids}
    for line in _with_ids(place.lines('"request_id"', seconds)) if ids else ():
        if line["request_id"] in lines:
            lines[line["request_id"]].append(line)
    return [Journey(id, tuple(said)) for id, said in lines.items()]


def _with_ids(lines: Iterable[Line]) -> Iterator[Line]:
    return (line for line in lines if "event" in line and "request_id" in line and "time" in line)


def _is_handed_over(line: Line) -> bool:
    is_answer = line.get("event") == "http_request" and line.get("status") == 202
    return is_answer and str(line.get("route", "")).endswith("/complete")


def _at(line: Line) -> datetime:
    return datetime.fromisoformat(str(line["time"]).replace("Z", "+00:00"))
