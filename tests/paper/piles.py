"""Lay out sheets of paper in the order in which a school feeds them to a scanner."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from tests.paper.forms import Form
from tests.paper.students import Student

#: distinct drawings of each page; more pages than that repeat them under other names
VARIANTS = 6


class Format(Enum):
    """How the scanner, or the program after it, puts a side into the PDF."""

    JPEG = "jpeg"
    GREY = "grey"
    G4 = "g4"
    JBIG2 = "jbig2"
    FLATE = "flate"
    #: a soft JPEG background under hundreds of one-bit stencils
    MRC = "mrc"
    #: never on paper: vector text
    BORN = "born"
    #: a JPEG with the recognised words in invisible text above it
    OCR = "ocr"
    #: a JPEG inside Flate, as one maker writes it
    XEROX = "xerox"
    #: a G4 image under two nested matrices, as another maker writes it
    RICOH = "ricoh"


class Fault(Enum):
    """What is wrong with the bytes of one side's image; one-bit formats still decode, to nonsense."""

    NONE = "none"
    GARBAGE = "garbage"
    CUT = "cut"


@dataclass(frozen=True)
class Face:
    """One A4 face of a sheet, with the place that its writer gave it."""

    form: Form
    copy: int | None = None
    position: int | None = None
    label: str = ""
    student: Student | None = None
    variant: int = 0


@dataclass(frozen=True)
class Side:
    """One side of a sheet as it lies on the glass: one face, or an A3 sheet's left and right."""

    faces: tuple[Face, ...]
    sheet: int
    is_turned: bool = False
    format: Format = Format.JPEG
    #: the /Rotate of the page; empty takes 0 for A4 and 270 for A3
    rotate: int | None = None
    fault: Fault = Fault.NONE

    def __post_init__(self) -> None:
        """Refuse what could not be: only paper goes through a feeder, only one image can be spoilt."""
        if self.format is Format.BORN and self.is_turned:
            raise ValueError("a born-digital page is never upside down")
        if self.format in {Format.BORN, Format.MRC} and self.fault is not Fault.NONE:
            raise ValueError(f"a side in format {self.format.value} has no single image to spoil")

    @property
    def is_a3(self) -> bool:
        """Tell whether this side is two faces wide."""
        return len(self.faces) == 2

    @property
    def turn(self) -> int:
        """Return the /Rotate of this side's page; what was never scanned needs none."""
        if self.format is Format.BORN:
            return 0
        return 270 * self.is_a3 if self.rotate is None else self.rotate


Pile = tuple[Side, ...]
BLANK_SIDE = Side((Face(Form.BLANK),), sheet=-1)


def a4_pile(students: Sequence[Student], *, pages: int = 4, first_copy: int = 0) -> Pile:
    """Lay out one copy of that many A4 pages a student, printed on both sides."""
    sides: list[Side] = []
    for copy, student in enumerate(students, first_copy):
        faces = [_written(copy, position, pages, student) for position in range(1, pages + 1)]
        faces += [Face(Form.BLANK, copy, pages + 1, student=student)] * (pages % 2)
        sides += [Side((face,), sheet=copy * 1000 + index // 2) for index, face in enumerate(faces)]
    return tuple(sides)


def a3_pile(
    students: Sequence[Student], *, sheets: Sequence[int] = (1, 2, 1, 3), annex_every: int = 0
) -> Pile:
    """Lay out A3 booklets: so many sheets for each student in turn, the last half sometimes unused."""
    sides: list[Side] = []
    for copy, student in enumerate(students):
        count = sheets[copy % len(sheets)]
        has_annex = annex_every > 0 and copy % annex_every == 0
        for sheet in range(count):
            is_short = sheet == count - 1 and copy % 2 == 1
            sides += _booklet(copy, sheet, count, student, is_short=is_short)
        if has_annex:
            sides += _annex(copy, 4 * count, student, is_small=copy % (2 * annex_every) != 0)
    return tuple(sides)


def _booklet(copy: int, sheet: int, count: int, student: Student, *, is_short: bool) -> Iterator[Side]:
    """Yield a folded sheet's recto [P4 | P1] and verso [P2 | P3]."""
    first = 4 * sheet + 1
    pages = [_written(copy, position, 4 * count, student) for position in range(first, first + 4)]
    if is_short:
        pages[3] = replace(pages[3], form=Form.UNUSED, label="")
    yield Side((pages[3], pages[0]), sheet=copy * 1000 + sheet)
    yield Side((pages[1], pages[2]), sheet=copy * 1000 + sheet)


def _annex(copy: int, after: int, student: Student, *, is_small: bool) -> Iterator[Side]:
    """Yield an A4 sheet with a header of its own and an empty back."""
    form = Form.SMALL_ANNEX if is_small else Form.ANNEX
    yield Side((Face(form, copy, after + 1, "", student, copy % VARIANTS),), sheet=copy * 1000 + 900)
    yield Side(
        (Face(Form.ANNEX_BACK, copy, after + 2, "", student, copy % VARIANTS),), sheet=copy * 1000 + 900
    )


def _written(copy: int, position: int, total: int, student: Student) -> Face:
    forms = {1: Form.FIRST, 2: Form.SECOND}
    form = forms.get((position - 1) % 4 + 1, Form.INNER)
    return Face(form, copy, position, f"{position} / {total}", student, copy % VARIANTS)


def in_format(pile: Pile, format: Format, *, rotate: int | None = None) -> Pile:
    """Scan every side in one format and rotation."""
    return tuple(replace(side, format=format, rotate=rotate) for side in pile)


def whole_copies(pile: Pile, sides: int) -> Pile:
    """Take copies from the top of a pile until there are at least that many sides."""
    last = pile[min(sides, len(pile)) - 1].faces[0].copy
    return tuple(side for index, side in enumerate(pile) if index < sides or side.faces[0].copy == last)
