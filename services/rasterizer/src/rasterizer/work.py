"""
What the rasterizer does for the other services: fetch, run a job in the sandbox, store, tell.

Every key is a function of the input's hash and the recipe, so work done twice writes the same files.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from kit import telemetry
from kit.blobs import Blobs
from kit.events import Job
from korrigo.rasterizer.v1 import rasterizer_events_pb2 as events
from korrigo.rasterizer.v1 import rasterizer_work_pb2 as work

from rasterizer import metrics
from rasterizer.child import Line
from rasterizer.recipe import RECIPE
from rasterizer.refusals import (
    FAILURE_OF_KILL,
    FailureReason,
    RefusalReason,
    Refused,
    SliceFailed,
    SliceKilled,
)
from rasterizer.sandbox import Sandbox
from rasterizer.scans import Scans

#: Height of an A4 page, typographic points.
A4_HEIGHT = 841.89
#: Files of one slice on their way to the store at once.
UPLOADS = 8
#: After so many ended slices the rest of the work's sides is given up.
STRIKES = 2

log = telemetry.get_logger()


class Rasterizer:
    """Does each kind of work with one sandbox, one store and the scans at hand."""

    def __init__(
        self, sandbox: Sandbox, blobs: Blobs, scans: Scans, scratch: Path, *, max_sides: int
    ) -> None:
        self._sandbox = sandbox
        self._blobs = blobs
        self._scans = scans
        self._scratch = scratch
        self._max_sides = max_sides

    async def inspect(self, asked: work.InspectScan, job: Job) -> None:
        """Count the sides of a scan, or say why it cannot be read."""
        about = {"scan_id": asked.scan_id, "exam_id": asked.exam_id}
        sides = 0
        try:
            async with self._scans.at_hand(asked.scan_key) as scan:
                args = {"scan": str(scan), "max_sides": self._max_sides}
                async for line in self._sandbox.run("inspect", args):
                    sides += "side" in line
        except (Refused, SliceKilled, SliceFailed) as failed:
            await job.tell(events.ScanUnreadable(**about, reason=_refusal(failed)))
            return
        await job.tell(events.ScanInspected(**about, sides=sides))

    async def render(self, asked: work.RenderSides, job: Job) -> None:
        """Make the images of some sides; each is told once, as rendered or as failed."""
        async with self._scans.at_hand(asked.scan_key) as scan, self._folder() as out:
            lines = [line async for line in self._render(asked, scan, out)]
            stem = f"pages/{asked.sha256}/{RECIPE}{'-a3' if asked.split_a3 else ''}"
            sides = await self._store_sides(lines, stem)
        fact = events.SidesRendered(scan_id=asked.scan_id, exam_id=asked.exam_id, sides=sides)
        await job.tell(fact)

    async def extract(self, asked: work.ExtractCopy, job: Job) -> None:
        """Make a copy's PDF with its original streams, and the images that markers may see."""
        about: Line = {
            "copy_id": asked.copy_id,
            "exam_id": asked.exam_id,
            "pages_version": asked.pages_version,
        }
        try:
            async with self._folder() as out:
                await self._extract_pdf(asked, out / "copy.pdf")
                pages = await self._redact(asked.pages, out)
        except (Refused, SliceKilled, SliceFailed) as failed:
            await job.tell(events.CopyUnextractable(**about, reason=_refusal(failed)))
            return
        await job.tell(events.CopyExtracted(**about, pdf_key=asked.pdf_key, pages=pages))

    async def stamp(self, asked: work.StampCopy, job: Job) -> None:
        """Write a frozen result onto a copy's pages."""
        about: Line = {
            "copy_id": asked.copy_id,
            "exam_id": asked.exam_id,
            "content_version": asked.content_version,
        }
        try:
            async with self._folder() as out:
                stamped = await self._stamp(asked, out)
        except (Refused, SliceKilled, SliceFailed) as failed:
            await job.tell(events.ResultUnstampable(**about, reason=_refusal(failed)))
            return
        await job.tell(
            events.ResultStamped(
                **about,
                result_key=asked.result_key,
                sha256=hashlib.sha256(stamped).hexdigest(),
                bytes=len(stamped),
            )
        )

    async def _render(self, asked: work.RenderSides, scan: Path, out: Path) -> AsyncIterator[Line]:
        """The lines of a slice; a side at which the sandbox ended it has failed, the others go on."""
        left, strikes = list(asked.sides), 0
        while left:
            args = {"scan": str(scan), "sides": left, "out": str(out), "split_a3": asked.split_a3}
            limits = self._sandbox.limits.tightened if strikes else None
            try:
                async for line in self._sandbox.run("render", args, limits=limits):
                    left.remove(line["side"])
                    yield line
                return
            except (Refused, SliceKilled, SliceFailed) as failed:
                strikes += 1
                lost = left if strikes == STRIKES or isinstance(failed, Refused) else left[:1]
                for side in lost:
                    yield {"side": side, "failure": {"reason": _failure(failed)}}
                left = left[len(lost) :]

    async def _store_sides(self, lines: Sequence[Line], stem: str) -> list[events.RenderedSide]:
        room = asyncio.Semaphore(UPLOADS)
        stored = [self._store_side(line, stem, room) for line in lines]
        return list(await asyncio.gather(*stored))

    async def _store_side(self, line: Line, stem: str, room: asyncio.Semaphore) -> events.RenderedSide:
        if "failure" in line:
            reason = line["failure"]["reason"]
            metrics.FAILURES.labels(reason).inc()
            return events.RenderedSide(side=line["side"], failure=reason)
        faces = [await self._store_face(face, stem, room) for face in line["faces"]]
        return events.RenderedSide(side=line["side"], faces=faces)

    async def _store_face(self, face: Line, stem: str, room: asyncio.Semaphore) -> events.Face:
        keys = {}
        for kind in ("image", "thumbnail", "preview"):
            if face[kind]:
                async with room:
                    keys[f"{kind}_key"] = await self._store(face[kind], stem)
        metrics.SIDES.labels(face["method"]).inc()
        return events.Face(
            crop=work.Crop.Value(f"CROP_{face['face'].upper()}"),
            width=face["width"],
            height=face["height"],
            is_blank=face["is_blank"],
            **keys,
        )

    async def _extract_pdf(self, asked: work.ExtractCopy, pdf: Path) -> None:
        async with AsyncExitStack() as stack:
            keys = sorted({page.scan_key for page in asked.pages})
            scans = {key: await stack.enter_async_context(self._scans.at_hand(key)) for key in keys}
            faces = [
                {
                    "scan": str(scans[page.scan_key]),
                    "side": page.side,
                    "crop": work.Crop.Name(page.crop).removeprefix("CROP_").lower(),
                    "rotation": page.rotation,
                }
                for page in asked.pages
            ]
            await self._run("extract", {"faces": faces, "out": str(pdf)})
        await self._blobs.put_file(asked.pdf_key, pdf)

    async def _redact(self, pages: Sequence[work.ExtractPage], out: Path) -> list[events.ExtractedPage]:
        """Paint and turn the pages that need it; the others keep their own images."""
        changed = [page for page in pages if page.areas or page.rotation]
        orders = [await self._redaction(page, out) for page in changed]
        lines = await self._run("redact", {"pages": orders}) if orders else []
        made = {}
        for page, line in zip(changed, lines, strict=True):
            stem = f"pages/{page.sha256}/{RECIPE}"
            made[page.page_id] = events.ExtractedPage(
                page_id=page.page_id,
                image_key=await self._store(line["image"], stem),
                thumbnail_key=await self._store(line["thumbnail"], stem),
                width=line["width"],
                height=line["height"],
            )
        return [made.get(page.page_id) or _own_images(page) for page in pages]

    async def _redaction(self, page: work.ExtractPage, out: Path) -> Line:
        """Fetch one page's image and describe what is painted out of it; the name follows from the recipe."""
        image = out / f"{page.page_id}{Path(page.image_key).suffix}"
        await self._blobs.get_file(page.image_key, image)
        zones = [[area.x, area.y, area.width, area.height] for area in page.areas]
        told = json.dumps([page.side, page.crop, page.rotation, page.image_key, zones])
        name = hashlib.sha256(told.encode()).hexdigest()[:24]
        return {
            "image": str(image),
            "zones": zones,
            "stem": str(out / f"redacted-{name}"),
            "height_pt": A4_HEIGHT,
            "rotation": page.rotation,
        }

    async def _stamp(self, asked: work.StampCopy, out: Path) -> bytes:
        pdf, frozen, stamped = out / "copy.pdf", out / "frozen.json", out / "result.pdf"
        await self._blobs.get_file(asked.copy_pdf_key, pdf)
        await self._blobs.get_file(asked.frozen_key, frozen)
        await self._run("stamp", {"pdf": str(pdf), "stamping": str(frozen), "out": str(stamped)})
        await self._blobs.put_file(asked.result_key, stamped)
        return await asyncio.to_thread(stamped.read_bytes)

    async def _run(self, name: str, args: Line) -> list[Line]:
        return [line async for line in self._sandbox.run(name, args)]

    async def _store(self, path: str, stem: str) -> str:
        """Store a made file under its own name; one that is already there is the same."""
        file = Path(path)
        key = f"{stem}/{file.name}"
        await self._blobs.put(key, file.read_bytes())
        file.unlink()
        return key

    @asynccontextmanager
    async def _folder(self) -> AsyncIterator[Path]:
        """A folder of our own for the files of one piece of work."""
        self._scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._scratch) as name:
            yield Path(name)


def _own_images(page: work.ExtractPage) -> events.ExtractedPage:
    return events.ExtractedPage(
        page_id=page.page_id, image_key=page.image_key, thumbnail_key=page.thumbnail_key
    )


def _refusal(failed: Refused | SliceKilled | SliceFailed) -> str:
    """The reason of a whole file or copy."""
    match failed:
        case Refused():
            reason = str(failed.reason)
        case SliceKilled():
            metrics.KILLS.labels(failed.reason).inc()
            reason = str(RefusalReason.TOO_COSTLY)
        case SliceFailed():
            log.error("job_failed", reason=str(failed))
            reason = str(RefusalReason.DAMAGED)
    metrics.FAILURES.labels(reason).inc()
    return reason


def _failure(failed: Refused | SliceKilled | SliceFailed) -> str:
    """The reason of one side."""
    match failed:
        case SliceKilled():
            metrics.KILLS.labels(failed.reason).inc()
            return str(FAILURE_OF_KILL[failed.reason])
        case SliceFailed():
            log.error("job_failed", reason=str(failed))
            return str(FailureReason.CRASHED)
        case Refused():
            return str(FailureReason.DAMAGED_CONTENT)
