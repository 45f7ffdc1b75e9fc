"""A job on a hostile file ends within its limits, and harms no other."""

import asyncio
import os
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from pathlib import Path

import pikepdf
import psutil
import pytest
import pytest_asyncio
from rasterizer.child import Limits, Line
from rasterizer.refusals import KillReason, RefusalReason, Refused, SliceFailed, SliceKilled
from rasterizer.sandbox import Sandbox

from services.rasterizer.tests import papers

LIMITS = Limits(line_seconds=20)
#: A busy machine may take long to give one second of its processor.
CPU_LIMITS = Limits(cpu_seconds=1, line_seconds=120)


@pytest_asyncio.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox(LIMITS) as sandbox:
        yield sandbox


async def told(box: Sandbox, job: str, args: Line, limits: Limits = LIMITS) -> list[Line]:
    return [line async for line in box.run(job, args, limits=limits)]


def laughs(path: Path, *, after: int = 0) -> Path:
    """Make a scan whose last side paints ten forms that paint ten forms, nine times over."""
    pdf = pikepdf.open(papers.scan(path, after)) if after else pikepdf.Pdf.new()
    form = pdf.make_stream(b"0 0 9 9 re f")
    for _ in range(9):
        form[pikepdf.Name.Type], form[pikepdf.Name.Subtype] = pikepdf.Name.XObject, pikepdf.Name.Form
        form[pikepdf.Name.BBox] = pikepdf.Array([0, 0, 595, 842])
        outer = pdf.make_stream(b"/F Do " * 10)
        outer[pikepdf.Name.Resources] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
        form = outer
    form[pikepdf.Name.Type], form[pikepdf.Name.Subtype] = pikepdf.Name.XObject, pikepdf.Name.Form
    form[pikepdf.Name.BBox] = pikepdf.Array([0, 0, 595, 842])
    papers.add_page(pdf, form, content=b"/Im0 Do 0 0 1 1 re f")
    return papers.save(pdf, path.with_name("laughs.pdf"))


async def test_a_job_tells_its_lines_and_writes_its_files(tmp_path: Path, box: Sandbox) -> None:
    """Files in, files out."""
    scan = papers.scan(tmp_path / "scan.pdf", 2)

    lines = await told(box, "render", {"scan": str(scan), "sides": [1, 2], "out": str(tmp_path)})

    assert [line["side"] for line in lines] == [1, 2]
    assert all(Path(line["faces"][0]["image"]).exists() for line in lines)


async def test_a_refused_file_is_refused_by_its_reason(tmp_path: Path, box: Sandbox) -> None:
    """The reason crosses two processes."""
    (tmp_path / "scan.pdf").write_text("hello")

    with pytest.raises(Refused) as caught:
        await told(box, "inspect", {"scan": str(tmp_path / "scan.pdf")})

    assert caught.value.reason is RefusalReason.NOT_A_PDF


async def test_an_unexpected_error_is_told_and_the_sandbox_goes_on(tmp_path: Path, box: Sandbox) -> None:
    """A mistake in one job is no end of the others."""
    with pytest.raises(SliceFailed, match="FileNotFoundError"):
        await told(box, "inspect", {"scan": str(tmp_path / "nothing.pdf")})

    scan = papers.scan(tmp_path / "scan.pdf", 1)

    assert len(await told(box, "inspect", {"scan": str(scan)})) == 2


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(line_seconds=0.5), KillReason.WALL),
        (CPU_LIMITS, KillReason.CPU),
        (Limits(line_cpu_seconds=1, line_seconds=120), KillReason.CPU),
    ],
    ids=["wall", "cpu", "cpu of a line"],
)
async def test_a_bomb_is_killed_and_the_sides_before_it_stay(
    tmp_path: Path, box: Sandbox, limits: Limits, reason: KillReason
) -> None:
    """Nested forms would paint for hours."""
    args = {"scan": str(laughs(tmp_path / "scan.pdf", after=2)), "sides": [1, 2, 3], "out": str(tmp_path)}
    lines = box.run("render", args, limits=limits)

    assert [(await anext(lines))["side"], (await anext(lines))["side"]] == [1, 2]
    with pytest.raises(SliceKilled) as caught:
        await anext(lines)
    assert caught.value.reason is reason


