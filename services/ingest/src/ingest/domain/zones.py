"""Identity zones: areas of a page that show who wrote it."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ingest.domain.refusals import ZoneInvalid, ZonesMissing, ZonesTooMany, ZonesUndecided

ZONES_LIMIT = 20
# A rectangle dragged to the edge may overshoot by a rounding error.
_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in fractions of the displayed page."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Zone:
    """An area of the page at one position of a copy, or of each `every` pages from there on."""

    page: int
    every: int
    area: Area

    def covers(self, position: int) -> bool:
        """Say whether the zone lies on the page at a position."""
        if not self.every:
            return position == self.page
        return position >= self.page and (position - self.page) % self.every == 0


@dataclass(frozen=True, slots=True)
class Zones:
    """The identity zones of an exam, or the word of the office that there are none."""

    exam_id: str
    zones: tuple[Zone, ...] = ()
    none_confirmed: bool = False
    version: int = 0

    def replaced(self, zones: Sequence[Zone], *, none_confirmed: bool) -> Zones:
        """Decide anew."""
        if not zones and not none_confirmed:
            raise ZonesMissing
        if len(zones) > ZONES_LIMIT:
            raise ZonesTooMany(limit=str(ZONES_LIMIT))
        for zone in zones:
            _check(zone)
        return Zones(self.exam_id, tuple(zones), not zones, self.version + 1)

    def areas(self, positions: Collection[int]) -> tuple[Area, ...]:
        """List what to paint out on a page that may be at any of these positions of a copy."""
        return tuple(zone.area for zone in self.zones if any(map(zone.covers, positions)))

    def decided(self) -> Zones:
        """Go on only if somebody decided what shows the writer."""
        if not self.zones and not self.none_confirmed:
            raise ZonesUndecided
        return self


def _check(zone: Zone) -> None:
    area = zone.area
    numbers = (area.x, area.y, area.width, area.height)
    is_on_page = (
        all(math.isfinite(number) for number in numbers)
        and min(area.x, area.y) >= 0
        and min(area.width, area.height) > 0
        and max(area.x + area.width, area.y + area.height) <= 1 + _SLACK
    )
    if zone.page < 1 or zone.every < 0 or not is_on_page:
        raise ZoneInvalid
