"""Know the printed form of a page: where its header, cells and page box are, in fractions of an A4 face."""

from enum import Enum

from tests.paper.truth import Box

CELLS = 24
CELL_LEFT, CELL_WIDTH, CELL_HEIGHT = 0.24, 0.0285, 0.024
#: family name, given name, birth date: top of each row of cells
ROWS = (0.062, 0.098, 0.134)
PAGE_BOX = Box(0.75, 0.92, 0.20, 0.06)


class Form(Enum):
    """What is printed on a face, and so what can stand on it."""

    #: the first page of a sheet: its header asks who wrote it
    FIRST = "first"
    #: the back of a first page: the names show through
    SECOND = "second"
    INNER = "inner"
    ANNEX = "annex"
    #: the subject's own annex, printed at 93.6 % of its height
    SMALL_ANNEX = "small annex"
    ANNEX_BACK = "annex back"
    #: ruled but not written on
    UNUSED = "unused"
    #: plain white paper
    BLANK = "blank"

    @property
    def height(self) -> float:
        """Return the factor by which the print is squeezed vertically."""
        return 0.936 if self is Form.SMALL_ANNEX else 1.0

    @property
    def has_names(self) -> bool:
        """Tell whether a name is written on this face."""
        return self in {Form.FIRST, Form.ANNEX, Form.SMALL_ANNEX}

    @property
    def shows_names_through(self) -> bool:
        """Tell whether a name written on the other face shows through."""
        return self in {Form.SECOND, Form.ANNEX_BACK}

    @property
    def is_blank(self) -> bool:
        """Tell whether nothing is written on this face."""
        return self in {Form.UNUSED, Form.BLANK}

    @property
    def header(self) -> Box | None:
        """Return the printed header box."""
        match self:
            case Form.FIRST:
                return Box(0.03, 0.04, 0.94, 0.26)
            case Form.ANNEX | Form.SMALL_ANNEX:
                return Box(0.03, 0.012, 0.94, 0.248 * self.height)
            case _:
                return None


def cells(field: int) -> tuple[int, ...]:
    """Return the cells that a field uses: a date leaves room for its two strokes."""
    return tuple(range(CELLS)) if field < 2 else (0, 1, 3, 4, 6, 7, 8, 9)


def cell_box(form: Form, field: int, cell: int) -> Box:
    """Return where a printed cell is."""
    return Box(CELL_LEFT + cell * CELL_WIDTH, row_top(form, field), CELL_WIDTH, CELL_HEIGHT * form.height)


def row_top(form: Form, field: int) -> float:
    """Return the top of a field's row of cells."""
    return ROWS[field] * form.height


def identity_zone(form: Form) -> Box | None:
    """Return the zone that an office would set for a face of this form, if it needs one."""
    match form:
        case Form.FIRST:
            return Box(0.0, 0.03, 1.0, 0.28)
        case Form.ANNEX | Form.SMALL_ANNEX:
            return Box(0.0, 0.0, 1.0, 0.27)
        case Form.SECOND | Form.ANNEX_BACK:
            return Box(0.0, 0.04, 1.0, 0.15)
        case _:
            return None
