"""Roster files as schools write them: all of them read, none half imported."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingest.domain.refusals import RosterHeaderMissing, RosterTooLarge, RosterUnreadable
from ingest.domain.roster import Import, Sheet, match, read
from ingest.domain.roster.reading import BYTES_LIMIT
from ingest.domain.student import Student, folded

from services.ingest.tests import paper

PRONOTE = (
    "Élèves;Né(e) le;Adresse E-mail;Classe;EDS;Groupe\r\n"
    "DE LA FONTAINE-PETIT Anaïs Zoé;03/02/2008;anais@example.org;T03;MATHS;G1\r\n"
    "N'GUYEN Éric;;;T03;;\r\n"
)


def _names(sheet: Sheet) -> list[tuple[str, str]]:
    return [(entry.last_name, entry.first_name) for entry in sheet.entries]


def _student(last: str = "DUPONT", first: str = "Jean", **known: object) -> Student:
    return replace(Student(paper.new_id(), paper.EXAM, last, first), **known)  # type: ignore[arg-type]  # by field


def _import(text: str, *students: Student) -> Import:
    return match(read(text.encode()), students, paper.EXAM, paper.new_id)


def _outcomes(plan: Import) -> list[tuple[int, str]]:
    return [(line.number, line.outcome) for line in plan.lines]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_every_encoding_and_delimiter_reads_the_same(encoding: str, delimiter: str) -> None:
    sheet = read(PRONOTE.replace(";", delimiter).encode(encoding))

    assert _names(sheet) == [("DE LA FONTAINE-PETIT", "Anaïs Zoé"), ("N'GUYEN", "Éric")]
    assert sheet.entries[0].birth_date == date(2008, 2, 3)
    assert (sheet.entries[0].class_name, sheet.entries[0].group_name) == ("T03", "G1")


@pytest.mark.parametrize(
    "header",
    [
        "Nom;Prénom;Né(e) le;Adresse E-mail;Classe",
        " NOM ;PRENOM ;NÉ(E) LE; adresse e-mail;CLASSE ",
        "Élèves;Prénom;Date de naissance;E-mail;Classe",
        "Last name;First name;Birth date;Email;Class",
    ],
)
def test_columns_are_found_by_their_header(header: str) -> None:
    (entry,) = read(f"{header}\nDupont;Jean;2008-02-03;jean@example.org;T1\n".encode()).entries

    assert (entry.last_name, entry.first_name, entry.birth_date) == ("Dupont", "Jean", date(2008, 2, 3))
    assert (entry.email, entry.class_name) == ("jean@example.org", "T1")


def test_columns_may_come_in_any_order_among_others() -> None:
    (entry,) = read("Classe;Prénom;Régime;Nom\nT1;Jean;DP;Dupont;extra\n".encode()).entries

    assert (entry.last_name, entry.first_name, entry.class_name) == ("Dupont", "Jean", "T1")


def test_a_quoted_field_may_hold_the_delimiter_and_a_line_break() -> None:
    sheet = read(b'Nom,Pr\xc3\xa9nom,Classe\n"Dupont","Jean","T1, ""A""\nB"\nDurand,Lea,T2\n')

    assert [(entry.line, entry.class_name) for entry in sheet.entries] == [(2, 'T1, "A" B'), (4, "T2")]


def test_the_delimiter_is_what_stands_between_quoted_headers() -> None:
    sheet = read('"Nom";"Prénom";"Classe, groupe, option"\n"Dupont";"Jean, Luc";"T1"\n'.encode())

    assert _names(sheet) == [("Dupont", "Jean, Luc")]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_line_that_tells_the_delimiter_is_heard_and_counted(delimiter: str) -> None:
    text = f"sep={delimiter}\r\nNom;Prénom\r\nDupont;Jean\r\n;Lea\r\n".replace(";", delimiter)

    plan = _import(text)

    assert _outcomes(plan) == [(3, "ADDED"), (4, "NAME_MISSING")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (";Jean;;", "NAME_MISSING"),
        ("Dupont;-;;", "NAME_MISSING"),
        ("Dupont", "NAME_MISSING"),
        ("Dupont;Jean;31/02/2008;", "BIRTH_DATE_INVALID"),
        ("Dupont;Jean;3/2/08;", "BIRTH_DATE_INVALID"),
        ("Dupont;Jean;01/01/1800;", "BIRTH_DATE_INVALID"),
        ("Dupont;Jean;;jean at home", "EMAIL_INVALID"),
        ("Dupont;Jean;;<jean@example.org>", "EMAIL_INVALID"),
        ("Dupont;Jean;;jean@example.org,", "EMAIL_INVALID"),
        (f"{'D' * 201};Jean;;", "FIELD_TOO_LONG"),
    ],
)
def test_a_wrong_line_is_refused_by_number_and_reason(line: str, reason: str) -> None:
    plan = _import(f"Nom;Prénom;Né(e) le;E-mail\n\n{line}\nDurand;Lea;;\n")

    assert _outcomes(plan) == [(3, reason), (4, "ADDED")]
    assert plan.refused == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DUPONT Jean", ("DUPONT", "Jean")),
        ("LE GALL Anne Marie", ("LE GALL", "Anne Marie")),
        ("DUPONT JEAN", ("DUPONT", "JEAN")),
        ("ÉTIENNE-ROY Zoé", ("ÉTIENNE-ROY", "Zoé")),
    ],
)
def test_one_column_of_names_is_split_at_the_capitals(name: str, expected: tuple[str, str]) -> None:
    assert _names(read(f"Élèves;Classe\n{name};T1\n".encode())) == [expected]


@pytest.mark.parametrize("name", ["DE LA TOUR JEAN", "Jean Dupont", "DUPONT"])
def test_a_name_that_cannot_be_split_is_refused(name: str) -> None:
    sheet = read(f"Élèves;Classe\n{name};T1\n".encode())

    assert [line.outcome for line in sheet.refused] == ["NAME_UNCLEAR"]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", RosterHeaderMissing),
        (b"\n \n", RosterHeaderMissing),
        (b"Classe;Groupe\nT1;G1\n", RosterHeaderMissing),
        (b"Nom;Prenom\x00\n", RosterUnreadable),
        (b"Nom;Prenom\n\x81\x8d;x\n", RosterUnreadable),
        (b'Nom;Prenom\n"Dupont;Jean\n', RosterUnreadable),
        (b"x" * (BYTES_LIMIT + 1), RosterTooLarge),
        (b"Nom;Prenom\n" + b"a;b\n" * 20_001, RosterTooLarge),
    ],
)
def test_a_file_that_is_no_roster_is_refused_as_a_whole(content: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read(content)


def test_the_same_file_again_changes_nothing() -> None:
    first = match(read(PRONOTE.encode()), [], paper.EXAM, paper.new_id)

    again = match(read(PRONOTE.encode()), first.added, paper.EXAM, paper.new_id)

    assert [line.outcome for line in again.lines] == ["UNCHANGED", "UNCHANGED"]
    assert (again.added, again.updated) == ((), ())


def test_names_match_whatever_their_case_and_accents() -> None:
    known = _student("Lefèvre-Noël", "Zoé", birth_date=date(2008, 2, 3))

    plan = _import("Nom;Prénom;Né(e) le;Classe\nLEFEVRE NOEL;ZOE;03/02/2008;T4\n", known)

    (updated,) = plan.updated
    assert (updated.id, updated.class_name) == (known.id, "T4")


def test_an_empty_cell_erases_nothing() -> None:
    known = _student(email="jean@example.org", birth_date=date(2008, 2, 3))

    plan = _import("Nom;Prénom\nDUPONT;Jean\n", known)

    assert _outcomes(plan) == [(2, "UNCHANGED")]


def test_a_corrected_address_takes_the_results_from_the_account_of_the_wrong_one() -> None:
    known = _student(email="wrong@example.org", account_id=paper.new_id())

    same = _import("Nom;Prénom;E-mail\nDupont;Jean;Wrong@example.org\n", known)
    corrected = _import("Nom;Prénom;E-mail\nDupont;Jean;jean@example.org\n", known)

    assert [student.account_id for student in same.updated] == [known.account_id]
    assert [student.account_id for student in corrected.updated] == [None]


@pytest.mark.parametrize("known", [[], [_student("ROY", "Zoé", email="Jean@example.org")]])
def test_an_address_is_that_of_one_student_who_alone_sees_their_result(known: list[Student]) -> None:
    other = "" if known else "Durand;Lea;JEAN@example.org\n"

    plan = _import(f"Nom;Prénom;E-mail\nDupont;Jean;jean@example.org\n{other}", *known)

    assert {outcome for _, outcome in _outcomes(plan)} == {"EMAIL_REPEATED"}
    assert (plan.added, plan.updated) == ((), ())


def test_homonyms_are_told_apart_by_birth_date() -> None:
    older, younger = _student(birth_date=date(2007, 1, 1)), _student(birth_date=date(2008, 1, 1))

    plan = _import("Nom;Prénom;Né(e) le;Classe\nDUPONT;Jean;01/01/2008;T2\n", older, younger)

    assert [student.id for student in plan.updated] == [younger.id]


def test_homonyms_are_told_apart_by_class() -> None:
    one, two = _student(class_name="T1"), _student(class_name="T2")

    plan = _import("Nom;Prénom;Né(e) le;Classe\nDUPONT;Jean;01/01/2008;T2\n", one, two)

    assert [student.id for student in plan.updated] == [two.id]


def test_homonyms_in_one_file_are_two_students() -> None:
    plan = _import("Nom;Prénom;Classe\nDUPONT;Jean;T1\nDUPONT;Jean;T2\n")

    assert _outcomes(plan) == [(2, "ADDED"), (3, "ADDED")]


def test_a_line_that_could_be_two_students_is_refused() -> None:
    plan = _import("Nom;Prénom\nDUPONT;Jean\n", _student(class_name="T1"), _student(class_name="T2"))

    assert _outcomes(plan) == [(2, "HOMONYM_UNCLEAR")]


def test_a_line_that_says_the_same_again_is_refused() -> None:
    plan = _import("Nom;Prénom;Classe\nDUPONT;Jean;T1\nDupont;JEAN;T1\n")

    assert _outcomes(plan) == [(2, "ADDED"), (3, "LINE_REPEATED")]


def test_a_student_of_another_birth_date_is_another_student() -> None:
    plan = _import("Nom;Prénom;Né(e) le\nDUPONT;Jean;01/01/2008\n", _student(birth_date=date(2007, 1, 1)))

    assert _outcomes(plan) == [(2, "ADDED")]


_names_strategy = st.text(
    st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=30
).filter(folded)


@given(
    st.lists(
        st.tuples(_names_strategy, _names_strategy, st.dates(date(1950, 1, 1), date(2020, 1, 1))), max_size=20
    )
)
def test_whatever_the_names_each_line_has_one_outcome_and_a_repeat_changes_nothing(
    students: list[tuple[str, str, date]],
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([("Nom", "Prénom", "Né(e) le"), *students])
    content = text.getvalue().encode()

    plan = match(read(content), [], paper.EXAM, paper.new_id)
    again = match(read(content), plan.added, paper.EXAM, paper.new_id)

    assert len(plan.lines) == len(students)
    assert len(plan.added) + plan.refused == len(students)
    assert not again.added
    assert not again.updated


@given(st.binary(max_size=400))
def test_no_file_surprises_the_reader(content: bytes) -> None:
    try:
        sheet = read(content)
    except (RosterHeaderMissing, RosterUnreadable, RosterTooLarge):
        return

    assert all(entry.last_name and entry.first_name for entry in sheet.entries)
