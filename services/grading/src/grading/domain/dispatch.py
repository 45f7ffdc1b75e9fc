"""Sharing copies among markers: evenly and at random."""

import heapq
from collections.abc import Iterable, Mapping
from random import Random

from kit.errors import InvalidArgument


class MarkersMissing(InvalidArgument):
    """Name the markers who share the copies."""


def share(copies: Iterable[str], loads: Mapping[str, int], random: Random) -> dict[str, str]:
    """Give each copy to a marker with the least copies, counting those of *loads* that they already have."""
    if not loads or "" in loads:
        raise MarkersMissing
    shuffled = list(copies)
    random.shuffle(shuffled)
    heap = [(load, random.random(), marker) for marker, load in loads.items()]
    heapq.heapify(heap)
    shares: dict[str, str] = {}
    for copy in shuffled:
        load, _, marker = heap[0]
        shares[copy] = marker
        heapq.heapreplace(heap, (load + 1, random.random(), marker))
    return shares
