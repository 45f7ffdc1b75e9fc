"""Write scans with known truth: `python -m tests.paper make a4 --pages 60 --out scan.pdf`."""

import argparse
from pathlib import Path

from tests.paper.piles import Format, Pile, a3_pile, a4_pile, in_format, whole_copies
from tests.paper.scans import scan
from tests.paper.students import Student, csv_bytes, roster


def main() -> None:
    """Read the command line and write what it asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.paper", description=__doc__)
    verbs = parser.add_subparsers(required=True)
    make = verbs.add_parser("make", help="write one scan, its truth and its roster")
    make.add_argument("kind", choices=["a4", "a3", "mixed"])
    make.add_argument("--pages", type=int, default=60, help="sides of the scan, at least (default 60)")
    make.add_argument("--format", type=Format, default=Format.JPEG, help=", ".join(f.value for f in Format))
    make.add_argument("--rotate", type=int, choices=[0, 90, 180, 270])
    make.add_argument("--dpi", type=int, default=200)
    make.add_argument("--seed", type=int, default=1)
    make.add_argument("--out", type=Path, required=True)
    make.set_defaults(run=_make)
    arguments = parser.parse_args()
    arguments.run(arguments)


def _make(arguments: argparse.Namespace) -> None:
    students = roster(arguments.pages, arguments.seed)
    pile = in_format(_pile(arguments.kind, students), arguments.format, rotate=arguments.rotate)
    pile = whole_copies(pile, arguments.pages)
    scan(pile, arguments.out, dpi=arguments.dpi)
    present = {face.student for side in pile for face in side.faces}
    listed = [student for student in students if student in present]
    arguments.out.with_suffix(".roster.csv").write_bytes(csv_bytes(listed))


def _pile(kind: str, students: list[Student]) -> Pile:
    match kind:
        case "a4":
            return a4_pile(students)
        case "a3":
            return a3_pile(students)
        case _:
            return a3_pile(students, annex_every=2)


if __name__ == "__main__":
    main()
