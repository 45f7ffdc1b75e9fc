"""Invent students with the names that rosters stumble over, and write rosters as offices send them."""

import csv
import io
import random
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

FAMILIES = (
    "LEFÈVRE", "Nguyen-Dupont", "de La Rochette", "D'ALMEIDA", "MÜLLER", "García López", "O'Brien", "Le Goff",
    "BENCHEIKH", "Traoré", "Çelik", "SØRENSEN", "Dubois", "MARTIN", "Van den Broeck", "Peña", "Ångström",
    "ROUSSEAU-LEGRAND", "Hélias", "Cœurdoux", "Weiß", "Fernandes", "Guérin", "ROY", "Kowalczyk", "Ait Ouali",
    "Saint-Exupère", "LÊ", "Bouchard", "Da Silva", "Moreau", "NÚÑEZ", "Brâncoveanu", "Lévêque", "Haddad",
)  # fmt: skip
GIVEN = (
    "Chloé", "Jean-Baptiste", "Noé", "Inès", "Maëlle", "Zoë", "Anaïs", "Léa", "Théo", "Aïcha", "Marie-Hélène",
    "François", "Loïc", "Élodie", "Mohamed", "Björn", "Sofía", "Giulia", "Océane", "Raphaël", "Lou", "Ève",
    "Côme", "Gaëtan", "Yasmine", "Clémence", "Jürgen", "Apolline", "Nils", "Thaïs", "Augustin", "Solène",
)  # fmt: skip
CLASSES = ("TG1", "TG2", "TG3", "TSTMG1")
OPTIONS = ("Maths – Physique", "Maths – SES", "HGGSP – LLCE", "NSI – Maths")


@dataclass(frozen=True)
class Student:
    """One invented student."""

    family: str
    given: str
    born: date
    email: str
    group: str
    option: str

    @property
    def written(self) -> tuple[str, str, str]:
        """Return what stands in the cells of a form: family name, given name, birth date."""
        return self.family.upper(), self.given.upper(), f"{self.born:%d%m%Y}"


def roster(count: int, seed: int = 1) -> list[Student]:
    """Invent that many students; every fortieth shares both names with the one before."""
    rng = random.Random(f"roster {seed}")
    names = [(family, given) for family in FAMILIES for given in GIVEN]
    rng.shuffle(names)
    students = [_student(*names[index % len(names)], index, rng) for index in range(count)]
    for index in range(39, count, 40):
        twin = students[index - 1]
        students[index] = _student(twin.family, twin.given, index, rng)
    return students


def _student(family: str, given: str, index: int, rng: random.Random) -> Student:
    born = date(2008, 1, 1) + timedelta(days=rng.randrange(366))
    address = f"{_ascii(given)}.{_ascii(family)}.{index + 1}@lycee.example"
    return Student(family, given, born, address, rng.choice(CLASSES), rng.choice(OPTIONS))


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("ø", "o").replace("Ø", "O"))
    return "".join(letter for letter in plain.lower() if letter.isascii() and letter.isalnum())


class Layout(Enum):
    """Column headers, as different school programs export them."""

    SCHOOL = ("Élèves", "Né(e) le", "Adresse E-mail", "Classe", "EDS", "Groupe")
    SHORT = ("Nom", "Prénom", "Date de naissance", "E-mail", "Classe")
    SHOUTED = ("CLASSE ", "PRENOM", "NOM", "NE(E) LE", "ADRESSE E-MAIL ", "GROUPE", "EDS")


def csv_bytes(
    students: list[Student],
    *,
    layout: Layout = Layout.SCHOOL,
    delimiter: str = ";",
    encoding: str = "utf-8-sig",
) -> bytes:
    """Write a roster; encoding is utf-8, utf-8-sig (with BOM) or cp1252."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    rows.writerow(layout.value)
    rows.writerows([_cell(student, header) for header in layout.value] for student in students)
    return text.getvalue().encode(encoding)


def _cell(student: Student, header: str) -> str:
    birth = f"{student.born:%d/%m/%Y}"
    cells = {
        "eleves": f"{student.family.upper()} {student.given}",
        "nom": student.family,
        "prenom": student.given,
    }
    cells |= dict.fromkeys(("ne(e) le", "date de naissance"), birth)
    cells |= dict.fromkeys(("e-mail", "adresse e-mail"), student.email)
    cells |= {"classe": student.group, "eds": student.option, "groupe": f"{student.group}-A"}
    return cells[_plain(header)]


def _plain(header: str) -> str:
    letters = unicodedata.normalize("NFKD", header.strip().lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
