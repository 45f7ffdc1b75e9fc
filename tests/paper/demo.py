"""Write a small exam on paper to try Korrigo with: a roster and three ways of scanning it."""

from pathlib import Path

from tests.paper.piles import Pile, a3_pile, a4_pile
from tests.paper.scans import scan
from tests.paper.students import Student, csv_bytes, roster
from tests.paper.truth import path_beside
from tests.paper.zones import identity_zones

A4_SCAN, A3_SCAN = "SKM_C301i26060208150.pdf", "SKM_C301i26060209420.pdf"
README = """\
A small mock exam on paper. Every name, address and answer in it is invented.

roster.csv           30 students. Import it as the exam's roster.
{a4}
                     60 sides, A4, both sides: students 1 to 15, four pages each.
                     Batch mode: every N pages, with N = 4.
{a3}
                     A3 booklets: students 16 to 21, one to three sheets each, the last half sometimes unused.
                     Batch mode: A3 booklets.
one-file-per-copy/   Students 22 to 27, one PDF each.
                     Batch mode: one file per copy.
truth/               What is really on each side, as JSON: whose it is, its place, where the name is.

Students 28 to 30 handed nothing in.

Identity zones, in percent of the page (left, top, width, height). A sheet has four pages: its header is on
the first and shows through on the second, so the zones repeat every four pages:
{zones}
"""


def write_demo(folder: Path, *, dpi: int = 200) -> None:
    """Fill a folder with the demo exam."""
    students = roster(30, seed=2026)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "roster.csv").write_bytes(csv_bytes(students))
    (folder / "README.txt").write_text(_readme(), encoding="utf-8")
    for name, pile in _piles(students).items():
        scan(pile, folder / name, dpi=dpi)
        _put_truth_away(folder, folder / name)


def _piles(students: list[Student]) -> dict[str, Pile]:
    piles = {A4_SCAN: a4_pile(students[:15]), A3_SCAN: a3_pile(students[15:21])}
    for index, student in enumerate(students[21:27]):
        piles[f"one-file-per-copy/{_file_name(student)}.pdf"] = a4_pile([student], first_copy=index)
    return piles


def _file_name(student: Student) -> str:
    return f"{student.family} {student.given}".replace(" ", "_").replace("'", "_")


def _put_truth_away(folder: Path, scan_path: Path) -> None:
    beside = path_beside(scan_path)
    (folder / "truth").mkdir(exist_ok=True)
    beside.replace(folder / "truth" / beside.name)


def _readme() -> str:
    boxes = [(zone.position, zone.box) for zone in identity_zones("a3")]
    zones = "\n".join(
        f"  page {position:2}: {box.x:4.0%} {box.y:4.0%} {box.width:4.0%} {box.height:4.0%}"
        for position, box in boxes
    )
    return README.format(a4=A4_SCAN, a3=A3_SCAN, zones=zones)
