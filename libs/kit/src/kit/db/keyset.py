"""Go on in a list after the last row seen, wherever rows come and go meanwhile."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, true, tuple_


def after(
    place: Sequence[ColumnElement[Any]], key: Sequence[Any] | None, *, descending: bool = False
) -> ColumnElement[bool]:
    """Keep the rows beyond a place in a list ordered by these columns; without a key all of them."""
    if key is None:
        return true()
    seen = tuple_(*key, types=[column.type for column in place])
    return tuple_(*place) < seen if descending else tuple_(*place) > seen
