"""Identity zones lie on a page, and are decided by somebody."""

from __future__ import annotations

import math

import pytest
from ingest.domain.refusals import ZoneInvalid, ZonesMissing, ZonesTooMany
from ingest.domain.zones import ZONES_LIMIT, Area, Zone, Zones

HEADER = Area(0, 0.04, 1, 0.26)


def test_a_zone_covers_its_page_or_each_nth_from_there() -> None:
    once, each_sheet = Zone(2, 0, HEADER), Zone(1, 4, HEADER)

    assert [position for position in range(1, 10) if once.covers(position)] == [2]
    assert [position for position in range(1, 10) if each_sheet.covers(position)] == [1, 5, 9]


def test_none_is_said_not_assumed() -> None:
    with pytest.raises(ZonesMissing):
        Zones("exam").replaced([], none_confirmed=False)

    assert Zones("exam").replaced([], none_confirmed=True).none_confirmed


def test_drawn_zones_outweigh_the_word_that_there_are_none() -> None:
    zones = Zones("exam", version=3).replaced([Zone(1, 0, HEADER)], none_confirmed=True)

    assert (zones.none_confirmed, zones.version) == (False, 4)


@pytest.mark.parametrize(
    "zone",
    [
        Zone(0, 0, HEADER),
        Zone(1, -1, HEADER),
        Zone(1, 0, Area(0.6, 0, 0.5, 0.1)),
        Zone(1, 0, Area(-0.1, 0, 0.5, 0.1)),
        Zone(1, 0, Area(0, 0, 0, 0.1)),
        Zone(1, 0, Area(math.nan, 0, 0.1, 0.1)),
    ],
)
def test_a_zone_off_the_page_is_refused(zone: Zone) -> None:
    with pytest.raises(ZoneInvalid):
        Zones("exam").replaced([zone], none_confirmed=False)


def test_zones_are_few() -> None:
    with pytest.raises(ZonesTooMany):
        Zones("exam").replaced([Zone(1, 0, HEADER)] * (ZONES_LIMIT + 1), none_confirmed=False)
