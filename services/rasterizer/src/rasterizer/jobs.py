"""Name the jobs that run in the sandbox: JSON arguments in, JSON lines out, files beside.

Every job tells a line per side, face or page, so that a silent one can be taken for hung.
"""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from rasterizer.child import Job, Line
from rasterizer.documents import MAX_SIDES, opened
from rasterizer.inspect import inspect
from rasterizer.refusals import FailureReason, SideFailed
from rasterizer.render import render_side


def inspect_scan(args: Line) -> Iterator[Line]:
    """Tell the geometry of each side: `{scan, max_sides?}`; refused files raise.

    Lines: `{side: {number, width_pt, height_pt, rotate, is_a3}}`, then `{repaired}`.
    """
    inspection = inspect(Path(args["scan"]), max_sides=args.get("max_sides", MAX_SIDES))
    for side in inspection.sides:
        yield {"side": asdict(side)}
    yield {"repaired": inspection.repaired}


def render_sides(args: Line) -> Iterator[Line]:
    """Write the images of sides: `{scan, sides: [number…], out, split_a3?}`.

    Lines, one per side and in their order: `{side, faces: [Face…]}` or `{side, failure: {reason, message}}`.
    """
    out = Path(args["out"])
    with opened(Path(args["scan"])) as document:
        for number in args["sides"]:
            try:
                faces = render_side(document, number, out, split_a3=args.get("split_a3", False))
                yield {"side": number, "faces": [asdict(face) for face in faces]}
            except SideFailed as failed:
                yield {"side": number, "failure": failure(failed.reason, str(failed))}


def failure(reason: FailureReason, message: str) -> Line:
    """Describe a failed side in the words of the lines."""
    return {"reason": str(reason), "message": message}


JOBS: dict[str, Job] = {
    "inspect": inspect_scan,
    "render": render_sides,
}
