"""Scan a pile: turn its sides into a PDF as an office scanner would, and write down the truth beside it."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pikepdf
from numpy.typing import NDArray

from tests.paper import born, layouts, pictures
from tests.paper.faces import draw
from tests.paper.pictures import Picture
from tests.paper.piles import Face, Fault, Format, Pile, Side
from tests.paper.sketch import Sketch
from tests.paper.truth import Box, FaceTruth, SideTruth, Truth

Pixels = NDArray[np.uint8]
Boxes = tuple[tuple[Box, ...], ...]
ENCODERS: dict[Format, Callable[[Pixels], Picture]] = {
    Format.JPEG: pictures.jpeg,
    Format.OCR: pictures.jpeg,
    Format.GREY: pictures.grey_jpeg,
    Format.XEROX: pictures.jpeg_in_flate,
    Format.G4: pictures.g4,
    Format.RICOH: pictures.g4,
    Format.JBIG2: pictures.jbig2,
    Format.FLATE: pictures.flate,
}


def scan(pile: Pile, path: Path, *, dpi: int = 200, creator: str = "SKM_C301i") -> Truth:
    """Write the pile as a PDF and its truth beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with pikepdf.new() as pdf:
        sides = tuple(_scan_side(pdf, number, side, dpi) for number, side in enumerate(pile, 1))
        pdf.docinfo["/Creator"] = pdf.docinfo["/Producer"] = pikepdf.String(creator)
        pdf.save(path, deterministic_id=True)
    truth = Truth(path.name, dpi, sides)
    truth.save(path)
    return truth


def _scan_side(pdf: pikepdf.Pdf, number: int, side: Side, dpi: int) -> SideTruth:
    """Add one page to the PDF and tell what is on it."""
    side = replace(side, rotate=side.turn)
    match side.format:
        case Format.BORN:
            boxes = born.add_page(pdf, side)
        case Format.MRC:
            pixels, boxes = pixels_of(side, dpi)
            layouts.layered(pdf, side, pixels)
        case _:
            picture, boxes = _picture(side, dpi)
            layouts.single(pdf, side, picture)
    return _told(number, side, boxes)


def _picture(side: Side, dpi: int) -> tuple[Picture, Boxes]:
    """Encode a side, once for all sides that look the same."""
    looks = replace(side, sheet=0, faces=tuple(map(_without_place, side.faces)))
    is_shared = all(face.student is None for face in looks.faces)
    return _shared(looks, dpi) if is_shared else _encoded(looks, dpi)


def _without_place(face: Face) -> Face:
    """Drop from a face what leaves no trace in its pixels."""
    student = face.student if face.form.has_names or face.form.shows_names_through else None
    return replace(face, copy=None, position=None, student=student)


def _encoded(side: Side, dpi: int) -> tuple[Picture, Boxes]:
    pixels, boxes = pixels_of(side, dpi)
    picture = ENCODERS[side.format](pixels)
    return replace(picture, data=_hurt(picture.data, side.fault)), boxes


_shared = lru_cache(maxsize=48)(_encoded)


def _hurt(data: bytes, fault: Fault) -> bytes:
    """Spoil the bytes of an image."""
    match fault:
        case Fault.NONE:
            return data
        case Fault.GARBAGE:
            return data[:4] + bytes(byte ^ 0x5A for byte in data[4:])
        case Fault.CUT:
            return data[: len(data) // 2]


def pixels_of(side: Side, dpi: int) -> tuple[Pixels, Boxes]:
    """Return a side's pixels as they are stored in the file, and the name boxes of its displayed faces."""
    drawn = [draw(Sketch(face.form, face.label, face.variant, dpi), face.student) for face in side.faces]
    pixels = np.concatenate([face for face, _ in drawn], axis=1)
    quarters = side.turn // 90 + 2 * side.is_turned
    boxes = tuple(tuple(box.turned(180 * side.is_turned) for box in found) for _, found in drawn)
    return np.ascontiguousarray(np.rot90(pixels, quarters)), boxes


def _told(number: int, side: Side, boxes: Boxes) -> SideTruth:
    crops = ("left", "right") if side.is_a3 else ("full",)
    order = slice(None, None, -1) if side.is_turned else slice(None)
    faces = [
        _face_told(crop, side, face, found)
        for crop, face, found in zip(crops, side.faces[order], boxes[order], strict=True)
    ]
    kind = "a3" if side.is_a3 else "a4"
    is_broken = side.fault is not Fault.NONE
    return SideTruth(number, kind, side.format.value, side.turn, is_broken, tuple(faces))


def _face_told(crop: str, side: Side, face: Face, boxes: tuple[Box, ...]) -> FaceTruth:
    return FaceTruth(
        crop,
        face.form.value,
        face.copy,
        face.position,
        face.label,
        face.student,
        is_blank=face.form.is_blank,
        orientation=180 * side.is_turned,
        name_boxes=boxes,
    )
