"""Look into the objects of a PDF by MuPDF's own functions: `xref_get_key` costs five times as much.

References are followed; what is not there, or of another kind, reads as nothing, zero or empty.
"""

from typing import Any

from pymupdf import mupdf

#: A `mupdf.PdfObj`, which has no types.
Object = Any


def get(owner: Object, key: str) -> Object:
    """Give the value of a key of a dictionary or stream."""
    return mupdf.pdf_dict_gets(owner, key)


def inherited(page: Object, key: str) -> Object:
    """Give the value of a key of a page, or of the nearest node above it."""
    return mupdf.pdf_dict_gets_inheritable(page, key)


def has(owner: Object, key: str) -> bool:
    """Tell whether a key is there."""
    return get(owner, key).m_internal is not None


def number(value: Object) -> int:
    """Give the number of an indirect object."""
    return int(mupdf.pdf_to_num(value))


def items(value: Object) -> list[Object]:
    """Give the items of an array; anything else is an array of one, and nothing an empty one."""
    if mupdf.pdf_is_array(value):
        return [mupdf.pdf_array_get(value, place) for place in range(mupdf.pdf_array_len(value))]
    return [value] if value.m_internal else []


def name(value: Object) -> str:
    """Read a name without its slash."""
    return str(mupdf.pdf_to_name(value))


def names(value: Object) -> tuple[str, ...]:
    """Read a name, or an array of names."""
    return tuple(name(item) for item in items(value))


def whole(value: Object) -> int:
    """Read an integer."""
    return int(mupdf.pdf_to_int(value))


def numbers(value: Object) -> list[float]:
    """Read an array of numbers."""
    return [float(mupdf.pdf_to_real(item)) for item in items(value)]
