"""Let happen to a pile what happens at the feeder; the truth of the scan follows from the changed pile.

Sides are numbered from 1, as in the scan file before the accident.
"""

from dataclasses import replace

from tests.paper.piles import BLANK_SIDE, Fault, Pile, Side


def missing_side(pile: Pile, number: int) -> Pile:
    """Lose one side, such as a verso that the scanner did not take."""
    return pile[: number - 1] + pile[number:]


def double_feed(pile: Pile, number: int) -> Pile:
    """Feed the sheet of this side together with the next: the two faces pressed together are lost."""
    first, last = _sheet(pile, number)
    if last >= len(pile):
        raise ValueError(f"side {number} is on the last sheet")
    _, next_last = _sheet(pile, last + 1)
    return (*pile[:first], pile[next_last - 1], *pile[next_last:])


def swapped_sides(pile: Pile, number: int) -> Pile:
    """Feed the sheet of this side back to front."""
    first, last = _sheet(pile, number)
    return pile[: first - 1] + pile[first - 1 : last][::-1] + pile[last:]


def upside_down(pile: Pile, number: int) -> Pile:
    """Feed the sheet of this side upside down: each of its sides appears turned by 180 degrees."""
    first, last = _sheet(pile, number)
    turned = tuple(replace(side, is_turned=not side.is_turned) for side in pile[first - 1 : last])
    return pile[: first - 1] + turned + pile[last:]


def blank_sides(pile: Pile, after: int, *, count: int = 1) -> Pile:
    """Slip white A4 pages in after a side."""
    return pile[:after] + (BLANK_SIDE,) * count + pile[after:]


def foreign_sheet(pile: Pile, after: int, *, taken: int) -> Pile:
    """Move the sheet of the side `taken` into the pile after another side, inside somebody else's copy."""
    first, last = _sheet(pile, taken)
    if first - 1 < after < last:
        raise ValueError(f"side {after} is on the sheet that is moved")
    sheet, rest = pile[first - 1 : last], pile[: first - 1] + pile[last:]
    place = after - (last - first + 1) * (after >= last)
    return rest[:place] + sheet + rest[place:]


def broken_side(pile: Pile, number: int, *, fault: Fault = Fault.GARBAGE) -> Pile:
    """Spoil the image of one side in an otherwise fine scan."""
    return _replaced(pile, number, replace(pile[number - 1], fault=fault))


def _replaced(pile: Pile, number: int, side: Side) -> Pile:
    return (*pile[: number - 1], side, *pile[number:])


def _sheet(pile: Pile, number: int) -> tuple[int, int]:
    """Return the first and last side of the sheet that a side belongs to."""
    if not 1 <= number <= len(pile):
        raise ValueError(f"there is no side {number}")
    sheet = pile[number - 1].sheet
    first = last = number
    while first > 1 and pile[first - 2].sheet == sheet:
        first -= 1
    while last < len(pile) and pile[last].sheet == sheet:
        last += 1
    return first, last
