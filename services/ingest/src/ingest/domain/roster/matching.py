"""Match a roster file with the students already known; homonyms are told apart by birth date and class."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.domain.roster.reading import Entry, Line, Sheet
from ingest.domain.student import Student

ADDED = "ADDED"
UPDATED = "UPDATED"
UNCHANGED = "UNCHANGED"
LINE_REPEATED = "LINE_REPEATED"
HOMONYM_UNCLEAR = "HOMONYM_UNCLEAR"
EMAIL_REPEATED = "EMAIL_REPEATED"


@dataclass(frozen=True, slots=True)
class Import:
    """What an import would do; nothing of it happens if a line is refused."""

    lines: tuple[Line, ...]
    added: tuple[Student, ...]
    updated: tuple[Student, ...]

    def count(self, outcome: str) -> int:
        """Count the lines with an outcome."""
        return sum(line.outcome == outcome for line in self.lines)

    @property
    def refused(self) -> int:
        return sum(line.outcome not in (ADDED, UPDATED, UNCHANGED) for line in self.lines)


def _same_person(entry: Entry, student: Student) -> bool:
    return (entry.birth_date, entry.class_name) == (student.birth_date, student.class_name)


def _born_same_day(entry: Entry, student: Student) -> bool:
    return entry.birth_date is not None and entry.birth_date == student.birth_date


def _same_class(entry: Entry, student: Student) -> bool:
    is_open = entry.birth_date is None or student.birth_date is None
    return is_open and bool(entry.class_name) and entry.class_name == student.class_name


def _nothing_against(entry: Entry, student: Student) -> bool:
    birth = entry.birth_date is None or student.birth_date is None
    return birth and not (entry.class_name and student.class_name)


# From the surest to the least sure: a sure match takes a student before a vague one may.
_TIERS: tuple[Callable[[Entry, Student], bool], ...] = (
    _same_person,
    _born_same_day,
    _same_class,
    _nothing_against,
)


def match(sheet: Sheet, students: Iterable[Student], exam_id: str, new_id: Callable[[], str]) -> Import:
    """Plan the import of a file into a roster."""
    entries, repeated = _distinct(sheet.entries)
    students = list(students)
    found, unclear = _pair(entries, students)
    refused = {line.number for line in unclear}
    clear = [entry for entry in entries if entry.line not in refused]
    planned = {entry.line: _planned(found.get(entry.line), entry, exam_id, new_id) for entry in clear}
    shared = _shared({student.id: student for student in [*students, *planned.values()]}.values())
    lines = [*sheet.refused, *repeated, *unclear]
    added: list[Student] = []
    updated: list[Student] = []
    for entry in clear:
        known, student = found.get(entry.line), planned[entry.line]
        if entry.email.lower() in shared:
            lines.append(Line(entry.line, EMAIL_REPEATED, entry.email))
            continue
        if student != known:
            (updated if known else added).append(student)
        lines.append(Line(entry.line, _outcome(known, student), entry.name))
    return Import(tuple(sorted(lines, key=lambda line: line.number)), tuple(added), tuple(updated))


def _shared(students: Iterable[Student]) -> set[str]:
    """Name the addresses of more than one student: the account of either would see both results."""
    counts = Counter(student.email.lower() for student in students if student.email)
    return {email for email, count in counts.items() if count > 1}


def _distinct(entries: Sequence[Entry]) -> tuple[list[Entry], list[Line]]:
    first: dict[tuple[object, ...], Entry] = {}
    repeated = []
    for entry in entries:
        known = first.setdefault((entry.name_key, entry.birth_date, entry.class_name), entry)
        if known is not entry:
            repeated.append(Line(entry.line, LINE_REPEATED, f"{entry.name} = {known.line}"))
    return list(first.values()), repeated


def _pair(entries: Sequence[Entry], students: Iterable[Student]) -> tuple[dict[int, Student], list[Line]]:
    """Find the student of each line, and the lines that could be more than one."""
    free: dict[str, list[Student]] = defaultdict(list)
    for student in students:
        free[student.name_key].append(student)
    found: dict[int, Student] = {}
    unclear: dict[int, Line] = {}
    for tier in _TIERS:
        for entry in entries:
            if entry.line in found or entry.line in unclear:
                continue
            candidates = [student for student in free[entry.name_key] if tier(entry, student)]
            if len(candidates) > 1:
                unclear[entry.line] = Line(entry.line, HOMONYM_UNCLEAR, entry.name)
            elif candidates:
                found[entry.line] = candidates[0]
                free[entry.name_key].remove(candidates[0])
    return found, list(unclear.values())


def _planned(known: Student | None, entry: Entry, exam_id: str, new_id: Callable[[], str]) -> Student:
    return _updated(known or Student(new_id(), exam_id, entry.last_name, entry.first_name), entry)


def _updated(student: Student, entry: Entry) -> Student:
    """Take over what the line says; what it leaves empty stays, an account only with its address."""
    email = entry.email or student.email
    return replace(
        student,
        last_name=entry.last_name,
        first_name=entry.first_name,
        birth_date=entry.birth_date or student.birth_date,
        email=email,
        class_name=entry.class_name or student.class_name,
        group_name=entry.group_name or student.group_name,
        account_id=student.account_id if email.lower() == student.email.lower() else None,
    )


def _outcome(known: Student | None, student: Student) -> str:
    if known is None:
        return ADDED
    return UNCHANGED if known == student else UPDATED
