"""Rosters look like those that offices send."""

import csv
import io

import pytest

from tests.paper.forms import CELLS
from tests.paper.students import FAMILIES, GIVEN, Layout, csv_bytes, roster


def test_the_same_seed_invents_the_same_students() -> None:
    assert roster(50, seed=3) == roster(50, seed=3)
    assert roster(50, seed=3) != roster(50, seed=4)


def test_a_roster_has_homonyms_and_no_address_twice() -> None:
    students = roster(200)

    names = [(student.family, student.given) for student in students]
    assert len(set(names)) < len(names)
    assert len({student.email for student in students}) == 200


def test_homonyms_differ_by_birth_date_or_class() -> None:
    told_apart = [(student.family, student.given, student.born, student.group) for student in roster(1000)]

    assert len(set(told_apart)) == 1000


def test_every_name_fits_the_cells_of_the_form_and_western_encodings() -> None:
    for name in FAMILIES + GIVEN:
        assert len(name) <= CELLS
        name.upper().encode("cp1252")


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_each_dialect_reads_back(layout: Layout, delimiter: str, encoding: str) -> None:
    students = roster(5)

    written = csv_bytes(students, layout=layout, delimiter=delimiter, encoding=encoding)

    rows = list(csv.reader(io.StringIO(written.decode(encoding)), delimiter=delimiter))
    assert tuple(rows[0]) == layout.value
    assert [set(row) & {f"{student.born:%d/%m/%Y}"} for row, student in zip(rows[1:], students, strict=True)]
    assert all(student.email in row for row, student in zip(rows[1:], students, strict=True))


def test_only_the_bom_tells_two_utf8_files_apart() -> None:
    students = roster(3)

    assert csv_bytes(students) == b"\xef\xbb\xbf" + csv_bytes(students, encoding="utf-8")
