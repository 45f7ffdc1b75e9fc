"""The shell does the jobs without any server, in JSON lines."""

import json
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from services.rasterizer.tests import papers
from services.rasterizer.tests.test_sandbox import laughs
from services.rasterizer.tests.test_stamp import content

Lines = list[dict[str, Any]]


def run(*arguments: object) -> tuple[int, Lines]:
    command = [sys.executable, "-m", "rasterizer", *(str(argument) for argument in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_inspect_tells_each_side_then_their_number(tmp_path: Path) -> None:
    """The last line says what it cost."""
    status, [first, _, last] = run("inspect", papers.scan(tmp_path / "scan.pdf", 2))

    assert (status, first["number"], first["width_pt"]) == (0, 1, 595.2)
    assert (last["sides"], last["repaired"]) == (2, False)
    assert last["cpu_seconds"] > 0


@pytest.mark.parametrize("workers", [1, 3])
def test_render_tells_every_side_once(tmp_path: Path, workers: int) -> None:
    """Images lie where their lines say."""
    scan = papers.scan(tmp_path / "scan.pdf", 130, dpi=30)

    status, [*sides, last] = run("render", scan, "--out", tmp_path / "out", "--workers", workers)

    assert status == 0
    assert sorted(side["number"] for side in sides) == list(range(1, 131))
    assert all(Path(side[key]).exists() for side in sides for key in ("image", "thumbnail"))
    assert {"number", "width", "height", "method", "image", "thumbnail", "preview", "blank"} == set(sides[0])
    assert (last["sides"], last["failures"]) == (130, 0)
    assert 20 < last["peak_rss_mib"] < 150


def test_render_takes_a_range_of_sides(tmp_path: Path) -> None:
    """Its end may lie behind the last side."""
    scan = papers.scan(tmp_path / "scan.pdf", 4)

    _, [*sides, _] = run("render", scan, "--out", tmp_path, "--sides", "3-50")

    assert [side["number"] for side in sides] == [3, 4]


def test_a_failed_side_is_told_and_shows_in_the_status(tmp_path: Path) -> None:
    """The others are rendered."""
    pdf = pikepdf.open(papers.scan(tmp_path / "scan.pdf", 1))
    bomb = papers.image(pdf, zlib.compress(b""), 50_000, 50_000, Filter=pikepdf.Name.FlateDecode)
    papers.add_page(pdf, bomb)
    papers.add_page(pdf, papers.jpeg_image(pdf, papers.sheet()))
    path = papers.save(pdf, tmp_path / "damaged.pdf")

    status, [one, two, three, last] = run("render", path, "--out", tmp_path)

    assert (status, last["failures"], last["sides"]) == (1, 1, 3)
    assert (one["method"], three["method"]) == ("copy", "copy")
    assert (two["number"], two["failure"]["reason"]) == (2, "TOO_MANY_PIXELS")


def test_sides_around_a_bomb_are_rendered(tmp_path: Path) -> None:
    """The bomb is one failure; a second one ends the patience with the file."""
    pdf = pikepdf.open(laughs(tmp_path / "scan.pdf", after=1))
    pdf.pages.append(pdf.pages[0])

    status, [one, two, three, last] = run(
        "render", papers.save(pdf, tmp_path / "bomb.pdf"), "--out", tmp_path
    )

    assert (status, last["failures"]) == (1, 1)
    assert [one["number"], two["number"], three["number"]] == [1, 2, 3]
    assert two["failure"]["reason"] == "OUT_OF_TIME"
    assert last["cpu_seconds"] < 20


@pytest.mark.parametrize(
    "command",
    [["inspect"], ["render", "--out", "."], ["stamp", "--annotations", "frozen.json", "--out", "out.pdf"]],
)
def test_a_refused_file_gives_its_reason_and_status_3(tmp_path: Path, command: list[str]) -> None:
    """The sentence is for people."""
    (tmp_path / "scan.pdf").write_text("<html>")

    status, [line] = run(*command, tmp_path / "scan.pdf")

    assert (status, line) == (3, {"refused": "NOT_A_PDF", "message": "This file is not a PDF."})


def test_a_cut_off_file_is_not_stamped(tmp_path: Path) -> None:
    """It would look whole with pages missing."""
    whole = papers.scan(tmp_path / "scan.pdf", 4).read_bytes()
    (tmp_path / "half.pdf").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "frozen.json").write_text(json.dumps(content()))
    files = (tmp_path / "half.pdf", "--annotations", tmp_path / "frozen.json", "--out", tmp_path / "out.pdf")

    status, [line] = run("stamp", *files)

    assert (status, line["refused"]) == (3, "DAMAGED")
    assert not (tmp_path / "out.pdf").exists()


def test_stamp_writes_the_annotated_pdf(tmp_path: Path) -> None:
    """A line per page, summary included."""
    scan = papers.scan(tmp_path / "copy.pdf", 2)
    (tmp_path / "frozen.json").write_text(json.dumps(content()))
    out = tmp_path / "out.pdf"

    status, lines = run("stamp", scan, "--annotations", tmp_path / "frozen.json", "--out", out)

    assert (status, [line["page"] for line in lines[:-1]]) == (0, [1, 2, 3])
    assert len(pikepdf.open(out).pages) == lines[-1]["pages"] == 3


@pytest.mark.parametrize(
    ("options", "status", "sentence"),
    [
        (["--sides", "7-9"], 1, "the file has no side 7; its last is 3"),
        (["--sides", "3-1"], 2, "3-1 is no side or range of sides"),
        (["--sides", "0"], 2, "0 is no side or range of sides"),
        (["--out", "/proc/nowhere"], 1, "/proc/nowhere: No such file or directory"),
        (["--workers", "0"], 2, "invalid choice: 0"),
        (["missing.pdf"], 2, "missing.pdf: No such file or directory"),
    ],
)
def test_a_command_that_cannot_be_done_says_why(
    tmp_path: Path, options: list[str], status: int, sentence: str
) -> None:
    """In one sentence, and never as if all sides were there."""
    file = [] if "missing.pdf" in options else [str(papers.scan(tmp_path / "scan.pdf"))]
    command = [sys.executable, "-m", "rasterizer", "render", *file, "--out", str(tmp_path), *options]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, done.stdout) == (status, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_may_stop_listening(tmp_path: Path) -> None:
    """As `head -1` does."""
    scan = papers.scan(tmp_path / "scan.pdf", 60, dpi=20)
    command = [sys.executable, "-m", "rasterizer", "render", str(scan), "--out", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()

        assert process.stderr.read() == b""


def test_an_unknown_command_is_answered_with_the_known_ones() -> None:
    """Without loading anything."""
    command = [sys.executable, "-m", "rasterizer", "fly"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 2
    assert "inspect|render|stamp" in done.stderr
