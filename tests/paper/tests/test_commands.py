"""The commands write what they announce."""

import csv
import io
from pathlib import Path

import pikepdf
import pytest

from tests.paper.__main__ import main
from tests.paper.demo import A3_SCAN, A4_SCAN, write_demo
from tests.paper.truth import Truth, load


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, dpi=30)
    return folder


def make(folder: Path, *words: str) -> Truth:
    main(["make", *words, "--dpi", "30", "--out", str(folder / "scan.pdf")])
    return load(folder / "scan.pdf")


def test_the_demo_shows_each_way_of_scanning(demo: Path) -> None:
    sides = {}
    for path in demo.rglob("*.pdf"):
        with pikepdf.open(path) as pdf:
            sides[str(path.relative_to(demo))] = len(pdf.pages)

    assert sides.pop(A4_SCAN) == 60
    assert sides.pop(A3_SCAN) == 20
    assert list(sides.values()) == [4] * 6
    assert len(list((demo / "truth").iterdir())) == 8


def test_the_demo_roster_names_every_writer_once_and_three_absents(demo: Path) -> None:
    rows = list(csv.reader(io.StringIO((demo / "roster.csv").read_text("utf-8-sig")), delimiter=";"))

    assert len({row[2] for row in rows[1:]}) == 30


def test_the_demo_readme_names_files_that_exist(demo: Path) -> None:
    words = (demo / "README.txt").read_text("utf-8").split()

    named = [word for word in words if word.endswith((".pdf", ".csv", "/"))]
    assert len(named) == 5
    assert all((demo / name).exists() for name in named)


def test_copies_stay_whole_when_sides_are_counted(tmp_path: Path) -> None:
    truth = make(tmp_path, "a4", "--pages", "6")

    assert len(truth.sides) == 8
    assert (tmp_path / "scan.roster.csv").read_bytes().count(b"\r\n") == 3


def test_accidents_happen_where_they_are_ordered(tmp_path: Path) -> None:
    truth = make(tmp_path, "a4", "--pages", "8", "--damage", "missing-side", "--at", "2")

    assert [face.position for _, face in truth.faces()] == [1, 3, 4, 1, 2, 3, 4]


def test_a_scan_can_be_spoilt_after_it_was_made(tmp_path: Path) -> None:
    make(tmp_path, "a4", "--pages", "4", "--damage", "encrypted")

    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(tmp_path / "scan.pdf")


def test_what_is_not_a_scan_is_made_too(tmp_path: Path) -> None:
    main(["make", "html", "--out", str(tmp_path / "fake.pdf")])

    assert (tmp_path / "fake.pdf").read_bytes().startswith(b"<!DOCTYPE")
