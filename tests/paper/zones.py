"""Say which identity zones an office would set for a kind of exam."""

from dataclasses import dataclass

from tests.paper.forms import Form, identity_zone
from tests.paper.truth import Box

SHEET = (Form.FIRST, Form.SECOND)
ANNEX = (Form.ANNEX, Form.ANNEX_BACK)


@dataclass(frozen=True)
class Zone:
    """A rectangle to paint out on the page at this reading position, in fractions of the displayed page."""

    position: int
    box: Box


def identity_zones(kind: str, *, sheets: int = 3) -> tuple[Zone, ...]:
    """Return zones for copies of up to that many four-page sheets; kind is a4, a3 or mixed.

    Each sheet repeats the header on its first page and shows it through on its second. An annex
    follows the last sheet, so it may stand wherever a further sheet would begin.
    """
    zones = [_zone(4 * sheet, place, form) for sheet in range(sheets) for place, form in enumerate(SHEET, 1)]
    if kind == "mixed":
        zones += [
            _zone(4 * after, place, form)
            for after in range(1, sheets + 1)
            for place, form in enumerate(ANNEX, 1)
        ]
    return tuple(zones)


def _zone(before: int, place: int, form: Form) -> Zone:
    box = identity_zone(form)
    assert box is not None, f"a face of form {form.value} shows no name"
    return Zone(before + place, box)
