"""Write the images of one side: its faces, their thumbnails and previews."""

from dataclasses import dataclass
from pathlib import Path

import pymupdf

from rasterizer import images
from rasterizer.blank import is_blank
from rasterizer.documents import ERRORS
from rasterizer.geometry import Crop
from rasterizer.inspect import is_a3
from rasterizer.pictures import Method, Picture, take
from rasterizer.refusals import FailureReason, SideFailed
from rasterizer.sides import Side


@dataclass(frozen=True)
class Face:
    """Describe the image of one face: a whole side, or half of an open A3 booklet."""

    face: Crop
    method: Method
    image: Path
    thumbnail: Path
    preview: Path | None
    width: int
    height: int
    width_pt: float
    height_pt: float
    is_blank: bool


def render_side(document: pymupdf.Document, number: int, out: Path, *, split_a3: bool = False) -> list[Face]:
    """Write the images of one side into a directory; raise SideFailed if any part of it is lost."""
    try:
        return _faces(_side(document, number), out / f"{number:05d}", split_a3=split_a3)
    except images.DamagedImageError as error:
        raise SideFailed(FailureReason.DAMAGED_IMAGE, str(error)) from error
    except MemoryError as error:
        raise SideFailed(FailureReason.OUT_OF_MEMORY, "the side needs too much memory") from error
    except ERRORS as error:
        raise SideFailed(_reason(error), str(error)) from error


def _side(document: pymupdf.Document, number: int) -> Side:
    if not 1 <= number <= document.page_count:
        raise SideFailed(FailureReason.NO_SUCH_SIDE, f"the file has no side {number}")
    return Side(document, number)


def _reason(error: Exception) -> FailureReason:
    is_out_of_memory = "alloc" in str(error)  # MuPDF has no type for it
    return FailureReason.OUT_OF_MEMORY if is_out_of_memory else FailureReason.DAMAGED_CONTENT


def _faces(side: Side, stem: Path, *, split_a3: bool) -> list[Face]:
    in_two = split_a3 and is_a3(*side.size)
    picture = take(side, in_two=in_two)
    crops = (Crop.LEFT, Crop.RIGHT) if in_two else (Crop.FULL,)
    return [_face(side.size, picture, crop, stem.with_name(f"{stem.name}-{crop}")) for crop in crops]


def _face(displayed: tuple[float, float], picture: Picture, crop: Crop, stem: Path) -> Face:
    pixels = None if picture.pixels is None else _cropped(picture.pixels, crop)
    small = images.thumbnail(_cropped(picture.small, crop))
    width, height = picture.size if pixels is None else images.size(pixels)
    return Face(
        face=crop,
        method=picture.method,
        image=_write_image(picture, pixels, stem),
        thumbnail=images.write(stem, "-thumbnail.jpg", images.encode_thumbnail(small)),
        preview=images.write(stem, "-preview.jpg", picture.preview) if picture.preview else None,
        width=width,
        height=height,
        width_pt=round(displayed[0] / (1 if crop is Crop.FULL else 2), 2),
        height_pt=round(displayed[1], 2),
        is_blank=is_blank(small),
    )


def _cropped(pixels: images.AnyArray, crop: Crop) -> images.AnyArray:
    middle = pixels.shape[1] // 2
    match crop:
        case Crop.FULL:
            return pixels
        case Crop.LEFT:
            return pixels[:, :middle]
        case Crop.RIGHT:
            return pixels[:, middle:]


def _write_image(picture: Picture, pixels: images.Array | None, stem: Path) -> Path:
    if pixels is None:
        return images.write(stem, ".jpg", picture.encoded or b"")
    if picture.is_lossless:
        return images.write(stem, ".png", images.encode_png(pixels))
    return images.write(stem, ".jpg", images.encode_jpeg(pixels))
