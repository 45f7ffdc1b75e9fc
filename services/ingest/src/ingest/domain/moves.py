"""A state machine is a table: which move is allowed from where, and where it leads."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

S = TypeVar("S", bound=StrEnum)


class Move(NamedTuple, Generic[S]):
    """The states a move starts from and the one it ends in."""

    sources: frozenset[S]
    target: S


Moves = Mapping[str, Move[S]]


def move(*sources: S, to: S) -> Move[S]:
    """Declare a move."""
    return Move(frozenset(sources), to)
