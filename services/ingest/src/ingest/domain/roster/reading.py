"""
Read a roster file: whatever a school's software or a spreadsheet writes.

`,`, `;` or tab; UTF-8 with or without BOM, or cp1252; columns found by their header, with accents, case and
blanks ignored. Each line becomes an entry or a refusal of its own.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ingest.domain.refusals import RosterHeaderMissing, RosterTooLarge, RosterUnreadable
from ingest.domain.student import folded

BYTES_LIMIT = 2 * 1024 * 1024
LINES_LIMIT = 20_000
FIELD_LIMIT = 200
DELIMITERS = ";\t,"
OLDEST = date(1900, 1, 1)

_COLUMNS = {
    "full_name": ("eleve", "eleves", "nom prenom", "nom et prenom", "student", "name"),
    "last_name": ("nom", "nom de famille", "last name", "family name", "surname"),
    "first_name": ("prenom", "prenoms", "first name", "given name"),
    "birth_date": (
        "ne le",
        "nee le",
        "ne e le",
        "date de naissance",
        "naissance",
        "birth date",
        "date of birth",
    ),
    "email": ("adresse e mail", "adresse email", "adresse mail", "e mail", "email", "mail", "courriel"),
    "class_name": ("classe", "class"),
    "group_name": ("groupe", "groupes", "group"),
}
_BY_HEADER = {header: column for column, headers in _COLUMNS.items() for header in headers}
_DATE = re.compile(r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})")
# How Excel tells itself the delimiter, in a line of its own.
_TOLD_DELIMITER = re.compile(rf'"?sep=([{DELIMITERS}])"?\r?\n', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
# Nothing that the header of a mail would read as more than one plain address.
_PLAIN = r"""[^@\s<>()\[\]\\,;:"]+"""
_EMAIL = re.compile(rf"{_PLAIN}@{_PLAIN}\.{_PLAIN}")


@dataclass(frozen=True, slots=True)
class Line:
    """What became of a line of the file."""

    number: int
    outcome: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A student as one line tells."""

    line: int
    last_name: str
    first_name: str
    birth_date: date | None = None
    email: str = ""
    class_name: str = ""
    group_name: str = ""

    @property
    def name(self) -> str:
        return f"{self.last_name} {self.first_name}"

    @property
    def name_key(self) -> str:
        """Give the names as `Student.name_key` does."""
        return f"{folded(self.last_name)}|{folded(self.first_name)}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as read: its good lines, and why the others are not."""

    entries: tuple[Entry, ...]
    refused: tuple[Line, ...]


class _LineRefused(Exception):  # noqa: N818 -- an answer about one line, not an error
    """Why a line is no student."""

    def __init__(self, outcome: str, detail: str = "") -> None:
        super().__init__(outcome)
        self.outcome, self.detail = outcome, detail


def read(content: bytes) -> Sheet:
    """Read a roster file, or refuse it as a whole."""
    rows = _rows(_text(content))
    header = next(rows, None)
    if header is None:
        raise RosterHeaderMissing(missing="last_name,first_name")
    columns = _columns(header[1])
    entries: list[Entry] = []
    refused: list[Line] = []
    for number, cells in rows:
        try:
            entries.append(_entry(number, columns, cells))
        except _LineRefused as refusal:
            refused.append(Line(number, refusal.outcome, refusal.detail))
    return Sheet(tuple(entries), tuple(refused))


def _text(content: bytes) -> str:
    if len(content) > BYTES_LIMIT:
        raise RosterTooLarge(limit=f"{BYTES_LIMIT} bytes")
    if b"\0" in content:
        raise RosterUnreadable
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise RosterUnreadable from error


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that are not blank, with their numbers."""
    told = _TOLD_DELIMITER.match(text)
    body, start = (text[told.end() :], 2) if told else (text, 1)
    delimiter = told[1] if told else _delimiter(body)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    skipped = start - 1
    try:
        for count, cells in enumerate(reader):
            if count > LINES_LIMIT:
                raise RosterTooLarge(limit=f"{LINES_LIMIT} lines")
            if any(cell.strip() for cell in cells):
                yield start, cells
            start = skipped + reader.line_num + 1
    except csv.Error as error:
        raise RosterUnreadable(line=str(start)) from error


def _delimiter(text: str) -> str:
    """Find what stands most often between the cells of the header, not within one."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=_QUOTED.sub("", first).count)


def _columns(header: Sequence[str]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for index, title in enumerate(header):
        if column := _BY_HEADER.get(folded(title)):
            found.setdefault(column, index)
    if "full_name" in found and "first_name" in found:
        found.setdefault("last_name", found.pop("full_name"))
    if not {"last_name", "first_name"} <= found.keys() and "full_name" not in found:
        raise RosterHeaderMissing(missing=",".join(sorted({"last_name", "first_name"} - found.keys())))
    return found


def _entry(number: int, columns: Mapping[str, int], cells: Sequence[str]) -> Entry:
    values = {column: _cell(cells, index) for column, index in columns.items()}
    if "last_name" in columns and "first_name" in columns:
        last, first = values["last_name"], values["first_name"]
    else:
        last, first = _split_name(values["full_name"])
    if not folded(last) or not folded(first):
        raise _LineRefused("NAME_MISSING", f"{last} {first}".strip())
    return Entry(
        number,
        last,
        first,
        _birth_date(values.get("birth_date", "")),
        _email(values.get("email", "")),
        values.get("class_name", ""),
        values.get("group_name", ""),
    )


def _cell(cells: Sequence[str], index: int) -> str:
    text = " ".join(unicodedata.normalize("NFC", cells[index]).split()) if index < len(cells) else ""
    if len(text) > FIELD_LIMIT:
        raise _LineRefused("FIELD_TOO_LONG", f"{text[:40]}…")
    return text


def _split_name(name: str) -> tuple[str, str]:
    """Take `DE LA FONTAINE-PETIT Jean Paul` apart: the family name is in capitals."""
    words = name.split()
    capitals = next((i for i, word in enumerate(words) if word != word.upper()), len(words))
    if capitals == len(words) == 2:
        return words[0], words[1]
    if capitals in (0, len(words)) and words:
        raise _LineRefused("NAME_UNCLEAR", name)
    return " ".join(words[:capitals]), " ".join(words[capitals:])


def _birth_date(text: str) -> date | None:
    if not text:
        return None
    try:
        born = _date(text)
    except ValueError as error:
        raise _LineRefused("BIRTH_DATE_INVALID", text) from error
    if born < OLDEST:
        raise _LineRefused("BIRTH_DATE_INVALID", text)
    return born


def _date(text: str) -> date:
    found = _DATE.fullmatch(text)
    if not found:
        return date.fromisoformat(text)
    return date(int(found["year"]), int(found["month"]), int(found["day"]))


def _email(text: str) -> str:
    if text and not _EMAIL.fullmatch(text):
        raise _LineRefused("EMAIL_INVALID", text)
    return text