async def test_every_line_has_processor_time_of_its_own(tmp_path: Path, box: Sandbox) -> None:
    """Many honest sides together may take longer than one."""
    pdf = pikepdf.Pdf.new()
    for _ in range(12):
        papers.add_page(pdf, papers.flate_image(pdf, papers.sheet(dpi=300)))
    scan = papers.save(pdf, tmp_path / "scan.pdf")
    args = {"scan": str(scan), "sides": list(range(1, 13)), "out": str(tmp_path)}

    lines = await told(box, "render", args, Limits(line_cpu_seconds=1, line_seconds=120))

    assert len(lines) == 12


async def test_memory_is_bounded(tmp_path: Path, box: Sandbox) -> None:
    """A content stream that unpacks to gigabytes fails its side and nothing else."""
    pdf = pikepdf.Pdf.new()
    page = pdf.add_blank_page(page_size=papers.A4)
    packed = zlib.compress(b"0 0 m " * (50 << 20), 1)
    page.Contents = pikepdf.Stream(pdf, packed, Filter=pikepdf.Name.FlateDecode)
    papers.save(pdf, tmp_path / "bomb.pdf")
    args = {"scan": str(tmp_path / "bomb.pdf"), "sides": [1], "out": str(tmp_path)}

    try:
        [line] = await told(box, "render", args, Limits(memory_bytes=512 << 20))
        reason = line["failure"]["reason"]
    except SliceKilled as killed:
        reason = killed.reason

    assert reason in ("OUT_OF_MEMORY", "memory")


async def test_jobs_run_at_the_same_time_and_a_bomb_does_not_delay_another(
    tmp_path: Path, box: Sandbox
) -> None:
    """Each job has a child of its own."""
    bomb = {"scan": str(laughs(tmp_path / "a.pdf")), "sides": [1], "out": str(tmp_path)}
    burning = asyncio.create_task(told(box, "render", bomb))
    scan = papers.scan(tmp_path / "scan.pdf", 1)

    lines = await told(box, "inspect", {"scan": str(scan)})

    assert (len(lines), burning.done()) == (2, False)
    burning.cancel()


async def test_closing_the_lines_ends_the_job(tmp_path: Path) -> None:
    """Nobody waits for a job that nobody listens to."""
    scan = laughs(tmp_path / "scan.pdf", after=1)
    async with Sandbox(LIMITS) as box:
        args = {"scan": str(scan), "sides": [1, 2], "out": str(tmp_path)}
        async with aclosing(box.run("render", args)) as lines:
            assert (await anext(lines))["side"] == 1

        await asyncio.to_thread(_await_processes, box.pid, 0)


def _await_processes(ancestor: int, wanted: int) -> None:
    """Poll until no more than the wanted processes descend from one."""
    deadline = time.monotonic() + 60
    while len(_descendants(str(ancestor))) > wanted:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _descendants(ancestor: str) -> set[str]:
    parents = {}
    for state in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[state.parent.name] = state.read_text().rsplit(")", 1)[1].split()[1]
    found: set[str] = set()
    new = {ancestor}
    while new:
        new = {pid for pid, parent in parents.items() if parent in new}
        found |= new
    return found


async def test_the_processor_time_of_jobs_counts_as_that_of_the_zygote(tmp_path: Path) -> None:
    async with Sandbox(LIMITS) as box:
        with suppress(SliceKilled):
            args = {"scan": str(laughs(tmp_path / "scan.pdf")), "sides": [1], "out": str(tmp_path)}
            await told(box, "render", args, CPU_LIMITS)
        await asyncio.to_thread(_await_processes, box.pid, 0)

        used = psutil.Process(box.pid).cpu_times()

    assert used.children_user + used.children_system > 0.5


async def test_the_zygote_inherits_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hostile code would find an empty environment and one socket."""
    monkeypatch.setenv("KORRIGO_DSN", "secret")
    with (tmp_path / "open").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        async with Sandbox(LIMITS) as box:
            await told(box, "inspect", {"scan": str(papers.scan(tmp_path / "scan.pdf", 1))})
            zygote = Path(f"/proc/{box.pid}")
            environment = (zygote / "environ").read_bytes()
            descriptors = {entry.name for entry in (zygote / "fd").iterdir()}

    assert b"secret" not in environment
    assert descriptors == {"0", "1", "2"}
