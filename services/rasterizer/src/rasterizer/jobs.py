"""Name the jobs that run in the sandbox: JSON arguments in, JSON lines out, files beside.

Every job tells a line per side, face or page, so that a silent one can be taken for hung.
"""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from rasterizer.child import Job, Line
from rasterizer.documents import MAX_SIDES, opened
from rasterizer.extract import Source, extract
from rasterizer.geometry import Crop
from rasterizer.inspect import is_repaired, measure
from rasterizer.redact import Zone, redact
from rasterizer.refusals import FailureReason, SideFailed
from rasterizer.render import render_side
from rasterizer.stamp import read, stamp


def inspect_scan(args: Line) -> Iterator[Line]:
    """Tell the geometry of each side: `{scan, max_sides?}`; a refusal may come after some lines.

    Lines: `{side: {number, width_pt, height_pt, rotate, is_a3}}`, then `{repaired}`.
    """
    scan = Path(args["scan"])
    with opened(scan, max_sides=args.get("max_sides", MAX_SIDES)) as document:
        for side in measure(document):
            yield {"side": asdict(side)}
        yield {"repaired": is_repaired(document, scan)}


def render_sides(args: Line) -> Iterator[Line]:
    """Write the images of sides: `{scan, sides: [number…], out, split_a3?}`.

    Lines, one per side and in their order: `{side, faces: [Face…]}` or `{side, failure: {reason, message}}`.
    """
    out = Path(args["out"])
    with opened(Path(args["scan"])) as document:
        for number in args["sides"]:
            try:
                faces = render_side(document, number, out, split_a3=args.get("split_a3", False))
                yield {"side": number, "faces": [vars(face) for face in faces]}
            except SideFailed as failed:
                yield {"side": number, "failure": failure(failed.reason, str(failed))}


def failure(reason: FailureReason, message: str) -> Line:
    """Describe a failed side in the words of the lines."""
    return {"reason": str(reason), "message": message}


def extract_copy(args: Line) -> Iterator[Line]:
    """Write the PDF of a copy: `{faces: [{scan, side, crop?, rotation?}…], out}`.

    Lines: `{page}` for each face, then `{pdf}`.
    """
    sources = [
        Source(Path(face["scan"]), face["side"], Crop(face.get("crop", "full")), face.get("rotation", 0))
        for face in args["faces"]
    ]
    yield from ({"page": number} for number in extract(sources, Path(args["out"])))
    yield {"pdf": args["out"]}


def redact_pages(args: Line) -> Iterator[Line]:
    """Write the renditions that markers may see: `{pages: [{image, zones, stem, height_pt, rotation?}…]}`.

    A zone is `[x, y, width, height]`. Lines: one Rendition per page, in the order asked for.
    """
    for page in args["pages"]:
        zones = [Zone(*zone) for zone in page["zones"]]
        rotation = page.get("rotation", 0)
        stem = Path(page["stem"])
        yield asdict(redact(Path(page["image"]), zones, stem, height_pt=page["height_pt"], rotation=rotation))


def stamp_copy(args: Line) -> Iterator[Line]:
    """Write the annotated PDF of a copy: `{pdf, stamping, out}`; see `rasterizer.stamp`.

    Lines: `{page}` for each page, those of the summary included, then `{pdf}`.
    """
    stamping = read(Path(args["stamping"]))
    yield from ({"page": number} for number in stamp(Path(args["pdf"]), stamping, Path(args["out"])))
    yield {"pdf": args["out"]}


JOBS: dict[str, Job] = {
    "inspect": inspect_scan,
    "render": render_sides,
    "extract": extract_copy,
    "redact": redact_pages,
    "stamp": stamp_copy,
}
