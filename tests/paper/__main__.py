"""Write scans with known truth: `make a4 --pages 60 --out scan.pdf`, or `demo FOLDER` for a whole exam."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.paper import accidents, hostile
from tests.paper.demo import write_demo
from tests.paper.piles import Format, Pile, a3_pile, a4_pile, in_format, whole_copies
from tests.paper.shelf import shelved_scan
from tests.paper.students import Student, csv_bytes, roster

PILES: dict[str, Callable[[list[Student]], Pile]] = {
    "a4": a4_pile,
    "a3": a3_pile,
    "mixed": lambda students: a3_pile(students, annex_every=2),
}
BOGUS: dict[str, Callable[[Path], Path]] = {
    "html": hostile.html,
    "png": hostile.png,
    "empty": hostile.empty,
    "many-pages": hostile.many_pages,
    "image-bomb": hostile.image_bomb,
    "content-bomb": hostile.content_bomb,
    "form-bomb": hostile.form_bomb,
}
ACCIDENTS: dict[str, Callable[[Pile, int], Pile]] = {
    "missing-side": accidents.missing_side,
    "double-feed": accidents.double_feed,
    "swapped-sides": accidents.swapped_sides,
    "upside-down": accidents.upside_down,
    "blank-side": accidents.blank_sides,
    "broken-side": accidents.broken_side,
}
SPOILT: dict[str, Callable[[Path, Path], Path]] = {
    "truncated": hostile.truncated,
    "encrypted": hostile.encrypted,
    "owner-only": hostile.owner_only,
}


def main(words: Sequence[str] | None = None) -> None:
    """Read the command line and write what it asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.paper", description=__doc__)
    verbs = parser.add_subparsers(required=True)
    demo = verbs.add_parser("demo", help="write a whole demo exam into a folder")
    demo.add_argument("folder", type=Path)
    demo.set_defaults(run=lambda arguments: write_demo(arguments.folder))
    _add_make(verbs.add_parser("make", help="write one scan, its truth and its roster"))
    arguments = parser.parse_args(words)
    arguments.run(arguments)


def _add_make(make: argparse.ArgumentParser) -> None:
    make.add_argument("kind", choices=[*PILES, *BOGUS])
    make.add_argument("--out", type=Path, required=True)
    make.add_argument("--pages", type=int, default=60, help="sides at least; copies stay whole (default 60)")
    make.add_argument(
        "--format", type=Format, default=Format.JPEG, help=", ".join(kind.value for kind in Format)
    )
    make.add_argument("--rotate", type=int, choices=[0, 90, 180, 270])
    make.add_argument("--dpi", type=int, default=200)
    make.add_argument("--seed", type=int, default=1)
    make.add_argument("--damage", choices=[*ACCIDENTS, *SPOILT], action="append", default=[])
    make.add_argument("--at", type=int, default=3, help="the side where an accident happens (default 3)")
    make.set_defaults(run=_make)


def _make(arguments: argparse.Namespace) -> None:
    if arguments.kind in BOGUS:
        BOGUS[arguments.kind](arguments.out)
        return
    students = roster(arguments.pages, arguments.seed)
    pile = whole_copies(PILES[arguments.kind](students), arguments.pages)
    pile = in_format(pile, arguments.format, rotate=arguments.rotate)
    arguments.out.with_suffix(".roster.csv").write_bytes(csv_bytes(_present(students, pile)))
    for accident in filter(ACCIDENTS.__contains__, arguments.damage):
        pile = ACCIDENTS[accident](pile, arguments.at)
    shelved_scan(pile, arguments.out, dpi=arguments.dpi)
    for damage in filter(SPOILT.__contains__, arguments.damage):
        _spoil(SPOILT[damage], arguments.out)


def _present(students: list[Student], pile: Pile) -> list[Student]:
    seen = {face.student for side in pile for face in side.faces}
    return [student for student in students if student in seen]


def _spoil(damage: Callable[[Path, Path], Path], scan: Path) -> None:
    damage(scan, scan.with_suffix(".spoilt")).replace(scan)


if __name__ == "__main__":
    main()
